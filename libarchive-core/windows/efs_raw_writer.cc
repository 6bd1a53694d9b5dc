#include "windows/efs_raw_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <utility>

#include "tapir/windows/efs_metadata.h"
#include "windows/efs_raw_format.h"

namespace tapir {
namespace {

constexpr uint64_t kSegmentDataBytes = 64 << 10;
// With the segment's own header 512 bytes.
constexpr size_t kWrittenHeaderBytes = 496;
constexpr unsigned kMinUnitShift = 9;
constexpr unsigned kMaxWrittenUnitShift = 16;
// NTFS compresses, and leaves holes in sparse files, 16 clusters at a time.
constexpr unsigned kCompressionUnitShift = 4;

Status CheckExtents(const RawEncryptedStream& stream) {
  uint64_t end = 0;
  for (const RawExtent& extent : stream.extents) {
    if (extent.offset < end || extent.offset % efs::kCipherUnit != 0) {
      return InvalidArgument(fmt::format("an extent of a stream at {}", extent.offset));
    }
    if (extent.length > efs::kMaxStreamBytes || extent.offset > efs::kMaxStreamBytes) {
      return InvalidArgument(fmt::format("an extent of {} bytes", extent.length));
    }
    end = extent.offset + extent.length;
    if (end % efs::kCipherUnit != 0 && end < stream.size) {
      return InvalidArgument(fmt::format("an extent of a stream ends at {}", end));
    }
  }
  return OkStatus();
}

Status CheckStream(const RawEncryptedStream& stream) {
  const size_t name_bytes = stream.raw_name.size();
  if (name_bytes <= 2 || name_bytes % 2 != 0 || name_bytes > efs::kMaxNameBytes) {
    return InvalidArgument(fmt::format("a stream's name of {} bytes", name_bytes));
  }
  if (stream.size > efs::kMaxStreamBytes || stream.valid_data_length > stream.size) {
    return InvalidArgument(fmt::format("a stream of {} bytes of which {} are valid", stream.size,
                                       stream.valid_data_length));
  }
  if (stream.cluster_shift < efs::kMinClusterShift ||
      stream.cluster_shift > efs::kMaxClusterShift) {
    return InvalidArgument(fmt::format("clusters of 2^{} bytes", stream.cluster_shift));
  }
  return CheckExtents(stream);
}

unsigned UnitShift(const RawEncryptedStream& stream, size_t data_bytes) {
  const unsigned shift = stream.sparse
                             ? stream.cluster_shift + kCompressionUnitShift
                             : static_cast<unsigned>(std::bit_width(data_bytes - (data_bytes > 0)));
  return std::clamp(shift, kMinUnitShift, kMaxWrittenUnitShift);
}

// A block for each data unit; one of no bytes if there is no data.
void WriteBlockSizes(WriteCursor& cursor, size_t data_bytes, size_t unit_bytes) {
  const size_t blocks = std::max<size_t>(1, RoundUp(data_bytes, unit_bytes) / unit_bytes);
  cursor.U16(static_cast<uint16_t>(blocks));
  for (size_t left = data_bytes, i = 0; i < blocks; ++i) {
    const size_t bytes = std::min(left, unit_bytes);
    cursor.U32(static_cast<uint32_t>(bytes));
    left -= bytes;
  }
}

}  // namespace

Result<EfsRawWriter> EfsRawWriter::Make(std::string metadata,
                                        std::vector<RawEncryptedStream> streams, Pull pull) {
  if (metadata.size() > kMaxEfsMetadataBytes) {
    return LimitExceeded(fmt::format("$EFS of {} bytes", metadata.size()));
  }
  size_t header_bytes = efs::kStreamHeaderBytes + efs::kMetadataName.size();
  for (const RawEncryptedStream& stream : streams) {
    TAPIR_RETURN_IF_ERROR(CheckStream(stream));
    header_bytes += efs::kStreamHeaderBytes + stream.raw_name.size();
  }
  if (header_bytes > efs::kMaxStreamHeaderBytes) {
    return LimitExceeded(fmt::format("{} streams of one file", streams.size()));
  }
  return EfsRawWriter(std::move(metadata), std::move(streams), std::move(pull));
}

EfsRawWriter::EfsRawWriter(std::string metadata, std::vector<RawEncryptedStream> streams, Pull pull)
    : metadata_(std::move(metadata)), streams_(std::move(streams)), pull_(std::move(pull)) {}

Result<size_t> EfsRawWriter::Read(std::span<std::byte> into) {
  size_t filled = 0;
  while (filled < into.size()) {
    if (made_read_ == made_.size()) {
      made_.clear();
      made_read_ = 0;
      TAPIR_RETURN_IF_ERROR(MakeNext());
      if (made_.empty()) break;
    }
    const size_t piece = std::min(into.size() - filled, made_.size() - made_read_);
    std::memcpy(&into[filled], &made_[made_read_], piece);
    filled += piece;
    made_read_ += piece;
  }
  return filled;
}

// Leaves made_ empty only at the end.
Status EfsRawWriter::MakeNext() {
  WriteCursor cursor(made_);
  if (!begun_) {
    begun_ = true;
    cursor.Text(efs::kRootMagic);
    cursor.Zeros(efs::kRootBytes - efs::kRootMagic.size());
    cursor.U32(static_cast<uint32_t>(efs::kStreamHeaderBytes + efs::kMetadataName.size()));
    cursor.Text(efs::kStreamMagic);
    cursor.Zeros(12);
    cursor.U32(static_cast<uint32_t>(efs::kMetadataName.size()));
    cursor.Text(efs::kMetadataName);
    return OkStatus();
  }
  if (metadata_done_ < metadata_.size()) {
    MakeMetadataSegment();
    return OkStatus();
  }
  if (next_stream_ > 0) {
    if (!stream().encrypted && range_end_ < stream().size) return MakePlainSegment();
    if (stream().encrypted) {
      if (const std::optional<Piece> piece = NextPiece()) return MakeSegment(*piece);
    }
  }
  if (next_stream_ < streams_.size()) BeginStream();
  return OkStatus();
}

void EfsRawWriter::MakeMetadataSegment() {
  const size_t bytes = std::min<size_t>(metadata_.size() - metadata_done_, kSegmentDataBytes);
  WriteCursor cursor(made_);
  cursor.U32(static_cast<uint32_t>(efs::kSegmentHeaderBytes + bytes));
  cursor.Text(efs::kSegmentMagic);
  cursor.U32(0);
  cursor.Text(std::string_view(metadata_).substr(metadata_done_, bytes));
  metadata_done_ += bytes;
}

void EfsRawWriter::BeginStream() {
  ++next_stream_;
  next_extent_ = 0;
  range_end_ = 0;
  valid_end_ = 0;
  WriteCursor cursor(made_);
  const std::string& name = stream().raw_name;
  cursor.U32(static_cast<uint32_t>(efs::kStreamHeaderBytes + name.size()));
  cursor.Text(efs::kStreamMagic);
  cursor.U32(stream().encrypted ? 0 : 1);
  cursor.U64(0);
  cursor.U32(static_cast<uint32_t>(name.size()));
  cursor.Text(name);
}

Status EfsRawWriter::MakePlainSegment() {
  const auto bytes = static_cast<size_t>(std::min(stream().size - range_end_, kSegmentDataBytes));
  WriteCursor cursor(made_);
  cursor.U32(static_cast<uint32_t>(efs::kSegmentHeaderBytes + bytes));
  cursor.Text(efs::kSegmentMagic);
  cursor.U32(0);
  cursor.Zeros(bytes);
  const auto data = std::as_writable_bytes(std::span(made_)).last(bytes);
  const uint64_t offset = range_end_;
  range_end_ += bytes;
  return pull_(next_stream_ - 1, offset, data);
}

Status EfsRawWriter::MakeSegment(const Piece& piece) {
  const unsigned shift = UnitShift(stream(), piece.data_bytes);
  WriteCursor cursor(made_);
  cursor.U32(
      static_cast<uint32_t>(efs::kSegmentHeaderBytes + kWrittenHeaderBytes + piece.data_bytes));
  cursor.Text(efs::kSegmentMagic);
  cursor.U32(0);
  cursor.U64(piece.offset);
  cursor.U32(kWrittenHeaderBytes);
  cursor.U32(static_cast<uint32_t>(piece.bytes_in_size));
  cursor.U32(static_cast<uint32_t>(piece.bytes_in_valid_data));
  cursor.U16(0);
  cursor.U8(static_cast<uint8_t>(shift));
  cursor.U8(static_cast<uint8_t>(shift));
  cursor.U8(stream().cluster_shift);
  cursor.U8(1);
  WriteBlockSizes(cursor, piece.data_bytes, size_t{1} << shift);
  cursor.Text(efs::kExtendedMagic);
  cursor.U32(efs::kExtendedHeaderBytes);
  cursor.U32(stream().sparse ? 1 : 0);
  cursor.U32(0);
  cursor.PadTo(efs::kSegmentHeaderBytes + kWrittenHeaderBytes);
  cursor.Zeros(piece.data_bytes);
  range_end_ = piece.offset + piece.bytes_in_size;
  if (piece.bytes_in_valid_data > 0) valid_end_ = piece.offset + piece.bytes_in_valid_data;
  if (piece.data_bytes == 0) return OkStatus();
  const auto data = std::as_writable_bytes(std::span(made_)).last(piece.data_bytes);
  return pull_(next_stream_ - 1, piece.offset, data);
}

std::optional<EfsRawWriter::Piece> EfsRawWriter::NextPiece() {
  const uint64_t size = stream().size;
  const uint64_t valid = stream().valid_data_length;
  for (; next_extent_ < stream().extents.size(); ++next_extent_) {
    const RawExtent& extent = stream().extents[next_extent_];
    const uint64_t begin = std::max(extent.offset, range_end_);
    const uint64_t end = std::min(extent.offset + extent.length, size);
    if (begin >= std::min(end, valid)) continue;
    Piece piece;
    piece.offset = begin;
    piece.bytes_in_size = std::min(end - begin, kSegmentDataBytes);
    piece.bytes_in_valid_data = std::min(piece.bytes_in_size, valid - begin);
    piece.data_bytes = static_cast<size_t>(RoundUp(piece.bytes_in_valid_data, efs::kCipherUnit));
    return piece;
  }
  if (valid_end_ < valid) return PieceUpTo(valid);
  if (range_end_ < size) return PieceUpTo(size);
  return std::nullopt;
}

// A segment without data, in which the valid data or the stream ends.
EfsRawWriter::Piece EfsRawWriter::PieceUpTo(uint64_t end) const {
  const uint64_t unit = (end - 1) / kSegmentDataBytes * kSegmentDataBytes;
  Piece piece;
  piece.offset = std::max(range_end_, unit);
  piece.bytes_in_size = std::min(unit + kSegmentDataBytes, stream().size) - piece.offset;
  const uint64_t valid = std::max(stream().valid_data_length, piece.offset) - piece.offset;
  piece.bytes_in_valid_data = std::min(valid, piece.bytes_in_size);
  return piece;
}

}  // namespace tapir
