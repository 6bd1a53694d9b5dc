#include "fuzz/support/ntfs_patches.h"

#include <algorithm>
#include <cstddef>
#include <fstream>
#include <iterator>
#include <span>

#include "bytes/codec.h"
#include "bytes/cursor.h"
#include "fuzz/support/require.h"

namespace tapir::fuzz {
namespace {

constexpr size_t kHeadBytes = 5;

}  // namespace

std::string EncodePatches(const std::vector<Patch>& patches) {
  std::string input;
  WriteCursor write(input);
  for (const Patch& patch : patches) {
    write.U32(patch.offset);
    write.U8(static_cast<uint8_t>(patch.bytes.size()));
    write.Text(patch.bytes);
  }
  return input;
}

std::vector<Patch> DecodePatches(std::string_view input) {
  std::vector<Patch> patches;
  while (input.size() > kHeadBytes) {
    const auto offset = LoadLe<uint32_t>(AsBytes(input).data());
    const size_t wanted = static_cast<uint8_t>(input[4]);
    input.remove_prefix(kHeadBytes);
    const size_t length = std::min(wanted, input.size());
    patches.push_back({offset, std::string(input.substr(0, length))});
    input.remove_prefix(length);
  }
  return patches;
}

std::string NtfsBaseFile() { return TAPIR_SOURCE_DIR "/fuzz/support/ntfs_base.img.zst"; }

std::string NtfsBase() {
  std::ifstream file(NtfsBaseFile(), std::ios::binary);
  const std::string stored{std::istreambuf_iterator<char>(file), {}};
  std::string image(kNtfsBaseBytes, '\0');
  Decompressor decompressor;
  const Status expanded =
      decompressor.Decompress(AsBytes(stored), std::as_writable_bytes(std::span(image)));
  Require(expanded.ok(), "the base image cannot be read: " + expanded.ToString());
  return image;
}

}  // namespace tapir::fuzz
