#include <gtest/gtest.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "bytes/cursor.h"
#include "object/foreign_form.h"
#include "tapir/jobs/export_job.h"
#include "tapir/ntfs/ntfs_target.h"
#include "tapir/source/foreign_files.h"
#include "tests/ntfs/ntfs_fixture.h"
#include "tests/support/efs_samples.h"
#include "tests/support/ntfs_dump.h"
#include "tests/support/ntfs_image.h"
#include "tests/support/ntfs_sample_volume.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_bytes.h"

namespace tapir::test {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t kImportBytes = uint64_t{16} << 20;

std::string BytesOf(const fs::path& path) {
  EXPECT_TRUE(fs::exists(path)) << path;
  return BytesOfFile(path);
}

class RawImportTest : public NtfsTest {
 protected:
  // Raw exports in one folder; the names of what they are of, by theirs.
  std::map<std::string, std::string> ExportAll(const std::string& volume,
                                               const std::string& folder) {
    ExportRequest request;
    request.volume = At(volume);
    request.form = ExportForm::kEfsRaw;
    request.directory = At(folder + ".tree");
    request.reporter = &reporter_;
    EXPECT_GT(Value(ExportObjects(request)).exported, 0u);
    fs::create_directory(At(folder));
    std::map<std::string, std::string> names;
    for (const auto& entry : fs::recursive_directory_iterator(request.directory)) {
      if (!entry.is_regular_file()) continue;
      std::string path = fs::relative(entry.path(), request.directory);
      path.resize(path.size() - std::string(".efsraw").size());
      std::string flat = path;
      std::ranges::replace(flat, '/', '+');
      fs::copy_file(entry.path(), At(folder + "/" + flat));
      names[flat] = path;
    }
    return names;
  }

  void WriteExport(const std::string& name, const std::string& bytes) {
    fs::create_directory(At("exports"));
    std::ofstream(At("exports/" + name), std::ios::binary) << bytes;
  }

  ArchiveReport ArchiveExports(const std::string& folder, const std::string& volume) {
    std::vector<ForeignFile> files;
    for (const auto& entry : fs::directory_iterator(At(folder))) {
      files.push_back({ForeignForm::kEfsRaw, entry.path().filename()});
    }
    ArchiveRequest request;
    request.volume = At(volume);
    request.source.reporter = request.session.reporter = &reporter_;
    request.further_sources = {Value(
        OpenForeignFiles({.base_directory = At(folder), .files = files, .reporter = &reporter_}))};
    return Value(Archive(request));
  }

  // What the volume has of the object that an encrypted file has whoever made it.
  static std::map<std::string, std::string> EncryptedFields(const NtfsDump& dump,
                                                            const std::string& path) {
    std::map<std::string, std::string> fields;
    const auto found = dump.find(path);
    if (found == dump.end()) return fields;
    for (const auto& [field, value] : found->second) {
      const bool counts = field == "efs" || field == "index_flags" || field.starts_with("stream:");
      if (counts) fields.insert({field, value});
    }
    constexpr uint32_t kEncryptedOrSparse = 0x4200;
    fields["attributes"] =
        std::to_string(std::stoul(found->second.at("attributes")) & kEncryptedOrSparse);
    return fields;
  }

