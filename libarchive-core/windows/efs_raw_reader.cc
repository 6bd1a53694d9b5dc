#include "windows/efs_raw_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "tapir/windows/efs_metadata.h"
#include "windows/efs_raw_format.h"

namespace tapir {
namespace {

// Where a block begins that has no byte before it: each is stored for one data unit.
uint64_t UnitOffset(const EfsRawSegment& segment, size_t block) {
  const unsigned shift = std::min<unsigned>(segment.data_unit_shift, efs::kMaxUnitShift);
  return segment.offset + (uint64_t{block} << shift);
}

// Where the stored bytes of a segment would end in the stream.
uint64_t DataEnd(const EfsRawSegment& segment) {
  uint64_t end = segment.offset;
  uint64_t counted = 0;
  for (size_t i = 0; i < segment.block_bytes.size() && counted < segment.data_bytes; ++i) {
    const uint64_t bytes = std::min<uint64_t>(segment.block_bytes[i], segment.data_bytes - counted);
    end = std::max(end, UnitOffset(segment, i)) + bytes;
    counted += bytes;
  }
  return end + (segment.data_bytes - counted);
}

}  // namespace

Status EfsRawReader::Feed(ByteSpan bytes) {
  while (status_.ok() && !bytes.empty()) {
    status_ = state_ == State::kData ? TakeData(bytes) : TakeHeader(bytes);
  }
  return status_;
}

Status EfsRawReader::Finish() {
  if (!status_.ok()) return status_;
  if (state_ != State::kNext || !held_.empty()) {
    const std::string text = fmt::format("ends inside a structure that began at byte {}", place_);
    static_cast<void>(visitor_.OnFinding({at_, Severity::kReject, text}).ok());
    return status_ = Truncated(fmt::format("byte {}: {}", at_, text));
  }
  place_ = at_;
  if (stream_ == Stream::kNone) return status_ = Reject("there is no metadata stream");
  return status_ = EndStream();
}

Status EfsRawReader::Note(Severity severity, std::string text) {
  return visitor_.OnFinding({place_, severity, std::move(text)});
}

Status EfsRawReader::Reject(std::string text) {
  static_cast<void>(Note(Severity::kReject, text).ok());
  return Corrupt(fmt::format("byte {}: {}", place_, text));
}

void EfsRawReader::Need(State state, size_t bytes) {
  state_ = state;
  need_ = bytes;
}

Status EfsRawReader::TakeHeader(ByteSpan& bytes) {
  if (held_.empty()) place_ = at_;
  const size_t piece = std::min(bytes.size(), need_ - held_.size());
  held_.insert(held_.end(), bytes.begin(), bytes.begin() + static_cast<ptrdiff_t>(piece));
  bytes = bytes.subspan(piece);
  at_ += piece;
  while (state_ != State::kData && held_.size() == need_) TAPIR_RETURN_IF_ERROR(ParseHeld());
  return OkStatus();
}

Status EfsRawReader::ParseHeld() {
  switch (state_) {
    case State::kRoot: return ParseRoot();
    case State::kNext: return ParseNext();
    case State::kStreamHeader: return ParseStreamHeader();
    case State::kStreamName: return ParseStreamName();
    case State::kSegmentHeader: return ParseSegmentHeader();
    case State::kEncryption: return ParseEncryptionHeader();
    case State::kData: break;
  }
  return Internal("a header was parsed inside of data");
}

Status EfsRawReader::ParseRoot() {
  if (!AsText(held_).starts_with(efs::kRootMagic)) return Reject("not the header of a raw export");
  held_.clear();
  Need(State::kNext, efs::kMagicEnd);
  return OkStatus();
}

Status EfsRawReader::ParseNext() {
  length_ = LoadLe<uint32_t>(held_.data());
  const std::string_view magic = AsText(held_).substr(4);
  if (magic == efs::kStreamMagic) {
    TAPIR_RETURN_IF_ERROR(EndStream());
    Need(State::kStreamHeader, efs::kStreamHeaderBytes);
    return OkStatus();
  }
  if (magic != efs::kSegmentMagic) return Reject("neither a stream nor a segment begins here");
  if (stream_ == Stream::kNone) return Reject("a segment without a stream");
  const size_t least = stream_ == Stream::kEncrypted
                           ? efs::kSegmentHeaderBytes + efs::kEncryptionHeaderBytes
                           : efs::kSegmentHeaderBytes;
  if (length_ < least) return Reject(fmt::format("a segment of {} bytes", length_));
  Need(stream_ == Stream::kEncrypted ? State::kEncryption : State::kSegmentHeader, least);
  return OkStatus();
}

Status EfsRawReader::EndStream() {
  switch (stream_) {
    case Stream::kNone: return OkStatus();
    case Stream::kMetadata: metadata_ended_ = true; return visitor_.OnMetadataEnd();
    case Stream::kEncrypted:
    case Stream::kPlain: return visitor_.OnStreamEnd();
  }
  return OkStatus();
}

Status EfsRawReader::ParseStreamHeader() {
  const auto name_bytes = LoadLe<uint32_t>(&held_[24]);
  if (name_bytes < 2 || name_bytes % 2 != 0 || name_bytes > efs::kMaxNameBytes) {
    return Reject(fmt::format("a stream's name of {} bytes", name_bytes));
  }
  if (length_ != efs::kStreamHeaderBytes + name_bytes) {
    return Reject(
        fmt::format("a stream header of {} bytes with a name of {}", length_, name_bytes));
  }
  header_bytes_ += length_;
  if (header_bytes_ > efs::kMaxStreamHeaderBytes)
    return Reject("more streams than a file can have");
  Need(State::kStreamName, length_);
  return OkStatus();
}

Status EfsRawReader::ParseStreamName() {
  const ByteSpan name = ByteSpan(held_).subspan(efs::kStreamHeaderBytes);
  const bool is_metadata = name.size() == 2;
  if (is_metadata == metadata_ended_) {
    return Reject(is_metadata ? "a second metadata stream"
                              : "the first stream is not the metadata");
  }
  range_end_ = 0;
  if (is_metadata) {
    stream_ = Stream::kMetadata;
    if (AsText(name) == efs::kSwappedMetadataName) {
      TAPIR_RETURN_IF_ERROR(
          Note(Severity::kWarning, "the metadata stream's name has its bytes swapped"));
    } else if (AsText(name) != efs::kMetadataName) {
      return Reject("the metadata stream has another name");
    }
  } else {
    const auto flag = LoadLe<uint32_t>(&held_[efs::kMagicEnd]);
    if (flag > 1) return Reject(fmt::format("a stream with flag {}", flag));
    stream_ = flag == 0 ? Stream::kEncrypted : Stream::kPlain;
    TAPIR_RETURN_IF_ERROR(visitor_.OnStream({place_, name, flag == 0}));
  }
  held_.clear();
  Need(State::kNext, efs::kMagicEnd);
  return OkStatus();
}

Status EfsRawReader::ParseSegmentHeader() {
  segment_ = {};
  segment_.place = place_;
  segment_.header = held_;
  segment_.data_bytes = length_ - efs::kSegmentHeaderBytes;
  if (stream_ == Stream::kMetadata) {
    metadata_bytes_ += segment_.data_bytes;
    if (metadata_bytes_ > kMaxEfsMetadataBytes) return Reject("more metadata than Windows takes");
    return BeginData();
  }
  segment_.offset = range_end_;
  segment_.bytes_in_size = segment_.data_bytes;
  segment_.bytes_in_valid_data = segment_.data_bytes;
  TAPIR_RETURN_IF_ERROR(CheckRange(segment_));
  TAPIR_RETURN_IF_ERROR(visitor_.OnSegment(segment_));
  return BeginData();
}

Status EfsRawReader::ParseEncryptionHeader() {
  ReadCursor cursor(ByteSpan(held_).subspan(efs::kSegmentHeaderBytes));
  segment_ = {};
  segment_.place = place_;
  segment_.offset = cursor.U64();
  const uint32_t header_bytes = cursor.U32();
  segment_.bytes_in_size = cursor.U32();
  segment_.bytes_in_valid_data = cursor.U32();
  const uint16_t zero = cursor.U16();
  segment_.data_unit_shift = cursor.U8();
  segment_.chunk_shift = cursor.U8();
  segment_.cluster_shift = cursor.U8();
  const uint8_t one = cursor.U8();
  const uint16_t blocks = cursor.U16();
  const size_t with_header = efs::kSegmentHeaderBytes + size_t{header_bytes};
  if (header_bytes < efs::kEncryptionHeaderBytes + size_t{4} * blocks || with_header > length_ ||
      header_bytes > efs::kMaxEncryptionHeaderBytes) {
    return Reject(fmt::format("an encryption header of {} bytes for {} blocks in a segment of {}",
                              header_bytes, blocks, length_));
  }
  if (held_.size() < with_header) {
    Need(State::kEncryption, with_header);
    return OkStatus();
  }
  blocks_.clear();
  for (size_t i = 0; i < blocks; ++i) blocks_.push_back(cursor.U32());
  segment_.header = held_;
  segment_.block_bytes = blocks_;
  segment_.data_bytes = length_ - with_header;
  TAPIR_RETURN_IF_ERROR(ParseExtendedHeader(cursor.ReadRest()));
  TAPIR_RETURN_IF_ERROR(CheckEncryptionHeader(segment_, zero, one));
  TAPIR_RETURN_IF_ERROR(CheckBlocks(segment_));
  segment_.bytes_in_valid_data = std::min(segment_.bytes_in_valid_data, segment_.bytes_in_size);
  TAPIR_RETURN_IF_ERROR(CheckRange(segment_));
  TAPIR_RETURN_IF_ERROR(visitor_.OnSegment(segment_));
  return BeginData();
}

Status EfsRawReader::ParseExtendedHeader(ByteSpan after_blocks) {
  if (!AsText(after_blocks).starts_with(efs::kExtendedMagic)) return OkStatus();
  if (after_blocks.size() < efs::kExtendedHeaderBytes) {
    return Reject("an extended header that is cut off");
  }
  segment_.extended = true;
  const auto bytes = LoadLe<uint32_t>(&after_blocks[4]);
  const auto flags = LoadLe<uint32_t>(&after_blocks[8]);
  segment_.sparse = (flags & 1) != 0;
  if (bytes == efs::kExtendedHeaderBytes && flags <= 1) return OkStatus();
  return Note(Severity::kWarning,
              fmt::format("an extended header of {} bytes with flags {:#x}", bytes, flags));
}

Status EfsRawReader::CheckEncryptionHeader(const EfsRawSegment& segment, uint16_t zero,
                                           uint8_t one) {
  if (zero != 0 || one != 1) {
    TAPIR_RETURN_IF_ERROR(Note(Severity::kWarning,
                               fmt::format("the header's fixed fields are {} and {}", zero, one)));
  }
  if (segment.data_unit_shift != segment.chunk_shift ||
      segment.data_unit_shift > efs::kMaxUnitShift) {
    TAPIR_RETURN_IF_ERROR(
        Note(Severity::kWarning, fmt::format("data unit shift {}, chunk shift {}",
                                             segment.data_unit_shift, segment.chunk_shift)));
  }
  if (segment.cluster_shift < efs::kMinClusterShift ||
      segment.cluster_shift > efs::kMaxClusterShift) {
    TAPIR_RETURN_IF_ERROR(
        Note(Severity::kWarning, fmt::format("cluster shift {}", segment.cluster_shift)));
  }
  if (segment.offset % efs::kCipherUnit != 0) {
    TAPIR_RETURN_IF_ERROR(
        Note(Severity::kWarning,
             fmt::format("a segment at {} of its stream begins inside a unit", segment.offset)));
  }
  if (segment.bytes_in_valid_data > segment.bytes_in_size) {
    return Note(Severity::kWarning, "more bytes within the valid data than within the size");
  }
  return OkStatus();
}

Status EfsRawReader::CheckBlocks(const EfsRawSegment& segment) {
  uint64_t sum = 0;
  bool whole = true;
  for (const uint32_t bytes : segment.block_bytes) {
    sum += bytes;
    whole = whole && bytes % efs::kCipherUnit == 0;
  }
  if (!whole) {
    TAPIR_RETURN_IF_ERROR(Note(Severity::kWarning, "a block that is not a multiple of 512 bytes"));
  }
  if (sum != segment.data_bytes) {
    TAPIR_RETURN_IF_ERROR(Note(
        Severity::kWarning,
        fmt::format("blocks of {} bytes in a segment that holds {}", sum, segment.data_bytes)));
  }
  // A sparse stream may leave out holes.
  const bool too_little = segment.data_bytes < segment.bytes_in_valid_data && !segment.sparse;
  if (too_little || segment.data_bytes > RoundUp(segment.bytes_in_size, efs::kCipherUnit)) {
    return Note(Severity::kWarning,
                fmt::format("{} bytes are stored for {} of which {} are valid", segment.data_bytes,
                            segment.bytes_in_size, segment.bytes_in_valid_data));
  }
  return OkStatus();
}

Status EfsRawReader::CheckRange(const EfsRawSegment& segment) {
  if (segment.offset > efs::kMaxStreamBytes ||
      segment.bytes_in_size > efs::kMaxStreamBytes - segment.offset ||
      DataEnd(segment) > efs::kMaxStreamBytes) {
    return Reject(
        fmt::format("a segment at {} of its stream passes the largest size", segment.offset));
  }
  if (segment.offset < range_end_) {
    TAPIR_RETURN_IF_ERROR(
        Note(Severity::kReject, fmt::format("a segment at {} of its stream, behind one up to {}",
                                            segment.offset, range_end_)));
  }
  range_end_ = std::max(range_end_, segment.offset + segment.bytes_in_size);
  return OkStatus();
}

Status EfsRawReader::BeginData() {
  held_.clear();
  segment_.header = {};
  data_left_ = segment_.data_bytes;
  data_offset_ = segment_.offset;
  next_block_ = 0;
  block_left_ = 0;
  if (data_left_ > 0) {
    state_ = State::kData;
  } else {
    Need(State::kNext, efs::kMagicEnd);
  }
  return OkStatus();
}

Status EfsRawReader::TakeData(ByteSpan& bytes) {
  while (block_left_ == 0 && next_block_ < segment_.block_bytes.size()) {
    block_left_ = segment_.block_bytes[next_block_];
    if (block_left_ > 0) data_offset_ = std::max(data_offset_, UnitOffset(segment_, next_block_));
    ++next_block_;
  }
  uint64_t most = std::min<uint64_t>(bytes.size(), data_left_);
  if (block_left_ > 0) most = std::min(most, block_left_);
  const ByteSpan piece = bytes.first(static_cast<size_t>(most));
  TAPIR_RETURN_IF_ERROR(stream_ == Stream::kMetadata ? visitor_.OnMetadata(at_, piece)
                                                     : visitor_.OnData(data_offset_, piece));
  bytes = bytes.subspan(piece.size());
  at_ += piece.size();
  data_offset_ += piece.size();
  data_left_ -= piece.size();
  block_left_ -= std::min<uint64_t>(block_left_, piece.size());
  if (data_left_ == 0) Need(State::kNext, efs::kMagicEnd);
  return OkStatus();
}

}  // namespace tapir
