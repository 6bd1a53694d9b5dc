#include "bytes/cursor.h"

#include <algorithm>

namespace tapir {

uint64_t ReadCursor::Varint() {
  uint64_t value = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    uint8_t byte = U8();
    if (!ok_) return 0;
    uint64_t bits = byte & 0x7Fu;
    bool overflows = shift == 63 && bits > 1;
    bool overlong = shift > 0 && byte == 0;
    if (overflows || overlong) break;
    value |= bits << shift;
    if ((byte & 0x80u) == 0) return value;
  }
  Fail();
  return 0;
}

void ReadCursor::Zeros(size_t count) {
  if (!AllZero(ReadBytes(count))) Fail();
}

void WriteCursor::Varint(uint64_t value) {
  while (value >= 0x80) {
    U8(static_cast<uint8_t>(value | 0x80));
    value >>= 7;
  }
  U8(static_cast<uint8_t>(value));
}

bool AllZero(ByteSpan bytes) {
  size_t head = std::min<size_t>(bytes.size(), 16);
  for (size_t i = 0; i < head; ++i) {
    if (bytes[i] != std::byte{0}) return false;
  }
  // The first bytes are zero, so comparing the rest with itself shifted proves all of them.
  return bytes.size() <= head ||
         std::memcmp(bytes.data(), bytes.data() + head, bytes.size() - head) == 0;
}

}  // namespace tapir
