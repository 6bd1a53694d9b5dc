#pragma once

#include <cstdint>
#include <optional>
#include <utility>

#include "bytes/checksum.h"

namespace tapir {

/// Streams with more bytes in holes have map digests (format chapter 5.7).
inline constexpr uint64_t kMaxPlainHoleBytes = uint64_t{1} << 30;

/// Digests one stream given as data at ascending offsets, in the form that chapter 5.7 asks for.
/// Single-thread.
class ContentDigester {
 public:
  explicit ContentDigester(bool with_sha256);
  ContentDigester(ContentDigester&&) = default;
  ContentDigester& operator=(ContentDigester&&) = default;

  void Reset();
  /// `offset_bytes` is not below the end of what was fed before; between lie holes.
  void Data(uint64_t offset_bytes, ByteSpan bytes);

  struct Outcome {
    bool map_form = false;
    uint64_t data_bytes = 0;
    StreamDigester::Digests digests;
  };
  /// For a stream of `size` bytes, not below the end of the data. Reset before feeding again.
  Outcome Finish(uint64_t size);

  /// A second digester that has been fed the same.
  ContentDigester Fork() const;

  /// End of the data fed so far.
  uint64_t end_bytes() const { return extent_offset_ + extent_bytes_; }

 private:
  explicit ContentDigester(StreamDigester plain) : plain_(std::move(plain)) {}
  void CloseExtent();

  StreamDigester plain_;
  /// Forked from plain_ at the first hole: up to there both are the same.
  std::optional<StreamDigester> map_;
  bool plain_given_up_ = false;
  uint64_t hole_bytes_ = 0;
  uint64_t data_bytes_ = 0;
  uint64_t extent_offset_ = 0;
  uint64_t extent_bytes_ = 0;
};

}  // namespace tapir
