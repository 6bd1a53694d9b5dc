#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "bytes/cursor.h"

namespace tapir {

/// XXH3-64 (format chapter 0.3), with the instruction set chosen at run time.
uint64_t Checksum64(ByteSpan bytes);
uint64_t Checksum64(ByteSpan bytes, uint64_t seed);

/// XXH3-128 in canonical (big-endian) form.
using Digest128 = std::array<std::byte, 16>;
using Sha256 = std::array<std::byte, 32>;

Digest128 ComputeDigest128(ByteSpan bytes);

/// MD5, for foreign formats only. Nothing where the system's policy does not let OpenSSL do it.
std::optional<Digest128> ComputeMd5(ByteSpan bytes);

/// Both digests of one stream, fed piece by piece. SHA-256 only if asked for, else all zero.
/// Single-thread, reusable after Reset.
class StreamDigester {
 public:
  explicit StreamDigester(bool with_sha256);
  ~StreamDigester();
  StreamDigester(StreamDigester&&) noexcept;
  StreamDigester& operator=(StreamDigester&&) noexcept;

  void Reset();
  void Update(ByteSpan bytes);
  /// As Update with that many zero bytes.
  void UpdateZeros(uint64_t count);

  struct Digests {
    Digest128 xxh128{};
    Sha256 sha256{};
    friend bool operator==(const Digests&, const Digests&) = default;
  };
  /// A second digester that has been fed the same.
  StreamDigester Fork() const;

  /// The digests of what was fed since Reset. Reset before feeding again.
  Digests Finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Lower-case hexadecimal, two digits a byte.
std::string ToHex(ByteSpan bytes);

}  // namespace tapir
