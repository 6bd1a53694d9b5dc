#include "tapir/ntfs/ntfs_target.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <fstream>
#include <memory>
#include <string>

#include "tapir/ntfs/ntfs_source.h"
#include "tests/ntfs/ntfs_fixture.h"
#include "tests/support/ntfs_dump.h"
#include "tests/support/ntfs_image.h"
#include "tests/support/ntfs_sample_volume.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_bytes.h"

namespace tapir::test {
namespace {

constexpr uint64_t kSmallBytes = uint64_t{8} << 20;

class NtfsTargetTest : public NtfsTest {
 protected:
  std::unique_ptr<NtfsTarget> OpenTarget(const std::string& image, bool overwrite = false) {
    NtfsTargetOptions options;
    options.address.image = At(image);
    options.overwrite = overwrite;
    options.reporter = &reporter_;
    return Value(NtfsTarget::Open(options));
  }

  static std::string Shown(const NtfsDump& dump, const std::string& path,
                           const std::string& field) {
    const auto object = dump.find(path);
    if (object == dump.end()) return "(nothing there)";
    const auto value = object->second.find(field);
    return value == object->second.end() ? "(no such field)" : value->second;
  }
  static std::string ContentsField() { return "stream::contents"; }

  // Archives a volume made by `fill`.
  template <typename Fill>
  NtfsDump ArchiveMade(const Fill& fill) {
    NtfsImage::Make(At("from"), kSmallBytes);
    {
      NtfsImage image(At("from"));
      fill(image);
    }
    ArchiveImage(At("from"), At("volume"));
    return DumpNtfs(At("from"));
  }
};

void MakeTwoFiles(NtfsImage& image) {
  image.MakeDirectory(u"d");
  image.SetAttributesAndTimes(u"d", 0x2, 132'000'000'000'000'000);
  image.MakeFile(u"d/file with a short name", "new contents");
  image.ShortName(u"d/file with a short name", "FILEWI~1");
  image.AddStream(u"d/file with a short name",
                  {.name = u"s", .ranges = {{0, "stream"}}, .size = {}, .valid = {}});
}

void MakeOlder(const std::string& file) {
  NtfsImage::Make(file, kSmallBytes);
  NtfsImage image(file);
  image.MakeDirectory(u"d");
  image.MakeFile(u"d/file with a short name", "old");
  image.AddStream(u"d/file with a short name",
                  {.name = u"old", .ranges = {{0, "old"}}, .size = {}, .valid = {}});
  image.ShortName(u"d/file with a short name", "OLDSHO~1");
  image.Link(u"d/file with a short name", u"d/other name of it");
}

TEST_F(NtfsTargetTest, WhatIsInTheWayIsKept) {
  ArchiveMade(MakeTwoFiles);
  MakeOlder(At("to"));
  const NtfsDump before = DumpNtfs(At("to"));
  EXPECT_EQ(RestoreImage(At("volume"), At("to")).kept, 1u);
  for (const std::string& difference : DifferencesOf(before, DumpNtfs(At("to")))) {
    ADD_FAILURE() << difference;
  }
  EXPECT_TRUE(WasTold("d/file with a short name", "is there")) << Notices();
}

TEST_F(NtfsTargetTest, AFileIsReplacedAndItsOtherNamesKeepTheOldOne) {
  const NtfsDump wanted = ArchiveMade(MakeTwoFiles);
  MakeOlder(At("to"));
  const NtfsDump before = DumpNtfs(At("to"));
  EXPECT_EQ(RestoreImage(At("volume"), At("to"), 0, true).kept, 0u);
  EXPECT_EQ(Notices(), "");
  const NtfsDump after = DumpNtfs(At("to"));
  EXPECT_EQ(after.at("d/file with a short name"), wanted.at("d/file with a short name"));
  EXPECT_EQ(after.at("d"), wanted.at("d"));
  EXPECT_EQ(Shown(after, "d/other name of it", ContentsField()),
            Shown(before, "d/file with a short name", ContentsField()));
  EXPECT_EQ(Shown(after, "d/other name of it", "names"), "0:d/other name of it\n");
  ExpectSound(At("to"));
}

TEST_F(NtfsTargetTest, AFullVolumeIsNamedAndStaysWhole) {
  MakeSampleVolume(At("from"), 4096);
  ArchiveImage(At("from"), At("volume"));
  NtfsImage::Make(At("to"), uint64_t{4} << 20);
  EXPECT_EQ(TryRestore(At("volume"), At("to")).status().sys_errno(), ENOSPC);
  size_t named = 0;
  for (const auto& notice : reporter_.notices()) {
    const bool is_full = notice.text.find("No space left") != std::string::npos;
    if (notice.kind == NoticeKind::kFailure && is_full && !notice.subject.empty()) ++named;
  }
  EXPECT_GE(named, 1u) << Notices();
  ExpectSound(At("to"));
  EXPECT_GT(DumpNtfs(At("to")).size(), 1u);
}

TEST_F(NtfsTargetTest, HolesOfCiphertextThatAreNoClustersThereAreRefused) {
  NtfsImage::Make(At("from"), kSmallBytes, 512);
  {
    NtfsImage image(At("from"));
    const auto add = [&](const std::u16string& path, uint64_t hole_end) {
      image.MakeFile(path);
      image.AddStream(path,
                      {.name = {},
                       .ranges = {{0, RandomBytes(4096, 1)}, {hole_end, RandomBytes(4096, 2)}},
                       .size = {},
                       .holes = true,
                       .valid = {}});
      image.EncryptStream(path, u"", hole_end + 4096, hole_end + 4096);
      image.AddEfs(path, BareEfsMetadata(700));
    };
    add(u"fits", 8192);
    add(u"does not fit", 8704);
  }
  ArchiveImage(At("from"), At("volume"));
  const NtfsDump wanted = DumpNtfs(At("from"));
  NtfsImage::Make(At("to"), kSmallBytes);
  EXPECT_EQ(RestoreImage(At("volume"), At("to")).refused, 1u) << Notices();
  EXPECT_TRUE(WasTold("does not fit", "holes that do not fit clusters of 4096 bytes")) << Notices();
  const NtfsDump got = DumpNtfs(At("to"));
  EXPECT_FALSE(got.contains("does not fit"));
  EXPECT_EQ(Shown(got, "fits", "stream::raw"), Shown(wanted, "fits", "stream::raw"));
}

TEST_F(NtfsTargetTest, NamesThatDifferOnlyInCaseAreToldOf) {
  const NtfsDump wanted = ArchiveMade([](NtfsImage& image) {
    image.MakeFile(u"Name", "one");
    image.MakeFile(u"nAME", "two");
    image.MakeDirectory(u"NAMe");
  });
  NtfsImage::Make(At("to"), kSmallBytes);
  EXPECT_EQ(RestoreImage(At("volume"), At("to")).failed, 0u);
  EXPECT_EQ(reporter_.notices().size(), 2u) << Notices();
  EXPECT_TRUE(WasTold("nAME", "only in case")) << Notices();
  // It was so where they come from.
  EXPECT_EQ(reporter_.notices().front().kind, NoticeKind::kNote);
  const NtfsDump got = DumpNtfs(At("to"));
  EXPECT_EQ(got.at("Name"), wanted.at("Name"));
  EXPECT_EQ(got.at("nAME"), wanted.at("nAME"));
}

TEST_F(NtfsTargetTest, OnlyALaterNameOfALinkIsChosen) {
  const std::string contents = TextBytes(5000, 1);
  const NtfsDump wanted = ArchiveMade([&](NtfsImage& image) {
    image.MakeFile(u"b with a short name", contents);
    image.ShortName(u"b with a short name", "BWITHA~1");
    image.Link(u"b with a short name", u"a");
  });
  NtfsImage::Make(At("to"), kSmallBytes);
  const RestoreReport report =
      RestoreImage(At("volume"), At("to"), 0, false, {"b with a short name"});
  EXPECT_EQ(report.failed, 0u);
  EXPECT_EQ(Notices(), "");
  const NtfsDump got = DumpNtfs(At("to"));
  EXPECT_EQ(Shown(got, "b with a short name", ContentsField()),
            Shown(wanted, "a", ContentsField()));
  EXPECT_EQ(Shown(got, "a", "names"), "(nothing there)");
  EXPECT_EQ(Shown(got, "b with a short name", "names"), "1:./b with a short name\n2:./BWITHA~1\n");
  ExpectNoDifference(At("volume"), At("to"), {"b with a short name"});
  ExpectSound(At("to"));
}

TEST_F(NtfsTargetTest, ALaterNameThatIsKeptGetsNoShortOne) {
  ArchiveMade([&](NtfsImage& image) {
    image.MakeFile(u"b with a short name", "x");
    image.ShortName(u"b with a short name", "BWITHA~1");
    image.Link(u"b with a short name", u"a");
  });
  NtfsImage::Make(At("to"), kSmallBytes);
  NtfsImage(At("to")).MakeFile(u"b with a short name", "in the way");
  EXPECT_EQ(RestoreImage(At("volume"), At("to"), 0, false, {"b with a short name"}).kept, 1u);
  EXPECT_EQ(Shown(DumpNtfs(At("to")), "b with a short name", "names"), "0:./b with a short name\n");
}

TEST_F(NtfsTargetTest, ALaterNameDoesNotInheritTheShortOneOfTheFirst) {
  ArchiveMade([&](NtfsImage& image) {
    image.MakeFile(u"a with a short name", "x");
    image.ShortName(u"a with a short name", "AWITHA~1");
    image.Link(u"a with a short name", u"b without one");
  });
  NtfsImage::Make(At("to"), kSmallBytes);
  RestoreImage(At("volume"), At("to"), 0, false, {"b without one"});
  EXPECT_EQ(Notices(), "");
  EXPECT_EQ(Shown(DumpNtfs(At("to")), "b without one", "names"), "0:./b without one\n");
}

TEST_F(NtfsTargetTest, NamesOfOtherSystemsThatNtfsCannotHold) {
  NtfsImage::Make(At("to"), kSmallBytes);
  const auto target = OpenTarget("to");
  Metadata metadata;
  metadata.path = "bad-\xff";
  EXPECT_THAT(target->MakeFile(metadata, {}), HasCode(StatusCode::kUnsupported));
  metadata.path = std::string(256, 'x');
  EXPECT_THAT(target->MakeFile(metadata, {}), HasCode(StatusCode::kUnsupported));
  metadata.path = "fine";
  EXPECT_THAT(target->MakeFile(metadata, {}), IsOk());
  metadata.path = "link";
  metadata.type = ObjectType::kSymlink;
  metadata.link_target = "fine";
  EXPECT_THAT(target->MakeNode(metadata), HasCode(StatusCode::kUnsupported));
  EXPECT_THAT(target->Finish(), IsOk());
  EXPECT_EQ(DumpNtfs(At("to")).size(), 2u);
}

TEST_F(NtfsTargetTest, WhatTheVolumeRefusesIsNamed) {
  NtfsImage::Make(At("to"), kSmallBytes);
  const auto target = OpenTarget("to");
  const auto make = [&](const std::string& path, NtfsMetadata ntfs) {
    Metadata metadata;
    metadata.path = path;
    metadata.ntfs = std::make_shared<const NtfsMetadata>(std::move(ntfs));
    EXPECT_THAT(target->MakeFile(metadata, {}), IsOk()) << path;
  };
  NtfsMetadata ntfs;
  ntfs.object_id = RandomBytes(16, 1);
  make("first id", ntfs);
  make("second id", ntfs);
  ntfs = {};
  ntfs.efs_metadata = BareEfsMetadata(100'000);
  make("efs", ntfs);
  ntfs = {};
  ntfs.extended_attributes = "no list";
  make("ea", ntfs);
  ntfs = {};
  ntfs.reparse_data = "short";
  make("reparse", ntfs);
  ntfs = {};
  ntfs.security_descriptor = "none";
  make("security", ntfs);
  ntfs = {};
  ntfs.short_name = "NOT A SHORT NAME";
  make("name", ntfs);
  EXPECT_TRUE(WasTold("second id", "not kept: its object id")) << Notices();
  EXPECT_TRUE(WasTold("efs", "not kept: its encryption metadata")) << Notices();
  EXPECT_TRUE(WasTold("ea", "not kept: its extended attributes")) << Notices();
  EXPECT_TRUE(WasTold("reparse", "not kept: its reparse data")) << Notices();
  EXPECT_TRUE(WasTold("security", "not kept: its security descriptor")) << Notices();
  EXPECT_TRUE(WasTold("name", "not kept: its short name")) << Notices();
  EXPECT_EQ(reporter_.notices().size(), 6u) << Notices();
  EXPECT_THAT(target->Finish(), IsOk());
  EXPECT_EQ(DumpNtfs(At("to")).size(), 8u);
  ExpectSound(At("to"));
}

TEST_F(NtfsTargetTest, OneWriterAtATime) {
  NtfsImage::Make(At("to"), kSmallBytes);
  const auto target = OpenTarget("to");
  NtfsTargetOptions options;
  options.address.image = At("to");
  options.reporter = &reporter_;
  EXPECT_THAT(NtfsTarget::Open(options), HasCode(StatusCode::kBusy));
  NtfsSourceOptions reading;
  reading.address.image = At("to");
  reading.reporter = &reporter_;
  EXPECT_THAT(NtfsSource::Open(reading), HasCode(StatusCode::kBusy));
  EXPECT_THAT(target->Finish(), IsOk());
}

TEST_F(NtfsTargetTest, WhatIsNoVolumeIsRefused) {
  std::ofstream(At("text")) << "nothing of the kind";
  std::ofstream(At("empty"));
  NtfsTargetOptions options;
  options.reporter = &reporter_;
  for (const char* name : {"text", "empty"}) {
    options.address.image = At(name);
    EXPECT_THAT(NtfsTarget::Open(options), HasCode(StatusCode::kInvalidArgument)) << name;
  }
  options.address.image = At("missing");
  EXPECT_EQ(StatusOf(NtfsTarget::Open(options)).sys_errno(), ENOENT);
  options.address.image = At("text");
  options.make_bytes = kSmallBytes;
  EXPECT_THAT(NtfsTarget::Open(options), HasCode(StatusCode::kExists));
  options.address.image = At("too small");
  options.make_bytes = 4096;
  EXPECT_THAT(NtfsTarget::Open(options), HasCode(StatusCode::kInvalidArgument));
  EXPECT_FALSE(std::ifstream(At("too small")).good());
}

TEST_F(NtfsTargetTest, AFileThatIsGivenUpLeavesNothing) {
  MakeOlder(At("to"));
  const NtfsDump before = DumpNtfs(At("to"));
  const auto target = OpenTarget("to", true);
  for (const char* path : {"new", "d/file with a short name"}) {
    Metadata metadata;
    metadata.path = path;
    const auto file = Value(target->OpenFile(metadata));
    const std::string bytes = RandomBytes(100'000, 1);
    Check(file->WriteAt(0, std::as_bytes(std::span(bytes))));
  }
  EXPECT_THAT(target->Finish(), IsOk());
  const Tolerated times = [](const std::string&, const std::string& field) {
    return field == "modification_time" || field == "change_time" || field == "access_time";
  };
  for (const std::string& difference : DifferencesOf(before, DumpNtfs(At("to")), times)) {
    ADD_FAILURE() << difference;
  }
  ExpectSound(At("to"));
}

}  // namespace
}  // namespace tapir::test
