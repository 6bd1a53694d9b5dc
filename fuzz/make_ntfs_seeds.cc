// Writes the seeds of ntfs_image, and the image they are patches of: tapir_fuzz_make_ntfs_seeds
// FOLDER.

#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "bytes/codec.h"
#include "bytes/cursor.h"
#include "fuzz/support/ntfs_patches.h"
#include "fuzz/support/seed_maker.h"
#include "tests/support/ntfs_image.h"
#include "tests/support/ntfs_sample_volume.h"
#include "tests/support/scratch.h"
#include "tests/support/status_matchers.h"

namespace {

using namespace tapir;
using namespace tapir::test;

constexpr int kBestLevel = 19;
constexpr int kSeeds = 40;

void WriteBase(const std::string& image) {
  std::ifstream file(image, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  std::string stored;
  Check(Value(Compressor(kBestLevel).Compress(AsBytes(bytes), stored)) ? OkStatus()
                                                                       : NotFound("no gain"));
  fuzz::WriteSeed(fuzz::NtfsBaseFile(), stored);
}

// Some bytes of what describes the volume, each seed elsewhere.
void WriteSeeds(const std::string& folder,
                const std::vector<std::pair<uint64_t, uint64_t>>& places) {
  std::mt19937 random(1);
  for (int i = 0; i < kSeeds; ++i) {
    std::vector<fuzz::Patch> patches;
    for (int k = 0; k < 3; ++k) {
      const auto& [begin, length] = places[random() % places.size()];
      const std::string bytes(1 + random() % 4, static_cast<char>(random()));
      patches.push_back({static_cast<uint32_t>(begin + random() % length), bytes});
    }
    fuzz::WriteSeed(folder + "/flips-" + std::to_string(i), fuzz::EncodePatches(patches));
  }
  fuzz::WriteSeed(folder + "/whole", "");
}

}  // namespace

int main(int argc, char** argv) {
  return tapir::fuzz::MakeSeeds(argc, argv, [](const std::string& folder) {
    const Scratch scratch;
    MakeSmallSampleVolume(scratch.At("image"));
    WriteSeeds(folder, NtfsImage(scratch.At("image")).MetadataPlaces());
    WriteBase(scratch.At("image"));
  });
}
