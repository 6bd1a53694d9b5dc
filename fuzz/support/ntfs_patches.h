#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tapir::fuzz {

/// Bytes to be put into an image.
struct Patch {
  uint32_t offset = 0;
  std::string bytes;  ///< at most 255
};

/// Patches as inputs hold them: offset (4 bytes, little-endian), length (1 byte), bytes; and so on.
std::string EncodePatches(const std::vector<Patch>& patches);
/// Any input is taken; one that ends early gives a shorter last patch.
std::vector<Patch> DecodePatches(std::string_view input);

/// The whole image that patches of the corpus are for: a small NTFS volume, made once by
/// tapir_fuzz_make_ntfs_seeds.
std::string NtfsBase();
std::string NtfsBaseFile();
inline constexpr uint64_t kNtfsBaseBytes = uint64_t{4} << 20;

}  // namespace tapir::fuzz
