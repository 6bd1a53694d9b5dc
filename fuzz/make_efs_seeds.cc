// Writes raw exports and $EFS metadata, as seeds of efs_raw and efs_metadata:
// tapir_fuzz_make_efs_seeds FOLDER, which has a folder for each.

#include <string>

#include "fuzz/support/seed_maker.h"
#include "tests/support/efs_samples.h"

namespace {

using namespace tapir;
using namespace tapir::test;

}  // namespace

int main(int argc, char** argv) {
  return tapir::fuzz::MakeSeeds(argc, argv, [](const std::string& folder) {
    const std::string metadata = folder + "/efs_metadata/";
    const std::string raw = folder + "/efs_raw/";
    fuzz::WriteSeed(metadata + "key-lists", KeyListMetadata(1, true));
    fuzz::WriteSeed(metadata + "smart-card", KeyListMetadata(3, false));
    fuzz::WriteSeed(metadata + "protectors", ProtectorMetadata(4));
    fuzz::WriteSeed(metadata + "descriptor", ProtectorMetadata(5));
    fuzz::WriteSeed(raw + "three-streams", SmallExport());
    fuzz::WriteSeed(raw + "directory", ExportOf(ProtectorMetadata(5), {}));
    RawEncryptedStream holes = SolidStream("", uint64_t{1} << 40);
    holes.sparse = true;
    holes.cluster_shift = 9;
    holes.extents = {{uint64_t{1} << 20, 8704}, {uint64_t{1} << 30, 512}};
    holes.valid_data_length = uint64_t{1} << 35;
    fuzz::WriteSeed(raw + "holes", ExportOf(KeyListMetadata(2, false), {holes}));
  });
}
