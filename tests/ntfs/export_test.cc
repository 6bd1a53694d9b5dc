#include "tapir/jobs/export_job.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "bytes/cursor.h"
#include "tapir/jobs/encrypted_list_job.h"
#include "tapir/source/foreign_files.h"
#include "tapir/windows/backup_stream.h"
#include "tapir/windows/efs_raw.h"
#include "tests/ntfs/ntfs_fixture.h"
#include "tests/support/ntfs_sample_volume.h"
#include "tests/support/status_matchers.h"

namespace tapir::test {
namespace {

namespace fs = std::filesystem;

constexpr uint32_t kClusterBytes = 4096;

std::string WholeFile(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  EXPECT_TRUE(in.good()) << path;
  std::stringstream bytes;
  bytes << in.rdbuf();
  return bytes.str();
}

class NtfsExportTest : public NtfsTest {
 protected:
  ExportReport Export(const std::string& volume, ExportForm form, const std::string& folder,
                      std::vector<std::string> patterns = {}) {
    ExportRequest request;
    request.volume = At(volume);
    request.form = form;
    request.selection.patterns = std::move(patterns);
    request.directory = At(folder);
    request.reporter = &reporter_;
    return Value(ExportObjects(request));
  }
  EfsRawSummary RawExport(const std::string& name) {
    return ValidateEfsRaw(AsBytes(WholeFile(At("out/encrypted/" + name + ".efsraw"))));
  }
  // Paths of all files with the suffix, in the form that archives them again.
  std::vector<ForeignFile> FilesIn(const std::string& folder, const std::string& suffix) {
    std::vector<ForeignFile> files;
    for (const auto& entry : fs::recursive_directory_iterator(At(folder))) {
      if (!entry.path().string().ends_with(suffix)) continue;
      files.push_back({ForeignForm::kBackupStreams, fs::relative(entry.path(), At(folder))});
    }
    return files;
  }
};

TEST_F(NtfsExportTest, EncryptedObjectsBecomeRawExports) {
  MakeSampleVolume(At("image"), kClusterBytes);
  ArchiveImage(At("image"), At("volume"));
  EncryptedListRequest list{.volume = At("volume")};
  list.reporter = &reporter_;
  uint64_t encrypted = 0;
  EXPECT_THAT(ListEncrypted(list,
                            [&](const EncryptedObject&) {
                              ++encrypted;
                              return OkStatus();
                            }),
              IsOk());
  const ExportReport report = Export("volume", ExportForm::kEfsRaw, "out", {"encrypted"});
  EXPECT_EQ(report.exported, encrypted);
  EXPECT_EQ(report.exported, 13u);
  EXPECT_EQ(report.without_form, 1u);
  for (const auto& entry : fs::recursive_directory_iterator(At("out"))) {
    if (!entry.is_regular_file()) continue;
    // The samples' $EFS has nothing inside; all around it is as Windows makes it.
    for (const Finding& finding : ValidateEfsRaw(AsBytes(WholeFile(entry.path()))).findings) {
      EXPECT_TRUE(finding.text.starts_with("$EFS")) << entry.path() << ": " << finding.text;
    }
  }

  const EfsRawSummary valid = RawExport("valid 600");
  ASSERT_EQ(valid.streams.size(), 2u);
  EXPECT_EQ(valid.streams[0].size, 150'001u);
  EXPECT_EQ(valid.streams[0].valid_data_length, 600u);
  EXPECT_EQ(valid.streams[0].stored_bytes, 1024u);
  EXPECT_FALSE(valid.streams[1].encrypted);
  EXPECT_EQ(valid.streams[1].name, ":beside:$DATA");
  EXPECT_EQ(valid.streams[1].size, 20'000u);
  const EfsRawSummary sparse = RawExport("sparse");
  ASSERT_EQ(sparse.streams.size(), 1u);
  EXPECT_TRUE(sparse.streams[0].sparse);
  EXPECT_EQ(sparse.streams[0].size, 1u << 20);
  EXPECT_EQ(sparse.streams[0].stored_bytes, 65'536u);
  const EfsRawSummary odd = RawExport("513");
  ASSERT_EQ(odd.streams.size(), 2u);
  EXPECT_EQ(odd.streams[0].size, 513u);
  EXPECT_EQ(odd.streams[1].size, 520u);
}

TEST_F(NtfsExportTest, BackupStreamsGoInAgainAndComeBackTheSame) {
  MakeSmallSampleVolume(At("image"));
  ArchiveImage(At("image"), At("volume"));
  const ExportReport report = Export("volume", ExportForm::kBackupStream, "out");
  // One is encrypted, and a name of 255 bytes has no room for the suffix.
  EXPECT_EQ(report.without_form, 2u) << Notices();
  EXPECT_EQ(report.failed, 0u) << Notices();
  EXPECT_TRUE(fs::exists(At("out/SIS Common Store"))) << "store files are exported like others";
  const std::vector<ForeignFile> files = FilesIn("out", ".bks");
  ASSERT_GE(files.size(), 4u);
  EXPECT_EQ(files.size(), report.exported);
  for (const ForeignFile& file : files) {
    const std::string bytes = WholeFile(At("out/" + file.path));
    for (const Finding& finding : CheckBackupStream(AsBytes(bytes), BackupStreamMode::kStrict)) {
      EXPECT_NE(finding.severity, Severity::kReject) << file.path << ": " << finding.text;
    }
  }

  ArchiveRequest again;
  again.volume = At("again");
  again.source.reporter = again.session.reporter = &reporter_;
  again.further_sources = {Value(
      OpenForeignFiles({.base_directory = At("out"), .files = files, .reporter = &reporter_}))};
  EXPECT_EQ(Value(Archive(again)).flawed, 0u);
  EXPECT_EQ(Export("again", ExportForm::kBackupStream, "back").exported, files.size());
  for (const ForeignFile& file : files) {
    EXPECT_EQ(WholeFile(At("out/" + file.path)), WholeFile(At("back/" + file.path + ".bks")))
        << file.path;
  }
}

}  // namespace
}  // namespace tapir::test
