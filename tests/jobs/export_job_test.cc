#include "tapir/jobs/export_job.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "tapir/jobs/archive_job.h"
#include "tapir/jobs/encrypted_list_job.h"
#include "tapir/jobs/verify_job.h"
#include "tapir/source/foreign_files.h"
#include "tests/jobs/windows_objects.h"
#include "tests/support/collecting_reporter.h"
#include "tests/support/efs_samples.h"
#include "tests/support/status_matchers.h"
#include "tests/support/volume_bytes.h"
#include "tests/support/windows_samples.h"

namespace tapir::test {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t kUnit = 512;

std::string Slurp(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  EXPECT_TRUE(in.good()) << path;
  std::stringstream bytes;
  bytes << in.rdbuf();
  return bytes.str();
}

/// The ciphertext of a sample, as a volume stores it, as far as it is valid.
WindowsStream Ciphertext(const std::string& name, size_t sample, uint64_t valid_bytes) {
  std::string bytes((valid_bytes + kUnit - 1) / kUnit * kUnit, '\0');
  for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = SampleFile::StoredByte(sample, i);
  const uint64_t size = bytes.size();
  return {name, std::move(bytes), {{0, size}}};
}

/// Two encrypted streams, the first with a hole and longer than its valid data.
WindowsObject EncryptedFile(const std::string& path) {
  WindowsObject object{.path = path};
  object.ntfs.file_attributes = kWindowsEncrypted | kWindowsSparse;
  object.ntfs.efs_metadata = KeyListMetadata(2, true);
  object.streams = {Ciphertext("", 0, 300'000), Ciphertext("named", 1, 700)};
  object.streams[0].extents = {{0, 65'536}, {262'144, 300'032 - 262'144}};
  object.ntfs.streams = {
      {.number = 0, .sparse = true, .encrypted = true, .size = 400'000, .valid_bytes = 300'000},
      {.number = 1, .encrypted = true, .size = 700, .valid_bytes = 700}};
  return object;
}

std::string ExportOfEncryptedFile() {
  RawEncryptedStream contents = SolidStream("", 400'000);
  contents.sparse = true;
  contents.valid_data_length = 300'000;
  contents.extents = {{0, 65'536}, {262'144, 300'032 - 262'144}};
  return ExportOf(KeyListMetadata(2, true), {contents, SolidStream("named", 700)});
}

WindowsObject PlainFile(const std::string& path, const std::string& bytes) {
  WindowsObject object{.path = path};
  object.ntfs.file_attributes = 0x20;
  object.ntfs.security_descriptor = SampleSecurity();
  object.streams = {{"", bytes, {{0, bytes.size()}}}};
  return object;
}

class ExportTest : public testing::Test {
 protected:
  Result<ArchiveReport> TryArchive(std::vector<WindowsObject> objects,
                                   std::vector<ForeignFile> files = {}) {
    ArchiveRequest request;
    request.volume = volume_;
    request.source.reporter = request.session.reporter = &reporter_;
    if (!objects.empty()) request.further_sources = {MakeWindowsSource(objects)};
    if (!files.empty()) {
      Result<std::unique_ptr<ObjectSource>> source = OpenForeignFiles(
          {.base_directory = scratch_.At(""), .files = std::move(files), .reporter = &reporter_});
      if (!source.ok()) return source.status();
      request.further_sources.push_back(*std::move(source));
    }
    return Archive(request);
  }
  void ArchiveObjects(std::vector<WindowsObject> objects, std::vector<ForeignFile> files = {}) {
    const ArchiveReport report = Value(TryArchive(std::move(objects), std::move(files)));
    EXPECT_EQ(report.flawed, 0u);
  }

  Result<ExportReport> TryExport(ExportForm form, std::vector<std::string> patterns,
                                 const std::string& file = {}) {
    ExportRequest request;
    request.volume = volume_;
    request.selection.patterns = std::move(patterns);
    request.form = form;
    if (file.empty()) request.directory = scratch_.At("out");
    request.file = file;
    request.reporter = &reporter_;
    return ExportObjects(request);
  }
  ExportReport Export(ExportForm form, std::vector<std::string> patterns = {}) {
    return Value(TryExport(form, std::move(patterns)));
  }
  std::string Exported(const std::string& name) { return Slurp(scratch_.At("out/" + name)); }
  bool HasExport(const std::string& name) { return fs::exists(scratch_.At("out/" + name)); }

  Scratch scratch_;
  CollectingReporter reporter_;
  const std::string volume_ = scratch_.At("volume");
};

TEST_F(ExportTest, EncryptedObjectBecomesARawExport) {
  WindowsObject folder{.path = "dir", .type = ObjectType::kDirectory};
  folder.ntfs.file_attributes = kWindowsDirectory | kWindowsEncrypted;
  folder.ntfs.efs_metadata = KeyListMetadata(3, false);
  WindowsObject plain_folder{.path = "open", .type = ObjectType::kDirectory};
  plain_folder.ntfs.file_attributes = kWindowsDirectory;
  ArchiveObjects({folder, EncryptedFile("dir/a"), plain_folder, PlainFile("open/b", "text")});

  const ExportReport report = Export(ExportForm::kEfsRaw);
  EXPECT_EQ(Exported("dir/a.efsraw"), ExportOfEncryptedFile());
  EXPECT_EQ(Exported("dir.efsraw"), ExportOf(KeyListMetadata(3, false), {}));
  EXPECT_EQ(report.exported, 2u);
  EXPECT_EQ(report.passed_over, 1u);
  EXPECT_EQ(report.without_form, 1u);
  EXPECT_EQ(reporter_.CountOf("open/b"), 1u);
  EXPECT_FALSE(HasExport("open/b.efsraw"));
}

TEST_F(ExportTest, RawExportComesBackAsItWas) {
  scratch_.Put("small.raw", SmallExport());
  scratch_.Put("large.raw", ExportOf(KeyListMetadata(1, true), {SolidStream("", 20'000'000)}));
  ArchiveObjects({}, {{ForeignForm::kEfsRaw, "small.raw"}, {ForeignForm::kEfsRaw, "large.raw"}});
  EXPECT_EQ(Export(ExportForm::kEfsRaw).exported, 2u);
  EXPECT_EQ(Exported("small.raw.efsraw"), SmallExport());
  EXPECT_EQ(Exported("large.raw.efsraw"), Slurp(scratch_.At("large.raw")));
}

TEST_F(ExportTest, MalformedFilesAreRefusedWithTheirPlace) {
  std::string raw = SmallExport();
  raw.resize(raw.size() - 1);
  scratch_.Put("short.raw", raw);
  Result<ArchiveReport> cut = TryArchive({}, {{ForeignForm::kEfsRaw, "short.raw"}});
  EXPECT_THAT(cut, HasCode(StatusCode::kInvalidArgument));
  EXPECT_NE(cut.status().message().find("byte "), std::string::npos) << cut.status().message();

  std::string streams = WriteSample(SampleBackupFile());
  streams.resize(streams.size() - 1);
  scratch_.Put("short.bks", streams);
  Result<ArchiveReport> ended = TryArchive({}, {{ForeignForm::kBackupStreams, "short.bks"}});
  EXPECT_THAT(ended, HasCode(StatusCode::kInvalidArgument));
  EXPECT_NE(ended.status().message().find("byte "), std::string::npos);
  EXPECT_FALSE(fs::exists(volume_));
}

TEST_F(ExportTest, ObjectBecomesBackupStreamsInCanonicalOrder) {
  WindowsObject object = PlainFile("f", std::string(300'000, '\0'));
  object.ntfs.extended_attributes = SampleEa();
  object.ntfs.object_id = std::string(16, 'o');
  object.ntfs.streams = {{.number = 0, .sparse = true, .size = 300'000, .valid_bytes = 300'000}};
  object.streams[0].extents = {{65'536, 65'536}};
  object.streams[0].bytes.replace(65'536, 65'536, SampleContents(0, 65'536, 65'536));
  object.streams.push_back({"b", SampleContents(1, 0, 11), {{0, 11}}});
  object.streams.push_back({"c", "", {}});
  ArchiveObjects({object});

  BackupFile file;
  file.security = SampleSecurity();
  file.ea = SampleEa();
  file.object_id = std::string(16, 'o') + std::string(48, '\0');
  file.streams = {
      {.name = "", .size_bytes = 300'000, .is_sparse = true, .allocated = {{65'536, 65'536}}},
      {.name = "b", .size_bytes = 11},
      {.name = "c"}};
  EXPECT_EQ(Export(ExportForm::kBackupStream).exported, 1u);
  EXPECT_EQ(Exported("f.bks"), WriteSample(file));
}

TEST_F(ExportTest, BackupStreamsComeBackAsTheyWere) {
  const std::string canonical = WriteSample(SampleBackupFile());
  const std::string security = StreamBytes({.id = BackupStreamId::kSecurityData,
                                            .attributes = kStreamContainsSecurity,
                                            .size_bytes = SampleSecurity().size()},
                                           SampleSecurity());
  const std::string named = StreamBytes(
      {.id = BackupStreamId::kAlternateData, .size_bytes = 5, .name = StreamName(u"z")}, "named");
  const std::string data = StreamBytes({.id = BackupStreamId::kData, .size_bytes = 4}, "data");
  const std::string unknown =
      StreamBytes({.id = static_cast<BackupStreamId>(77), .size_bytes = 3}, "odd");
  const std::map<std::string, std::string> dumps = {
      {"canonical", canonical},
      {"data-last", named + unknown + security + data},
      {"empty", ""},
      {"second-data", data + security + data},
      {"two-of-security", security + data + security}};
  std::vector<ForeignFile> files;
  for (const auto& [name, bytes] : dumps) {
    scratch_.Put(name, bytes);
    files.push_back({ForeignForm::kBackupStreams, name});
  }
  ArchiveObjects({}, files);
  EXPECT_EQ(Export(ExportForm::kBackupStream).exported, dumps.size());
  for (const auto& [name, bytes] : dumps) EXPECT_EQ(Exported(name + ".bks"), bytes) << name;

  RestoreRequest restore;
  restore.volume = volume_;
  restore.target.directory = scratch_.At("restored");
  restore.target.set_owner = false;
  restore.target.reporter = &reporter_;
  EXPECT_EQ(Value(Restore(restore)).failed, 0u);
  EXPECT_EQ(Slurp(scratch_.At("restored/data-last")), "data");
  EXPECT_EQ(fs::file_size(scratch_.At("restored/canonical")), 300'000u);
  // What cannot be told as a file stays what it was.
  EXPECT_EQ(Slurp(scratch_.At("restored/second-data")), dumps.at("second-data"));
}

TEST_F(ExportTest, EqualContentsAreFoundWhereverTheyAre) {
  const std::string bytes = SampleContents(0, 0, 5000);
  const std::string large = SampleContents(1, 0, 3'000'000);
  ArchiveObjects(
      {PlainFile("a", bytes), PlainFile("b", bytes), PlainFile("m", large), PlainFile("n", large)});
  // The first of each is not selected: its contents are there all the same, and no export of it.
  const ExportReport second = Export(ExportForm::kBackupStream, {"b", "n"});
  EXPECT_EQ(second.exported, 2u);
  EXPECT_FALSE(HasExport("a.bks"));
  const std::string small_export = Exported("b.bks");
  const std::string large_export = Exported("n.bks");
  EXPECT_NE(small_export.find(bytes), std::string::npos);
  EXPECT_NE(large_export.find(large), std::string::npos);
  fs::remove_all(scratch_.At("out"));
  EXPECT_EQ(Export(ExportForm::kBackupStream).exported, 4u);
  for (const char* name : {"a.bks", "b.bks"}) EXPECT_EQ(Exported(name), small_export) << name;
  for (const char* name : {"m.bks", "n.bks"}) EXPECT_EQ(Exported(name), large_export) << name;
}

TEST_F(ExportTest, FurtherNamesAreNamesOfOneExport) {
  WindowsObject first = PlainFile("a", "contents");
  first.inode = 5;
  first.link_count = 2;
  WindowsObject second = first;
  second.path = "b";
  ArchiveObjects({first, second});
  EXPECT_EQ(Export(ExportForm::kBackupStream).exported, 2u);
  EXPECT_TRUE(fs::equivalent(scratch_.At("out/a.bks"), scratch_.At("out/b.bks")));
  EXPECT_THAT(TryExport(ExportForm::kBackupStream, {"b"}, scratch_.At("b.bks")), IsOk());
  EXPECT_EQ(Slurp(scratch_.At("b.bks")), Exported("a.bks"));
}

TEST_F(ExportTest, OneObjectGoesToAFile) {
  WindowsObject folder{.path = "dir", .type = ObjectType::kDirectory};
  folder.ntfs.file_attributes = kWindowsDirectory;
  folder.ntfs.security_descriptor = SampleSecurity();
  ArchiveObjects({folder, PlainFile("dir/a", "one"), PlainFile("dir/b", "two")});
  const std::string file = scratch_.At("one.bks");
  EXPECT_THAT(TryExport(ExportForm::kBackupStream, {"dir/a", "dir/b"}, file),
              HasCode(StatusCode::kInvalidArgument));
  EXPECT_FALSE(fs::exists(file));
  // The pattern names the directory, though it selects what is below it too.
  EXPECT_EQ(Value(TryExport(ExportForm::kBackupStream, {"dir"}, file)).exported, 1u);
  BackupFile expected;
  expected.security = SampleSecurity();
  EXPECT_EQ(Slurp(file), WriteSample(expected));
  // It is kept now.
  const ExportReport again = Value(TryExport(ExportForm::kBackupStream, {"dir/a"}, file));
  EXPECT_EQ(again.exported, 0u);
  EXPECT_EQ(again.kept, 1u);
  EXPECT_EQ(Slurp(file), WriteSample(expected));
}

TEST_F(ExportTest, EncryptedObjectHasNoBackupStreams) {
  scratch_.Put("raw", SmallExport());
  ArchiveObjects({EncryptedFile("a")}, {{ForeignForm::kEfsRaw, "raw"}});
  const ExportReport report = Export(ExportForm::kBackupStream);
  EXPECT_EQ(report.exported, 0u);
  EXPECT_EQ(report.without_form, 2u);
}

TEST_F(ExportTest, DamagedContentsAreNotExported) {
  ArchiveObjects({EncryptedFile("a"), EncryptedFile("b")});
  std::string bytes = Slurp(volume_);
  const std::string ciphertext = Ciphertext("", 0, 300'000).bytes.substr(262'144, 512);
  const size_t place = bytes.find(ciphertext);
  ASSERT_NE(place, std::string::npos);
  bytes[place + 100] = static_cast<char>(bytes[place + 100] ^ 1);
  scratch_.Put("volume", bytes);
  const ExportReport report = Export(ExportForm::kEfsRaw);
  EXPECT_EQ(report.exported, 1u);
  EXPECT_EQ(report.reading.damaged, 1u);
  EXPECT_FALSE(HasExport("a.efsraw"));
  EXPECT_EQ(Exported("b.efsraw"), ExportOfEncryptedFile());
}

TEST_F(ExportTest, ListsWhoCanOpenWhat) {
  WindowsObject only_user = EncryptedFile("b");
  only_user.ntfs.efs_metadata = KeyListMetadata(2, false);
  scratch_.Put("raw", SmallExport());
  ArchiveObjects({EncryptedFile("a"), only_user, PlainFile("c", "text")},
                 {{ForeignForm::kEfsRaw, "raw"}});
  EncryptedListRequest request;
  request.volume = volume_;
  request.reporter = &reporter_;
  std::vector<EncryptedObject> found;
  const auto take = [&](const EncryptedObject& object) {
    found.push_back(object);
    return OkStatus();
  };
  EXPECT_EQ(Value(ListEncrypted(request, take)).listed, 3u);
  ASSERT_EQ(found.size(), 3u);
  EXPECT_EQ(found[0].path, "a");
  EXPECT_EQ(found[0].size, 400'000u);
  EXPECT_EQ(found[0].stream_count, 2u);
  EXPECT_FALSE(found[0].raw_export);
  ASSERT_EQ(found[0].metadata.keys.size(), 2u);
  EXPECT_EQ(found[0].metadata.keys[0].thumbprint, kUserThumbprint);
  EXPECT_EQ(found[0].metadata.keys[1].thumbprint, kAgentThumbprint);
  EXPECT_EQ(found[2].path, "raw");
  EXPECT_EQ(found[2].size, 9000u);
  EXPECT_EQ(found[2].stream_count, 3u);
  EXPECT_TRUE(found[2].raw_export);

  found.clear();
  request.thumbprint = kAgentThumbprint;
  EXPECT_EQ(Value(ListEncrypted(request, take)).listed, 2u);
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].path, "a");
  EXPECT_EQ(found[1].path, "raw");
}

TEST_F(ExportTest, MalformedMetadataIsNoDamage) {
  WindowsObject odd = EncryptedFile("odd");
  odd.ntfs.efs_metadata.resize(odd.ntfs.efs_metadata.size() - 4);
  ArchiveObjects({EncryptedFile("a"), odd});
  const VerifyReport report = Value(VerifyVolume({.volume = volume_}, {}));
  EXPECT_EQ(report.verdict, Verdict::kIntact);
  ASSERT_GE(report.finding_count, 1u);
  EXPECT_EQ(report.findings.size(), report.finding_count);
  for (const FormatFinding& found : report.findings) EXPECT_EQ(found.path, "odd");
  // It is carried as it was.
  EXPECT_EQ(Export(ExportForm::kEfsRaw).exported, 2u);
  EXPECT_NE(Exported("odd.efsraw").find(odd.ntfs.efs_metadata), std::string::npos);
}

}  // namespace
}  // namespace tapir::test
