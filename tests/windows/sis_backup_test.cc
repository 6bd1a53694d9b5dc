#include "tapir/windows/sis_backup.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "bytes/cursor.h"
#include "tapir/windows/reparse_data.h"
#include "tests/support/status_matchers.h"
#include "tests/support/windows_samples.h"

namespace tapir {
namespace {

using test::HasCode;
using test::SampleSisReparse;
using test::Value;

using Paths = std::vector<std::string>;

constexpr uint64_t kFirstReference = 0x0001000000000040;

std::string StorePath(const std::string& name) { return "SIS Common Store/" + name; }
std::string StorePath(uint8_t number) {
  return StorePath(GuidText(test::SampleGuid(number)) + ".sis");
}

SisLinkFile LinkTo(uint8_t number, uint64_t reference = 0) {
  return {.path = "link " + std::to_string(number), .reparse = SampleSisReparse(number, reference)};
}

// Store files 1 and 2, one internal file.
SisVolume TwoStoreFiles() {
  SisVolume volume;
  volume.store_root = "SIS Common Store";
  volume.store_files = {{StorePath(1), {kFirstReference}},
                        {StorePath(2), {kFirstReference + 1}},
                        {StorePath("MaxIndex"), {kFirstReference + 2}}};
  return volume;
}

// The place of a path in the volume a backup keeps.
size_t PlaceOf(const SisBackup& backup, const std::string& path) {
  size_t place = 0;
  while (backup.volume().store_files.at(place).path != path) ++place;
  return place;
}

TEST(SisPairs, ByReferenceOrElseByName) {
  SisVolume volume = TwoStoreFiles();
  volume.links = {LinkTo(1, kFirstReference),                 // both fit
                  LinkTo(2, kFirstReference + (1ULL << 48)),  // the sequence does not
                  LinkTo(1, kFirstReference + 1),             // refers to a file named otherwise
                  LinkTo(3, 0x0001000000009999),              // neither
                  LinkTo(3, kFirstReference + 2)};            // a name that is no GUID
  volume.links.push_back(
      {.path = "opaque", .reparse = Value(BuildReparse({.tag = kReparseTagSis}))});
  SisBackup backup(volume);
  const size_t first = PlaceOf(backup, StorePath(1));
  const size_t second = PlaceOf(backup, StorePath(2));
  const size_t index = PlaceOf(backup, StorePath("MaxIndex"));
  EXPECT_EQ(backup.pairs(), (std::vector<SisPair>{{SisPairedBy::kFileReference, first},
                                                  {SisPairedBy::kName, second},
                                                  {SisPairedBy::kName, first},
                                                  {SisPairedBy::kOrphan, {}},
                                                  {SisPairedBy::kFileReference, index},
                                                  {SisPairedBy::kOpaque, {}}}));
  EXPECT_EQ(backup.reference_counts()[first], 2U);
  EXPECT_EQ(backup.reference_counts()[index], 1U);
  EXPECT_EQ(backup.internal_files(), Paths{});
  EXPECT_TRUE(backup.has_unpaired());
}

TEST(SisPairs, AReferenceThatFitsAFileOfAnotherNameAlonePairsNothing) {
  SisVolume volume = TwoStoreFiles();
  volume.links = {LinkTo(3, kFirstReference)};
  EXPECT_EQ(SisBackup(volume).pairs()[0].by, SisPairedBy::kOrphan);
}

TEST(SisPairs, NamesInAnySpellingAndTwiceOne) {
  SisVolume volume = TwoStoreFiles();
  volume.store_files = {{StorePath("{11121314-0000-0000-0000-000000000000}.SIS"), {}},
                        {StorePath("sub/11121314-0000-0000-0000-000000000000.sis"), {}},
                        {"elsewhere/11121314-0000-0000-0000-000000000000.sis", {}},
                        {"SIS Common Store", {}}};
  std::string reparse = SampleSisReparse(1);
  reparse.replace(16, 16, std::string("\x14\x13\x12\x11", 4) + std::string(12, '\0'));
  volume.links = {{.path = "l", .reparse = reparse}};
  SisBackup backup(volume);
  EXPECT_EQ(backup.volume().store_files.size(), 2U);
  EXPECT_EQ(backup.pairs()[0].by, SisPairedBy::kName);
  EXPECT_EQ(backup.ambiguous_files(), Paths{volume.store_files[0].path})
      << "the later one in the order of paths";
}

TEST(SisBackup, FirstLinkNamesTheFileLaterOnesTheFirst) {
  SisVolume volume = TwoStoreFiles();
  volume.links = {LinkTo(1), LinkTo(1), LinkTo(2)};
  SisBackup backup(volume);
  EXPECT_EQ(backup.internal_files(), Paths{StorePath("MaxIndex")});
  EXPECT_EQ(backup.unreferenced_files(), Paths{});
  const std::string to_first = SampleSisReparse(1);
  const std::string to_second = SampleSisReparse(2);
  const SisFilesForLink a = Value(backup.FilesForLink(AsBytes(to_first), 100));
  EXPECT_EQ(a.to_store, Paths{StorePath(1)});
  EXPECT_EQ(a.first_link, std::nullopt);
  EXPECT_EQ(a.needed, Paths{StorePath(1)});
  EXPECT_EQ(a.by, SisPairedBy::kName);
  const SisFilesForLink b = Value(backup.FilesForLink(AsBytes(to_first), 101));
  EXPECT_EQ(b.to_store, Paths{});
  EXPECT_EQ(b.first_link, 100U);
  EXPECT_EQ(b.needed, Paths{StorePath(1)});
  const SisFilesForLink c = Value(backup.FilesForLink(AsBytes(to_second), 102));
  EXPECT_EQ(c.to_store, Paths{StorePath(2)});
  EXPECT_EQ(Value(backup.FilesForLink(AsBytes(to_first), 103)).first_link, 100U);
  EXPECT_EQ(backup.Free(), Paths{});
  EXPECT_THAT(backup.FilesForLink(AsBytes(to_first), 104), HasCode(StatusCode::kInvalidArgument));
}

TEST(SisBackup, UnreferencedFilesAreLeftOutWhileEveryLinkIsPaired) {
  SisVolume volume = TwoStoreFiles();
  volume.links = {LinkTo(1)};
  SisBackup backup(volume);
  EXPECT_EQ(backup.unreferenced_files(), Paths{StorePath(2)});
  EXPECT_FALSE(backup.has_unpaired());
  EXPECT_EQ(backup.Free(), Paths{});
}

TEST(SisBackup, AnUnpairedLinkBringsTheWholeStore) {
  SisVolume volume = TwoStoreFiles();
  volume.links = {LinkTo(1), LinkTo(3)};
  SisBackup backup(volume);
  const std::string to_first = SampleSisReparse(1);
  const std::string to_third = SampleSisReparse(3);
  EXPECT_EQ(Value(backup.FilesForLink(AsBytes(to_first), 1)).to_store, Paths{StorePath(1)});
  EXPECT_THAT(backup.FilesForLink(AsBytes(to_third), 2), HasCode(StatusCode::kNotFound));
  EXPECT_EQ(backup.internal_files(), Paths{StorePath("MaxIndex")});
  EXPECT_EQ(backup.Free(), Paths{StorePath(2)});
  EXPECT_EQ(backup.Free(), Paths{}) << "said once";
}

TEST(SisBackup, ALinkThatTheWalkDidNotSeeCountsToo) {
  SisBackup backup(TwoStoreFiles());
  EXPECT_FALSE(backup.has_unpaired());
  const std::string to_third = SampleSisReparse(3);
  EXPECT_THAT(backup.FilesForLink(AsBytes(to_third), 2), HasCode(StatusCode::kNotFound));
  EXPECT_TRUE(backup.has_unpaired());
  // It names an internal file, which is stored anyway.
  const std::string to_internal = SampleSisReparse(3, kFirstReference + 2);
  const SisFilesForLink files = Value(backup.FilesForLink(AsBytes(to_internal), 3));
  EXPECT_EQ(files.to_store, Paths{});
  EXPECT_EQ(files.first_link, std::nullopt);
  EXPECT_EQ(files.needed, Paths{StorePath("MaxIndex")});
  EXPECT_EQ(backup.Free(), (Paths{StorePath(1), StorePath(2)}));
}

TEST(SisBackup, WhatCannotBeReadIsAnErrorOfItsLinks) {
  SisVolume volume = TwoStoreFiles();
  volume.links = {LinkTo(1), LinkTo(2)};
  SisBackup backup(volume);
  const std::string to_first = SampleSisReparse(1);
  EXPECT_THAT(backup.CannotStore(StorePath(1)), HasCode(StatusCode::kInvalidArgument));
  EXPECT_EQ(Value(backup.FilesForLink(AsBytes(to_first), 7)).to_store, Paths{StorePath(1)});
  EXPECT_EQ(Value(backup.FilesForLink(AsBytes(to_first), 8)).first_link, 7U);
  EXPECT_EQ(Value(backup.CannotStore(StorePath(1))), (std::vector<uint64_t>{7, 8}));
  EXPECT_THAT(backup.FilesForLink(AsBytes(to_first), 9), HasCode(StatusCode::kCorrupt));
  EXPECT_THAT(backup.CannotStore(StorePath(2)), HasCode(StatusCode::kInvalidArgument));
}

TEST(SisBackup, TakesLinksOnly) {
  SisBackup backup(TwoStoreFiles());
  const std::string other = Value(BuildReparse({.tag = kReparseTagSymlink}));
  EXPECT_THAT(backup.FilesForLink(AsBytes(other), 1), HasCode(StatusCode::kInvalidArgument));
  EXPECT_THAT(backup.FilesForLink({}, 1), HasCode(StatusCode::kInvalidArgument));
  EXPECT_FALSE(backup.has_unpaired());
}

TEST(SisBackup, KnowsWhatLiesInTheStore) {
  const SisBackup backup(TwoStoreFiles());
  EXPECT_TRUE(backup.IsInStore("SIS Common Store"));
  EXPECT_TRUE(backup.IsInStore("SIS Common Store/x/y"));
  EXPECT_FALSE(backup.IsInStore("SIS Common Store 2"));
  EXPECT_FALSE(backup.IsInStore("x/SIS Common Store/y"));
}

}  // namespace
}  // namespace tapir
