#include "windows/marvin32.h"

#include <bit>

namespace tapir {
namespace {

// The state of the hash: the seed at first, the result at last.
struct Marvin32 {
  uint32_t low = 0x7A4E55C5;
  uint32_t high = 0x82EF4D88;

  void Mix(uint32_t word) {
    low += word;
    high ^= low;
    low = std::rotl(low, 20) + high;
    high = std::rotl(high, 9) ^ low;
    low = std::rotl(low, 27) + high;
    high = std::rotl(high, 19);
  }
};

}  // namespace

uint64_t HiveEntryHash(ByteSpan bytes) {
  Marvin32 hash;
  while (bytes.size() >= sizeof(uint32_t)) {
    hash.Mix(LoadLe<uint32_t>(bytes.data()));
    bytes = bytes.subspan(sizeof(uint32_t));
  }
  uint32_t last = 0x80;
  for (size_t i = bytes.size(); i > 0; --i)
    last = last << 8 | std::to_integer<uint32_t>(bytes[i - 1]);
  hash.Mix(last);
  hash.Mix(0);
  return uint64_t{hash.high} << 32 | hash.low;
}

}  // namespace tapir
