// Writes seeds of sis_link and backup_stream: tapir_fuzz_make_windows_seeds FOLDER, which holds a
// folder for each.

#include <cstdio>
#include <exception>
#include <fstream>
#include <string>

#include "bytes/cursor.h"
#include "tapir/windows/reparse_data.h"
#include "tests/support/status_matchers.h"
#include "tests/support/windows_samples.h"

namespace {

using namespace tapir;
using namespace tapir::test;

void Write(const std::string& path, const std::string& bytes) {
  std::ofstream file(path, std::ios::binary);
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  Check(file.good() ? OkStatus() : NotFound("cannot write " + path));
}

void WriteReparse(const std::string& folder) {
  Write(folder + "/sis-by-name", SampleSisReparse(1));
  Write(folder + "/sis-by-reference", SampleSisReparse(2, 2));
  Write(folder + "/sis-opaque",
        Value(BuildReparse({.tag = kReparseTagSis, .data = AsBytes(std::string_view("opaque"))})));
  Write(folder + "/symlink", Value(BuildSymlink({"..\\target", "..\\target", true})));
  Write(folder + "/mount-point", Value(BuildMountPoint({"\\??\\C:\\folder", "C:\\folder", false})));
  Write(folder + "/foreign-tag",
        Value(BuildReparse(
            {.tag = 0x42, .guid = SampleGuid(7), .data = AsBytes(std::string_view("data"))})));
}

void WriteStreams(const std::string& folder) {
  BackupFile file = SampleBackupFile();
  Write(folder + "/file", WriteSample(file));
  BackupFile link;
  link.security = SampleSecurity();
  link.reparse = SampleSisReparse(1);
  link.streams = {{.size_bytes = 4096, .is_sparse = true}};
  Write(folder + "/sis-link", WriteSample(link));
  const BackupStreamHeader unknown = {
      .id = static_cast<BackupStreamId>(77), .attributes = 0xF0, .size_bytes = 2, .name = "odd"};
  const BackupStreamHeader hard_link = {.id = BackupStreamId::kLink, .size_bytes = 6};
  const BackupStreamHeader data = {.id = BackupStreamId::kData, .size_bytes = 3};
  Write(folder + "/lenient", StreamBytes(unknown, "..") + StreamBytes(hard_link, "opaque") +
                                 StreamBytes(data, "one") + StreamBytes(data, "two"));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: tapir_fuzz_make_windows_seeds FOLDER\n");
    return 2;
  }
  try {
    const std::string folder = argv[1];
    WriteReparse(folder + "/sis_link");
    WriteStreams(folder + "/backup_stream");
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "make_windows_seeds: %s\n", error.what());
    return 1;
  }
}
