// Writes seeds of sis_link and backup_stream: tapir_fuzz_make_windows_seeds FOLDER, which holds a
// folder for each.

#include <string>

#include "bytes/cursor.h"
#include "fuzz/support/seed_maker.h"
#include "tapir/windows/reparse_data.h"
#include "tests/support/status_matchers.h"
#include "tests/support/windows_samples.h"

namespace {

using namespace tapir;
using namespace tapir::test;

void WriteReparse(const std::string& folder) {
  fuzz::WriteSeed(folder + "/sis-by-name", SampleSisReparse(1));
  fuzz::WriteSeed(folder + "/sis-by-reference", SampleSisReparse(2, 2));
  fuzz::WriteSeed(
      folder + "/sis-opaque",
      Value(BuildReparse({.tag = kReparseTagSis, .data = AsBytes(std::string_view("opaque"))})));
  fuzz::WriteSeed(folder + "/symlink", Value(BuildSymlink({"..\\target", "..\\target", true})));
  fuzz::WriteSeed(folder + "/mount-point",
                  Value(BuildMountPoint({"\\??\\C:\\folder", "C:\\folder", false})));
  fuzz::WriteSeed(
      folder + "/foreign-tag",
      Value(BuildReparse(
          {.tag = 0x42, .guid = SampleGuid(7), .data = AsBytes(std::string_view("data"))})));
}

void WriteStreams(const std::string& folder) {
  BackupFile file = SampleBackupFile();
  fuzz::WriteSeed(folder + "/file", WriteSample(file));
  BackupFile link;
  link.security = SampleSecurity();
  link.reparse = SampleSisReparse(1);
  link.streams = {{.size_bytes = 4096, .is_sparse = true}};
  fuzz::WriteSeed(folder + "/sis-link", WriteSample(link));
  const BackupStreamHeader unknown = {
      .id = static_cast<BackupStreamId>(77), .attributes = 0xF0, .size_bytes = 2, .name = "odd"};
  const BackupStreamHeader hard_link = {.id = BackupStreamId::kLink, .size_bytes = 6};
  const BackupStreamHeader data = {.id = BackupStreamId::kData, .size_bytes = 3};
  fuzz::WriteSeed(folder + "/lenient", StreamBytes(unknown, "..") +
                                           StreamBytes(hard_link, "opaque") +
                                           StreamBytes(data, "one") + StreamBytes(data, "two"));
}

}  // namespace

int main(int argc, char** argv) {
  return tapir::fuzz::MakeSeeds(argc, argv, [](const std::string& folder) {
    WriteReparse(folder + "/sis_link");
    WriteStreams(folder + "/backup_stream");
  });
}
