#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "bytes/cursor.h"
#include "tapir/base/status.h"
#include "tapir/windows/finding.h"

namespace tapir {

/// Places are byte offsets in the export. Views are valid during the call they are given to.
struct EfsRawStreamHeader {
  uint64_t place = 0;
  ByteSpan name;  ///< as stored
  bool encrypted = false;
};

/// A segment of a data stream, without its data.
struct EfsRawSegment {
  uint64_t place = 0;
  ByteSpan header;                   ///< all that stands before the data
  uint64_t offset = 0;               ///< of its first byte in the stream
  uint64_t bytes_in_size = 0;        ///< how much of its range lies below the stream's size
  uint64_t bytes_in_valid_data = 0;  ///< the same for the valid data length; not above the former
  uint8_t data_unit_shift = 0;
  uint8_t chunk_shift = 0;
  uint8_t cluster_shift = 0;  ///< 0 in a stream that is not encrypted
  std::span<const uint32_t> block_bytes;
  bool extended = false;  ///< has the header that tells `sparse`
  bool sparse = false;
  uint64_t data_bytes = 0;
};

/// What EfsRawReader meets, in the order of the bytes. A failure ends the reading; where a finding
/// ends it, the reader's own failure is the one returned.
class EfsRawVisitor {
 public:
  virtual ~EfsRawVisitor() = default;
  /// Bytes of $EFS that stand at `place`.
  virtual Status OnMetadata(uint64_t place, ByteSpan bytes) = 0;
  virtual Status OnMetadataEnd() = 0;
  virtual Status OnStream(const EfsRawStreamHeader& stream) = 0;
  virtual Status OnSegment(const EfsRawSegment& segment) = 0;
  /// Bytes of the last segment, with their offset in the stream: ciphertext, if that is encrypted.
  virtual Status OnData(uint64_t offset, ByteSpan bytes) = 0;
  virtual Status OnStreamEnd() = 0;
  virtual Status OnFinding(Finding finding) = 0;
};

/// Reads a raw export ([MS-EFSR] 2.2.3) that comes in pieces of any size. Every fault is a finding;
/// one that hides where the next structure begins ends the reading, too. Holds one header at most,
/// and takes memory only for bytes that came. Single-thread.
class EfsRawReader {
 public:
  explicit EfsRawReader(EfsRawVisitor& visitor) : visitor_(visitor) {}

  /// kCorrupt, or what the visitor said. A failure is returned again by every later call.
  Status Feed(ByteSpan bytes);
  /// Call behind the last bytes. kTruncated if they end inside a structure.
  Status Finish();

 private:
  enum class State { kRoot, kNext, kStreamHeader, kStreamName, kSegmentHeader, kEncryption, kData };

  Status TakeHeader(ByteSpan& bytes);
  Status TakeData(ByteSpan& bytes);
  Status ParseHeld();
  Status ParseRoot();
  Status ParseNext();
  Status ParseStreamHeader();
  Status ParseStreamName();
  Status ParseSegmentHeader();
  Status ParseEncryptionHeader();
  Status ParseBlocks(size_t header_bytes);
  Status CheckEncryptionHeader(const EfsRawSegment& segment, uint16_t zero, uint8_t one);
  Status CheckBlocks(const EfsRawSegment& segment);
  Status ParseExtendedHeader(ByteSpan after_blocks);
  Status CheckRange(const EfsRawSegment& segment);
  Status BeginData();
  Status EndStream();
  Status Note(Severity severity, std::string text);
  Status Reject(std::string text);
  void Need(State state, size_t bytes);

  EfsRawVisitor& visitor_;
  Status status_;
  State state_ = State::kRoot;
  size_t need_ = 20;             ///< bytes of held_ that complete what is parsed next
  std::vector<std::byte> held_;  ///< the structure being read, from its first byte
  uint64_t at_ = 0;              ///< bytes fed
  uint64_t place_ = 0;           ///< of the structure being read
  uint32_t length_ = 0;          ///< of the structure being read, as it says
  uint64_t header_bytes_ = 0;    ///< of all streams, together

  enum class Stream { kNone, kMetadata, kEncrypted, kPlain };
  Stream stream_ = Stream::kNone;
  bool metadata_ended_ = false;
  uint64_t metadata_bytes_ = 0;
  uint64_t range_end_ = 0;  ///< of the stream's segments so far

  EfsRawSegment segment_;
  std::vector<uint32_t> blocks_;
  uint64_t data_left_ = 0;
  uint64_t data_offset_ = 0;
  size_t next_block_ = 0;
  uint64_t block_left_ = 0;
};

}  // namespace tapir
