// Writes raw exports and $EFS metadata, as seeds of efs_raw and efs_metadata:
// tapir_fuzz_make_efs_seeds FOLDER, which has a folder for each.

#include <cstdio>
#include <exception>
#include <fstream>
#include <string>

#include "tests/support/efs_samples.h"
#include "tests/support/status_matchers.h"

namespace {

using namespace tapir;
using namespace tapir::test;

void Write(const std::string& path, const std::string& bytes) {
  std::ofstream file(path, std::ios::binary);
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  Check(file.good() ? OkStatus() : NotFound("cannot write " + path));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: tapir_fuzz_make_efs_seeds FOLDER\n");
    return 2;
  }
  try {
    const std::string metadata = std::string(argv[1]) + "/efs_metadata/";
    const std::string raw = std::string(argv[1]) + "/efs_raw/";
    Write(metadata + "key-lists", KeyListMetadata(1, true));
    Write(metadata + "smart-card", KeyListMetadata(3, false));
    Write(metadata + "protectors", ProtectorMetadata(4));
    Write(metadata + "descriptor", ProtectorMetadata(5));
    Write(raw + "three-streams", SmallExport());
    Write(raw + "directory", ExportOf(ProtectorMetadata(5), {}));
    RawEncryptedStream holes = SolidStream("", uint64_t{1} << 40);
    holes.sparse = true;
    holes.cluster_shift = 9;
    holes.extents = {{uint64_t{1} << 20, 8704}, {uint64_t{1} << 30, 512}};
    holes.valid_data_length = uint64_t{1} << 35;
    Write(raw + "holes", ExportOf(KeyListMetadata(2, false), {holes}));
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "make_efs_seeds: %s\n", error.what());
    return 1;
  }
}
