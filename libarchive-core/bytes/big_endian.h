#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>

namespace tapir {

/// Stores or loads a big-endian field of `kBytes` bytes inside a buffer that is known to be large
/// enough. A shorter field takes the low bytes of `value`, and loads without its sign.
template <typename T, size_t kBytes = sizeof(T)>
void StoreBe(std::byte* to, T value) {
  static_assert(std::is_integral_v<T> && kBytes <= sizeof(T));
  auto rest = static_cast<uint64_t>(value);
  for (size_t i = kBytes; i-- > 0; rest >>= 8) to[i] = static_cast<std::byte>(rest & 0xFFu);
}

template <typename T, size_t kBytes = sizeof(T)>
T LoadBe(const std::byte* from) {
  static_assert(std::is_integral_v<T> && kBytes <= sizeof(T));
  uint64_t value = 0;
  for (size_t i = 0; i < kBytes; ++i) value = value << 8 | std::to_integer<uint64_t>(from[i]);
  return static_cast<T>(value);
}

/// The three-byte fields of SCSI commands.
inline void StoreBe24(std::byte* to, uint32_t value) { StoreBe<uint32_t, 3>(to, value); }
inline uint32_t LoadBe24(const std::byte* from) { return LoadBe<uint32_t, 3>(from); }

/// One byte of what may be shorter than `place`: then 0.
inline uint8_t ByteAt(std::span<const std::byte> bytes, size_t place) {
  return place < bytes.size() ? std::to_integer<uint8_t>(bytes[place]) : uint8_t{0};
}

}  // namespace tapir
