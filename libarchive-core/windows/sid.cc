#include "tapir/windows/sid.h"

#include <cstdint>
#include <cstdio>

#include "bytes/big_endian.h"
#include "bytes/cursor.h"

namespace tapir {
namespace {

constexpr size_t kSidHeadBytes = 8;
constexpr uint8_t kMaxSubauthorities = 15;

}  // namespace

size_t SidBytes(std::span<const std::byte> bytes) {
  if (bytes.size() < kSidHeadBytes || LoadLe<uint8_t>(bytes.data()) != 1) return 0;
  const auto count = LoadLe<uint8_t>(&bytes[1]);
  const size_t size = kSidHeadBytes + sizeof(uint32_t) * count;
  return count <= kMaxSubauthorities && size <= bytes.size() ? size : 0;
}

std::optional<std::string> SidText(std::span<const std::byte> bytes) {
  const size_t size = SidBytes(bytes);
  if (size == 0) return std::nullopt;
  const auto authority = LoadBe<uint64_t, 6>(&bytes[2]);
  std::string text = "S-1-";
  if (authority <= UINT32_MAX) {
    text += std::to_string(authority);
  } else {
    char hex[16];
    std::snprintf(hex, sizeof hex, "0x%012llX", static_cast<unsigned long long>(authority));
    text += hex;
  }
  for (size_t at = kSidHeadBytes; at < size; at += sizeof(uint32_t)) {
    text += '-' + std::to_string(LoadLe<uint32_t>(&bytes[at]));
  }
  return text;
}

}  // namespace tapir
