#include "source/backup_plan.h"

#include <algorithm>
#include <utility>

#include "bytes/cursor.h"
#include "tapir/base/limits.h"
#include "tapir/windows/ea_list.h"

namespace tapir::source {
namespace {

// Beyond these a sequence is kept as it is.
constexpr size_t kMostSkeletonBytes = 512u << 10;
constexpr size_t kMostRanges = 1u << 20;
constexpr size_t kMostFindings = 1000;

bool HasStreamData(BackupStreamId id) {
  return id == BackupStreamId::kData || id == BackupStreamId::kAlternateData ||
         id == BackupStreamId::kSparseBlock;
}

uint64_t EndOf(const PlacedStream& stream) {
  return stream.ranges.empty()
             ? 0
             : stream.ranges.back().offset_bytes + stream.ranges.back().length_bytes;
}

}  // namespace

void BackupPlan::GiveUp() {
  lossless_ = false;
  skeleton_ = {};
  streams_.clear();
  names_.clear();
}

Status BackupPlan::OnHeader(const BackupStreamHeader& header) {
  if (!lossless_) return OkStatus();
  const std::string bytes = EncodeBackupStreamHeader(header);
  skeleton_ += bytes;
  payload_begin_ = skeleton_.size();
  const bool has_data = HasStreamData(header.id);
  const uint64_t payload_bytes = has_data ? 0 : header.size_bytes;
  if (payload_bytes > kMostSkeletonBytes || skeleton_.size() + payload_bytes > kMostSkeletonBytes ||
      range_count_ > kMostRanges || names_.size() >= limits::kMaxStreams - 1) {
    GiveUp();
    return OkStatus();
  }
  BackupStreamHeader placed = header;
  placed.offset += bytes.size();
  if (header.id == BackupStreamId::kSparseBlock) {
    AddBlock(placed);
  } else if (has_data) {
    BeginStream(placed);
  }
  return OkStatus();
}

// The header's offset is that of its data here and in AddBlock.
void BackupPlan::BeginStream(const BackupStreamHeader& header) {
  if (header.id == BackupStreamId::kData) {
    if (std::exchange(has_contents_, true)) return GiveUp();
    open_ = 0;
  } else {
    const Result<std::string> name = AlternateStreamName(AsBytes(header.name));
    if (!name.ok() || !names_.insert(*name).second) return GiveUp();
    PlacedStream& added = streams_.emplace_back();
    open_ = streams_.size() - 1;
    added.head = {static_cast<uint32_t>(open_), *name};
  }
  PlacedStream& stream = streams_[open_];
  stream.size = header.size_bytes;
  stream.sparse = (header.attributes & kStreamSparse) != 0;
  block_may_follow_ = stream.sparse;
  if (stream.size > 0) stream.ranges.push_back({0, stream.size, header.offset});
  ++range_count_;
}

void BackupPlan::AddBlock(const BackupStreamHeader& header) {
  const uint64_t length = header.data_bytes();
  if (!block_may_follow_) return GiveUp();
  PlacedStream& stream = streams_[open_];
  if (header.block_offset < EndOf(stream)) return GiveUp();
  stream.size = std::max(stream.size, header.block_offset + length);
  block_may_follow_ = length > 0;
  if (length > 0) stream.ranges.push_back({header.block_offset, length, header.offset});
  ++range_count_;
}

Status BackupPlan::OnData(const BackupStreamHeader& header, uint64_t /*place*/,
                          std::span<const std::byte> bytes) {
  if (lossless_ && !HasStreamData(header.id)) skeleton_ += AsText(bytes);
  return OkStatus();
}

Status BackupPlan::OnEnd(const BackupStreamHeader& header) {
  const bool is_bad = std::exchange(payload_is_bad_, false);
  if (lossless_ && !is_bad && !HasStreamData(header.id)) TakePayload(header);
  return OkStatus();
}

// Of duplicates the last counts, as on Windows; all of them stay in the skeleton.
void BackupPlan::TakePayload(const BackupStreamHeader& header) {
  std::string payload = skeleton_.substr(payload_begin_);
  switch (header.id) {
    case BackupStreamId::kSecurityData: ntfs_.security_descriptor = std::move(payload); break;
    case BackupStreamId::kObjectId: ntfs_.object_id = std::move(payload); break;
    case BackupStreamId::kReparseData: ntfs_.reparse_data = std::move(payload); break;
    case BackupStreamId::kEaData:
      if (payload.size() <= kMaxEaBytes) ntfs_.extended_attributes = std::move(payload);
      break;
    default: break;
  }
}

void BackupPlan::OnFinding(const Finding& finding) {
  payload_is_bad_ |= finding.severity == Severity::kError;
  if (findings_.size() < kMostFindings || finding.severity == Severity::kReject) {
    findings_.push_back(finding);
  }
}

NtfsMetadata BackupPlan::ntfs() const {
  NtfsMetadata ntfs = ntfs_;
  if (!ntfs.reparse_data.empty()) ntfs.file_attributes |= kWindowsReparsePoint;
  for (const PlacedStream& stream : streams_) {
    if (!stream.sparse) continue;
    ntfs.file_attributes |= kWindowsSparse;
    ntfs.streams.push_back({.number = stream.head.number,
                            .sparse = true,
                            .size = stream.size,
                            .valid_bytes = stream.size});
  }
  return ntfs;
}

}  // namespace tapir::source
