#include "tapir/windows/backup_stream_writer.h"

#include <algorithm>
#include <cstring>
#include <set>
#include <utility>

#include "bytes/cursor.h"
#include "tapir/base/limits.h"
#include "tapir/windows/reparse_data.h"
#include "tapir/windows/wtf8.h"

namespace tapir {
namespace {

constexpr size_t kObjectIdSize = 64;

BackupPart PartOf(const BackupStreamHeader& header) {
  BackupPart part;
  part.bytes = EncodeBackupStreamHeader(header);
  part.header_bytes = part.bytes.size();
  part.data_bytes = header.data_bytes();
  return part;
}

void AddPayload(std::vector<BackupPart>& parts, BackupStreamId id, uint32_t attributes,
                const std::optional<std::string>& payload) {
  if (!payload) return;
  BackupPart part = PartOf({.id = id, .attributes = attributes, .size_bytes = payload->size()});
  part.bytes += *payload;
  part.data_bytes = 0;
  parts.push_back(std::move(part));
}

Result<std::string> NameField(const std::string& name) {
  const std::optional<std::u16string> units = Utf16(name);
  if (!units) return InvalidArgument("the name of a stream is not WTF-8");
  const std::u16string whole = u":" + *units + u":$DATA";
  std::string bytes(AsText(std::as_bytes(std::span(whole))));
  TAPIR_RETURN_IF_ERROR(AlternateStreamName(AsBytes(bytes)).status());
  return bytes;
}

Status CheckDataStream(const BackupDataStream& stream) {
  if (stream.size_bytes > kMaxBackupStreamBytes) return InvalidArgument("a stream is too large");
  if (!stream.is_sparse && !stream.allocated.empty()) {
    return InvalidArgument("allocated ranges of a stream that is not sparse");
  }
  uint64_t end = 0;
  for (const BackupRange& range : stream.allocated) {
    if (range.offset < end || range.length_bytes == 0 || range.offset > stream.size_bytes ||
        range.length_bytes > stream.size_bytes - range.offset) {
      return InvalidArgument("allocated ranges do not ascend inside the stream");
    }
    end = range.offset + range.length_bytes;
  }
  return OkStatus();
}

bool IsOneRange(const BackupDataStream& stream) {
  return stream.allocated.size() == 1 && stream.allocated[0].length_bytes == stream.size_bytes;
}

// A sparse stream that has holes: a head without data, a block for each range, and its end.
void AddBlocks(std::vector<BackupPart>& parts, const BackupDataStream& stream, size_t place) {
  const auto add = [&](uint64_t offset, uint64_t length) {
    BackupPart& part = parts.emplace_back(PartOf({.id = BackupStreamId::kSparseBlock,
                                                  .attributes = kStreamSparse,
                                                  .size_bytes = sizeof(uint64_t) + length,
                                                  .block_offset = offset}));
    part.stream = place;
    part.place = offset;
  };
  for (const BackupRange& range : stream.allocated) add(range.offset, range.length_bytes);
  add(stream.size_bytes, 0);
}

Status AddStream(std::vector<BackupPart>& parts, const BackupFile& file, size_t place) {
  const BackupDataStream& stream = file.streams[place];
  TAPIR_RETURN_IF_ERROR(CheckDataStream(stream));
  const bool is_main = stream.name.empty();
  if (is_main && !stream.is_sparse && stream.size_bytes == 0) return OkStatus();
  const bool has_blocks = stream.is_sparse && stream.size_bytes > 0 && !IsOneRange(stream);
  BackupStreamHeader header;
  header.id = is_main ? BackupStreamId::kData : BackupStreamId::kAlternateData;
  header.attributes = (stream.is_sparse ? kStreamSparse : 0) |
                      (stream.modified_when_read ? kStreamModifiedWhenRead : 0) |
                      (is_main && file.ghosted ? kStreamContainsGhostedExtents : 0);
  header.size_bytes = has_blocks ? 0 : stream.size_bytes;
  if (!is_main) {
    TAPIR_ASSIGN_OR_RETURN(header.name, NameField(stream.name));
  }
  BackupPart& part = parts.emplace_back(PartOf(header));
  part.stream = place;
  if (has_blocks) AddBlocks(parts, stream, place);
  return OkStatus();
}

Result<std::vector<size_t>> SortedByName(const std::vector<BackupDataStream>& streams) {
  if (streams.size() > limits::kMaxStreams) return InvalidArgument("too many streams");
  std::vector<std::pair<std::u16string, size_t>> names;
  for (size_t i = 0; i < streams.size(); ++i) {
    std::optional<std::u16string> units = Utf16(streams[i].name);
    if (!units) return InvalidArgument("the name of a stream is not WTF-8");
    names.emplace_back(*std::move(units), i);
  }
  std::ranges::sort(names);
  std::vector<size_t> order;
  for (size_t i = 0; i < names.size(); ++i) {
    if (i > 0 && names[i].first == names[i - 1].first) {
      return InvalidArgument("two streams of one name");
    }
    order.push_back(names[i].second);
  }
  return order;
}

}  // namespace

Result<std::vector<BackupPart>> CanonicalBackupParts(const BackupFile& file) {
  if (file.object_id && file.object_id->size() != kObjectIdSize) {
    return InvalidArgument("an object id of " + std::to_string(file.object_id->size()) + " bytes");
  }
  if (file.reparse) {
    const Result<ReparseView> reparse = ParseReparse(AsBytes(*file.reparse));
    if (!reparse.ok()) return InvalidArgument(reparse.status().message());
  }
  TAPIR_ASSIGN_OR_RETURN(const std::vector<size_t> order, SortedByName(file.streams));
  std::vector<BackupPart> parts;
  AddPayload(parts, BackupStreamId::kSecurityData, kStreamContainsSecurity, file.security);
  AddPayload(parts, BackupStreamId::kEaData, 0, file.ea);
  AddPayload(parts, BackupStreamId::kReparseData, 0, file.reparse);
  AddPayload(parts, BackupStreamId::kObjectId, 0, file.object_id);
  const bool has_main = !order.empty() && file.streams[order.front()].name.empty();
  if (has_main) TAPIR_RETURN_IF_ERROR(AddStream(parts, file, order.front()));
  AddPayload(parts, BackupStreamId::kGhostedFileExtents, 0, file.ghosted);
  for (size_t i = has_main ? 1 : 0; i < order.size(); ++i) {
    TAPIR_RETURN_IF_ERROR(AddStream(parts, file, order[i]));
  }
  uint64_t total = 0;
  for (const BackupPart& part : parts) {
    total += part.bytes.size() + part.data_bytes;
    if (total > kMaxBackupStreamBytes) return InvalidArgument("streams are too large together");
  }
  return parts;
}

Status BackupPartCollector::OnHeader(const BackupStreamHeader& header) {
  BackupPart part = PartOf(header);
  part.place = header.offset + part.header_bytes;
  header_bytes_ += part.header_bytes;
  if (parts_.size() >= kMaxParts || header_bytes_ > kMaxHeaderBytes) {
    return LimitExceeded("backup streams, byte " + std::to_string(header.offset) +
                         ": too many streams");
  }
  parts_.push_back(std::move(part));
  return OkStatus();
}

Status BackupPartCollector::OnData(const BackupStreamHeader& /*header*/, uint64_t /*place*/,
                                   std::span<const std::byte> /*bytes*/) {
  return OkStatus();
}

Status BackupPartCollector::OnEnd(const BackupStreamHeader& /*header*/) { return OkStatus(); }

void BackupPartCollector::OnFinding(const Finding& /*finding*/) {}

BackupStreamWriter::BackupStreamWriter(std::vector<BackupPart> parts, Pull pull)
    : parts_(std::move(parts)), pull_(std::move(pull)) {
  for (const BackupPart& part : parts_) size_bytes_ += part.bytes.size() + part.data_bytes;
}

Result<size_t> BackupStreamWriter::Read(std::span<std::byte> into) {
  size_t filled = 0;
  while (filled < into.size() && part_ < parts_.size()) {
    const BackupPart& part = parts_[part_];
    const uint64_t given = part.bytes.size();
    const uint64_t left = (done_ < given ? given : given + part.data_bytes) - done_;
    const std::span<std::byte> piece =
        into.subspan(filled, static_cast<size_t>(std::min<uint64_t>(left, into.size() - filled)));
    if (done_ < given) {
      std::memcpy(piece.data(), &part.bytes[done_], piece.size());
    } else if (!piece.empty()) {
      Status pulled = pull_(part.stream, part.place + (done_ - given), piece);
      if (!pulled.ok()) {
        // What was filled before is returned first; the failure comes again with the next call.
        if (filled == 0) return pulled;
        return filled;
      }
    }
    filled += piece.size();
    done_ += piece.size();
    if (done_ == given + part.data_bytes) {
      ++part_;
      done_ = 0;
    }
  }
  return filled;
}

uint64_t BackupStreamWriter::Seek(uint64_t distance) {
  if (part_ == parts_.size() || done_ < parts_[part_].header_bytes) return 0;
  const uint64_t whole = parts_[part_].bytes.size() + parts_[part_].data_bytes;
  const uint64_t moved = std::min(distance, whole - done_);
  done_ += moved;
  if (done_ == whole) {
    ++part_;
    done_ = 0;
  }
  return moved;
}

}  // namespace tapir