  std::unique_ptr<NtfsTarget> OpenTarget(const std::string& image) {
    NtfsTargetOptions options;
    options.address.image = At(image);
    options.reporter = &reporter_;
    return Value(NtfsTarget::Open(options));
  }
};

class RawImportTripTest : public RawImportTest, public testing::WithParamInterface<uint32_t> {};

TEST_P(RawImportTripTest, ExportsBecomeTheFilesTheyAreOf) {
  MakeSampleVolume(At("first"), GetParam());
  ArchiveImage(At("first"), At("v1"));
  const std::map<std::string, std::string> names = ExportAll("v1", "exports");
  ASSERT_EQ(names.size(), 13u);
  ArchiveExports("exports", "v2");
  reporter_.Clear();
  NtfsImage::Make(At("second"), kImportBytes, GetParam());
  const RestoreReport report = RestoreImage(At("v2"), At("second"));
  EXPECT_EQ(report.restored, names.size());
  ExpectNothingLost(report);
  ExpectSound(At("second"));
  const NtfsDump wanted = DumpNtfs(At("first"));
  const NtfsDump got = DumpNtfs(At("second"));
  EXPECT_EQ(got.size(), names.size() + 1);
  for (const auto& [flat, path] : names) {
    EXPECT_EQ(EncryptedFields(got, flat), EncryptedFields(wanted, path)) << flat;
    EXPECT_EQ(got.at(flat).at("stale"), "") << flat;
  }
  ExpectNoDifference(At("v2"), At("second"));

  ArchiveImage(At("second"), At("v3"));
  EXPECT_EQ(ExportAll("v3", "again").size(), names.size());
  for (const auto& [flat, path] : names) {
    EXPECT_EQ(BytesOf(At("again/" + flat)), BytesOf(At("exports/" + flat))) << flat;
  }
}

INSTANTIATE_TEST_SUITE_P(ClusterBytes, RawImportTripTest, testing::Values(512u, 4096u, 65536u));

TEST_F(RawImportTest, EqualExportsAreOneFileEach) {
  const std::string bytes = ExportOf(KeyListMetadata(2, true), {SolidStream("", 300'000)});
  WriteExport("one", bytes);
  WriteExport("two", bytes);
  ArchiveExports("exports", "volume");
  NtfsImage::Make(At("to"), kImportBytes);
  ExpectNothingLost(RestoreImage(At("volume"), At("to")));
  const NtfsDump got = DumpNtfs(At("to"));
  EXPECT_NE(EncryptedFields(got, "one").at("stream::raw"), "");
  EXPECT_EQ(EncryptedFields(got, "one"), EncryptedFields(got, "two"));
  ExpectNoDifference(At("volume"), At("to"));
}

TEST_F(RawImportTest, AnExportOfADirectoryBecomesOneWithItsStreams) {
  WriteExport("bare", ExportOf(KeyListMetadata(2, false), {}));
  WriteExport("streams", ExportOf(KeyListMetadata(2, false), {SolidStream("named", 5000)}));
  ArchiveExports("exports", "volume");
  NtfsImage::Make(At("to"), kImportBytes);
  ExpectNothingLost(RestoreImage(At("volume"), At("to")));
  const NtfsDump got = DumpNtfs(At("to"));
  for (const char* path : {"bare", "streams"}) {
    EXPECT_TRUE(got.at(path).contains("index_flags")) << path;
    EXPECT_EQ(EncryptedFields(got, path).at("attributes"), std::to_string(0x4000)) << path;
  }
  EXPECT_EQ(got.at("streams").at("stream:named:size"), "5000");
  ExpectNoDifference(At("volume"), At("to"));
  ExpectSound(At("to"));
}

TEST_F(RawImportTest, WhatTheVolumeCannotHoldIsRefusedByName) {
  RawEncryptedStream small_holes = SolidStream("", 20'000);
  small_holes.sparse = true;
  small_holes.extents = {{0, 512}, {8192, 4096}};
  WriteExport("holes", ExportOf(KeyListMetadata(2, true), {small_holes}));
  RawEncryptedStream hole_at_end = SolidStream("", 20'000);
  hole_at_end.sparse = true;
  hole_at_end.extents = {{0, 4608}};
  WriteExport("hole at end", ExportOf(KeyListMetadata(2, true), {hole_at_end}));
  RawEncryptedStream late_data = SolidStream("", 20'000);
  late_data.sparse = true;
  late_data.extents = {{0, 4096}, {8704, 512}};
  WriteExport("late data", ExportOf(KeyListMetadata(2, true), {late_data}));
  WriteExport("twice", ExportOf(KeyListMetadata(2, true),
                                {SolidStream("", 10), SolidStream("a", 5), SolidStream("a", 6)}));
  WriteExport("order",
              ExportOf(KeyListMetadata(2, true), {SolidStream("named", 10), SolidStream("", 10)}));
  // mkntfs allows $EFS no more than 64 KiB.
  WriteExport("efs", ExportOf(BareEfsMetadata(100'000), {SolidStream("", 10)}));
  WriteExport("right", ExportOf(KeyListMetadata(2, true), {SolidStream("", 10)}));
  ArchiveExports("exports", "volume");
  reporter_.Clear();
  NtfsImage::Make(At("to"), kImportBytes);
  const RestoreReport report = RestoreImage(At("volume"), At("to"));
  EXPECT_EQ(report.refused, 6u) << Notices();
  EXPECT_EQ(report.restored, 1u);
  EXPECT_EQ(report.failed + report.damaged + report.kept, 0u);
  EXPECT_TRUE(WasTold("holes", "holes that do not fit clusters of 4096 bytes")) << Notices();
  EXPECT_TRUE(WasTold("hole at end", "holes that do not fit clusters")) << Notices();
  EXPECT_TRUE(WasTold("late data", "holes that do not fit clusters")) << Notices();
  EXPECT_TRUE(WasTold("twice", "two streams 'a'")) << Notices();
  EXPECT_TRUE(WasTold("order", "behind another stream")) << Notices();
  EXPECT_TRUE(WasTold("efs", "$EFS of 100000 bytes")) << Notices();
  const NtfsDump got = DumpNtfs(At("to"));
  EXPECT_EQ(got.size(), 2u);
  EXPECT_TRUE(got.contains("right"));
  ExpectSound(At("to"));

  // The same holes on a volume whose clusters they are.
  NtfsImage::Make(At("fine"), kImportBytes, 512);
  const RestoreReport fine =
      RestoreImage(At("volume"), At("fine"), 0, false, {"holes", "hole at end"});
  EXPECT_EQ(fine.restored, 2u) << Notices();
  EXPECT_EQ(DumpNtfs(At("fine")).at("holes").at("stream::map"), "0-512 8192-12288");
}

// Windows may have stored more than is valid; it counts if a later segment says so.
TEST_F(RawImportTest, BytesBehindTheValidDataMakeNoDifference) {
  const std::string metadata = KeyListMetadata(2, true);
  const size_t first = 66 + metadata.size() + 44;
  const size_t second = first + 0x10200;
  constexpr size_t kBytesInValidData = 32;
  std::string shorter = ExportOf(metadata, {SolidStream("", 70'000)});
  StoreLe(reinterpret_cast<std::byte*>(&shorter[first + kBytesInValidData]), uint32_t{600});
  std::string resumed = shorter;
  StoreLe(reinterpret_cast<std::byte*>(&shorter[second + kBytesInValidData]), uint32_t{0});
  WriteExport("shorter", shorter);
  WriteExport("resumed", resumed);
  ArchiveExports("exports", "volume");
  NtfsImage::Make(At("to"), kImportBytes);
  ExpectNothingLost(RestoreImage(At("volume"), At("to")));
  const NtfsDump got = DumpNtfs(At("to"));
  EXPECT_EQ(got.at("shorter").at("stream::valid"), "600");
  EXPECT_EQ(got.at("resumed").at("stream::valid"), "70000");
  EXPECT_EQ(got.at("shorter").at("stream::size"), "70000");
  ExpectNoDifference(At("volume"), At("to"));
}

TEST_F(RawImportTest, MalformedExportsLeaveNothing) {
  const std::string good = ExportOf(KeyListMetadata(2, true), {SolidStream("", 70'000)});
  NtfsImage::Make(At("to"), kImportBytes);
  const auto target = OpenTarget("to");
  Metadata metadata;
  metadata.path = "export";
  const auto import = [&](const std::string& bytes, uint64_t gap_at) {
    const auto file = Value(target->OpenFile(metadata));
    file->TakeRecords({MakeRawExportRecord()});
    const std::string_view all = bytes;
    Status status = file->WriteAt(0, AsBytes(all.substr(0, gap_at)));
    if (status.ok() && gap_at < all.size()) {
      status = file->WriteAt(gap_at + 1, AsBytes(all.substr(gap_at + 1)));
    }
    return status.ok() ? file->Commit(metadata, bytes.size()) : status;
  };
  for (const size_t size : {size_t{0}, size_t{19}, size_t{20}, size_t{300}, good.size() - 1}) {
    EXPECT_THAT(import(good.substr(0, size), size), HasCode(StatusCode::kUnsupported)) << size;
  }
  EXPECT_THAT(import("no export at all, but bytes", 100), HasCode(StatusCode::kUnsupported));
  EXPECT_THAT(import(good, 5000), HasCode(StatusCode::kUnsupported));
  {
    // The record came too late.
    const auto file = Value(target->OpenFile(metadata));
    Check(file->WriteAt(0, AsBytes(good)));
    Metadata told = metadata;
    told.opaque_records = {MakeRawExportRecord()};
    EXPECT_THAT(file->Commit(told, good.size()), HasCode(StatusCode::kUnsupported));
  }
  EXPECT_THAT(target->Finish(), IsOk());
  EXPECT_EQ(DumpNtfs(At("to")).size(), 1u);
  ExpectSound(At("to"));
}

TEST_F(RawImportTest, AFullVolumeHasNoPartOfIt) {
  WriteExport("large", ExportOf(KeyListMetadata(2, true), {SolidStream("", 8 << 20)}));
  ArchiveExports("exports", "volume");
  NtfsImage::Make(At("to"), uint64_t{4} << 20);
  EXPECT_EQ(TryRestore(At("volume"), At("to")).status().sys_errno(), ENOSPC);
  EXPECT_EQ(DumpNtfs(At("to")).size(), 1u);
  ExpectSound(At("to"));
}

TEST_F(RawImportTest, ComparisonNamesWhatDiffers) {
  WriteExport("a", ExportOf(KeyListMetadata(2, true), {SolidStream("", 9000)}));
  WriteExport("b", ExportOf(KeyListMetadata(2, true), {SolidStream("", 9000)}));
  WriteExport("c",
              ExportOf(KeyListMetadata(2, true), {SolidStream("", 9000), SolidStream("s", 9)}));
  WriteExport("d", ExportOf(KeyListMetadata(2, true), {}));
  ArchiveExports("exports", "volume");
  WriteExport("a", ExportOf(KeyListMetadata(3, true), {SolidStream("", 9000)}));
  WriteExport("b",
              ExportOf(KeyListMetadata(2, true), {SolidStream("", 9001), SolidStream("t", 1)}));
  RawEncryptedStream shorter = SolidStream("", 9000);
  shorter.valid_data_length = 600;
  WriteExport("c", ExportOf(KeyListMetadata(2, true), {shorter}));
  WriteExport("d", ExportOf(KeyListMetadata(2, true), {SolidStream("", 0)}));
  ArchiveExports("exports", "others");
  NtfsImage::Make(At("to"), kImportBytes);
  ExpectNothingLost(RestoreImage(At("others"), At("to")));
  std::map<std::string, std::string> told;
  for (const Difference& difference : DifferencesFrom(At("volume"), At("to"))) {
    if (difference.kind == DifferenceKind::kTimes) continue;
    told[difference.path] += std::string(DifferenceKindName(difference.kind)) + " ";
  }
  EXPECT_EQ(told["a"], "encryption ");
  EXPECT_EQ(told["b"], "size stream ");
  EXPECT_EQ(told["c"], "stream content stream ");
  EXPECT_EQ(told["d"], "type ");
}

}  // namespace
}  // namespace tapir::test
