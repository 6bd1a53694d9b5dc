#include "bytes/crc32c.h"

#include <array>

#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

namespace tapir {
namespace {

// Eight bytes a step: kTables[n] is the effect of a byte with n more bytes behind it.
using Tables = std::array<std::array<uint32_t, 256>, 8>;

constexpr Tables MakeTables() {
  constexpr uint32_t kReflectedPolynomial = 0x82F63B78;
  Tables tables{};
  for (uint32_t byte = 0; byte < 256; ++byte) {
    uint32_t value = byte;
    for (int bit = 0; bit < 8; ++bit) {
      value = (value >> 1) ^ ((value & 1u) != 0 ? kReflectedPolynomial : 0u);
    }
    tables[0][byte] = value;
  }
  for (size_t behind = 1; behind < tables.size(); ++behind) {
    for (size_t byte = 0; byte < 256; ++byte) {
      uint32_t value = tables[behind - 1][byte];
      tables[behind][byte] = (value >> 8) ^ tables[0][value & 0xFFu];
    }
  }
  return tables;
}

constexpr Tables kTables = MakeTables();

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) uint32_t Crc32cSse42(ByteSpan bytes, uint32_t before) {
  uint64_t crc = ~before;
  while (bytes.size() >= 8) {
    crc = _mm_crc32_u64(crc, LoadLe<uint64_t>(bytes.data()));
    bytes = bytes.subspan(8);
  }
  auto rest = static_cast<uint32_t>(crc);
  for (std::byte byte : bytes) rest = _mm_crc32_u8(rest, std::to_integer<uint8_t>(byte));
  return ~rest;
}
#endif

}  // namespace

uint32_t Crc32cPortable(ByteSpan bytes, uint32_t before) {
  uint32_t crc = ~before;
  while (bytes.size() >= 8) {
    uint64_t word = LoadLe<uint64_t>(bytes.data()) ^ crc;
    crc = 0;
    for (size_t at = 0; at < 8; ++at) crc ^= kTables[7 - at][(word >> (8 * at)) & 0xFFu];
    bytes = bytes.subspan(8);
  }
  for (std::byte byte : bytes) {
    crc = (crc >> 8) ^ kTables[0][(crc ^ std::to_integer<uint32_t>(byte)) & 0xFFu];
  }
  return ~crc;
}

uint32_t Crc32c(ByteSpan bytes, uint32_t before) {
#if defined(__x86_64__)
  static const bool kHasInstruction = __builtin_cpu_supports("sse4.2") != 0;
  if (kHasInstruction) return Crc32cSse42(bytes, before);
#endif
  return Crc32cPortable(bytes, before);
}

}  // namespace tapir
