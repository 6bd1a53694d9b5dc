#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

namespace tapir {

static_assert(std::endian::native == std::endian::little,
              "fields are copied as they are; a big-endian build needs byte swaps here");

using ByteSpan = std::span<const std::byte>;

inline ByteSpan AsBytes(std::string_view text) { return std::as_bytes(std::span(text)); }
inline std::string_view AsText(ByteSpan bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Rounds up to a multiple of `unit`, a power of two. The caller makes sure it does not overflow.
constexpr uint64_t RoundUp(uint64_t value, uint64_t unit) {
  return (value + unit - 1) & ~(unit - 1);
}

/// Stores or loads a little-endian field inside a buffer that is known to be large enough.
template <typename T>
void StoreLe(std::byte* to, T value) {
  static_assert(std::is_integral_v<T>);
  std::memcpy(to, &value, sizeof value);
}
template <typename T>
T LoadLe(const std::byte* from) {
  static_assert(std::is_integral_v<T>);
  T value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

/// Reads fields one after another and never past the end. The first read that does not fit fails
/// the cursor for good; reads then yield zeros and empty views, so that a whole structure is read
/// first and ok() asked once. Views point into the bytes given. Single-thread.
class ReadCursor {
 public:
  explicit ReadCursor(ByteSpan bytes) : rest_(bytes), size_(bytes.size()) {}

  bool ok() const { return ok_; }
  size_t remaining() const { return rest_.size(); }
  size_t position() const { return size_ - rest_.size(); }

  template <typename T>
  T Read() {
    ByteSpan bytes = ReadBytes(sizeof(T));
    return ok_ ? LoadLe<T>(bytes.data()) : T{};
  }
  uint8_t U8() { return Read<uint8_t>(); }
  uint16_t U16() { return Read<uint16_t>(); }
  uint32_t U32() { return Read<uint32_t>(); }
  uint64_t U64() { return Read<uint64_t>(); }
  int64_t I64() { return Read<int64_t>(); }

  ByteSpan ReadBytes(size_t count) {
    if (!ok_ || count > rest_.size()) {
      Fail();
      return {};
    }
    ByteSpan bytes = rest_.first(count);
    rest_ = rest_.subspan(count);
    return bytes;
  }
  std::string_view ReadText(size_t count) { return AsText(ReadBytes(count)); }
  ByteSpan ReadRest() { return ReadBytes(rest_.size()); }

  /// Shortest-form LEB128 (chapter 0.3); any other form fails the cursor.
  uint64_t Varint();
  int64_t ZigZag() {
    uint64_t coded = Varint();
    return static_cast<int64_t>(coded >> 1) ^ -static_cast<int64_t>(coded & 1);
  }

  /// Passes over `count` bytes that have to be zero; others fail the cursor.
  void Zeros(size_t count);

  /// Lets the caller fail the cursor for a value out of range.
  void Fail() {
    ok_ = false;
    rest_ = {};
    size_ = 0;
  }

 private:
  ByteSpan rest_;
  size_t size_;
  bool ok_ = true;
};

/// Appends fields to a growing string of bytes, which the caller owns.
class WriteCursor {
 public:
  explicit WriteCursor(std::string& out) : out_(out) {}

  template <typename T>
  void Write(T value) {
    static_assert(std::is_integral_v<T>);
    char bytes[sizeof value];
    std::memcpy(bytes, &value, sizeof value);
    out_.append(bytes, sizeof value);
  }
  void U8(uint8_t value) { Write(value); }
  void U16(uint16_t value) { Write(value); }
  void U32(uint32_t value) { Write(value); }
  void U64(uint64_t value) { Write(value); }
  void I64(int64_t value) { Write(value); }
  void Bytes(ByteSpan bytes) { out_.append(AsText(bytes)); }
  void Text(std::string_view text) { out_.append(text); }
  void Zeros(size_t count) { out_.append(count, '\0'); }
  void PadTo(size_t unit) { out_.resize(RoundUp(out_.size(), unit), '\0'); }
  void Varint(uint64_t value);
  void ZigZag(int64_t value) {
    Varint((static_cast<uint64_t>(value) << 1) ^ static_cast<uint64_t>(value >> 63));
  }
  size_t size() const { return out_.size(); }

 private:
  std::string& out_;
};

/// True if every byte is zero.
bool AllZero(ByteSpan bytes);

}  // namespace tapir
