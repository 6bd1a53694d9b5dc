#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "tapir/base/status.h"
#include "tapir/windows/encrypted_file.h"

namespace tapir {

/// Makes a raw export ([MS-EFSR] 2.2.3), piece by piece, in the form that exports of Windows have:
/// segments of at most 64 KiB whose ciphertext begins at a multiple of 512 bytes, each with an
/// extended header. Holes, and what lies past the valid data length, are left out; where a stream
/// ends in them, or its valid data does, a segment without data says so. Holds one segment.
/// Single-thread.
class EfsRawWriter {
 public:
  /// Fills `into` with what the stream with that number stores at `offset`; see
  /// RawEncryptedSource::Read. Both are multiples of 512 bytes, in a stream that is encrypted.
  using Pull = std::function<Status(size_t stream, uint64_t offset, std::span<std::byte> into)>;

  /// kInvalidArgument if a stream contradicts itself, kLimitExceeded for metadata that Windows
  /// would not take.
  static Result<EfsRawWriter> Make(std::string metadata, std::vector<RawEncryptedStream> streams,
                                   Pull pull);

  /// The next bytes, up to the size of `into`: how many there were, 0 at the end. Not to be called
  /// again after a failure.
  Result<size_t> Read(std::span<std::byte> into);

 private:
  EfsRawWriter(std::string metadata, std::vector<RawEncryptedStream> streams, Pull pull);

  /// A part of a stream that makes one segment.
  struct Piece {
    uint64_t offset = 0;
    uint64_t bytes_in_size = 0;
    uint64_t bytes_in_valid_data = 0;
    size_t data_bytes = 0;
  };

  Status MakeNext();
  void MakeMetadataSegment();
  void BeginStream();
  Status MakePlainSegment();
  Status MakeSegment(const Piece& piece);
  std::optional<Piece> NextPiece();
  Piece PieceUpTo(uint64_t end) const;
  const RawEncryptedStream& stream() const { return streams_[next_stream_ - 1]; }

  std::string metadata_;
  std::vector<RawEncryptedStream> streams_;
  Pull pull_;
  std::string made_;      ///< not all read yet
  size_t made_read_ = 0;  ///< bytes of it
  bool begun_ = false;
  size_t metadata_done_ = 0;
  size_t next_stream_ = 0;
  size_t next_extent_ = 0;
  uint64_t range_end_ = 0;  ///< in the stream, of what its segments cover so far
  uint64_t valid_end_ = 0;  ///< valid data length, as they tell it so far
};

}  // namespace tapir
