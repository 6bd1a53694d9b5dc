#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "bytes/cursor.h"
#include "tapir/base/status.h"

namespace tapir {

/// Values are those of the chunk header (format chapter 3.1).
enum class Codec : uint8_t { kStored = 0, kZstd = 1 };

/// Compresses chunks. Keeps its working memory; one per thread.
class Compressor {
 public:
  /// `level` as zstd counts, 1..19.
  explicit Compressor(int level);
  ~Compressor();

  /// One frame into `out` (replaced). False if it would not be at least 3 % smaller than `raw`:
  /// then the chunk is to be stored, and `out` is of no use.
  Result<bool> Compress(ByteSpan raw, std::string& out);

  /// A cheap guess from a few samples whether Compress would gain anything. Depends on the bytes
  /// alone. For large data whose layout is decided before it is compressed.
  bool LooksCompressible(ByteSpan raw);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Expands chunks. Keeps its working memory; one per thread.
class Decompressor {
 public:
  Decompressor();
  ~Decompressor();

  /// Fills `raw` exactly, or fails with kCorrupt.
  Status Decompress(ByteSpan stored, std::span<std::byte> raw);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tapir
