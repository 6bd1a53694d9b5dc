#include "tapir/windows/backup_stream.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "bytes/cursor.h"
#include "tapir/windows/wtf8.h"
#include "windows/backup_stream_rules.h"

namespace tapir {
namespace {

constexpr size_t kStreamHeadBytes = 20;
constexpr size_t kMaxStreamNameUnits = 255;
constexpr std::u16string_view kBackupDataType = u"$DATA";
constexpr size_t kMaxListedFindings = 10000;

class StreamFindings : public BackupStreamVisitor {
 public:
  Status OnHeader(const BackupStreamHeader&) override { return OkStatus(); }
  Status OnData(const BackupStreamHeader&, uint64_t, ByteSpan) override { return OkStatus(); }
  Status OnEnd(const BackupStreamHeader&) override { return OkStatus(); }
  void OnFinding(const Finding& finding) override {
    // What ends reading comes once and is always kept.
    if (list.size() < kMaxListedFindings || finding.severity == Severity::kReject) {
      list.push_back(finding);
    }
  }

  std::vector<Finding> list;
};

}  // namespace

std::string_view BackupStreamIdName(BackupStreamId id) {
  constexpr std::array<std::string_view, 12> kNames = {
      "",
      "BACKUP_DATA",
      "BACKUP_EA_DATA",
      "BACKUP_SECURITY_DATA",
      "BACKUP_ALTERNATE_DATA",
      "BACKUP_LINK",
      "BACKUP_PROPERTY_DATA",
      "BACKUP_OBJECT_ID",
      "BACKUP_REPARSE_DATA",
      "BACKUP_SPARSE_BLOCK",
      "BACKUP_TXFS_DATA",
      "BACKUP_GHOSTED_FILE_EXTENTS",
  };
  const auto place = static_cast<size_t>(id);
  return place < kNames.size() ? kNames[place] : std::string_view();
}

uint64_t BackupStreamHeader::data_bytes() const {
  if (id != BackupStreamId::kSparseBlock) return size_bytes;
  return size_bytes - std::min<uint64_t>(size_bytes, sizeof block_offset);
}

std::string EncodeBackupStreamHeader(const BackupStreamHeader& header) {
  std::string bytes;
  WriteCursor write(bytes);
  write.U32(static_cast<uint32_t>(header.id));
  write.U32(header.attributes);
  write.U64(header.size_bytes);
  write.U32(static_cast<uint32_t>(header.name.size()));
  write.Text(header.name);
  if (header.id == BackupStreamId::kSparseBlock) write.U64(header.block_offset);
  return bytes;
}

Result<std::string> AlternateStreamName(std::span<const std::byte> name) {
  if (name.size() % 2 != 0) return InvalidArgument("half a unit in the name of a stream");
  std::u16string units;
  for (size_t at = 0; at < name.size(); at += 2) {
    units += static_cast<char16_t>(LoadLe<uint16_t>(&name[at]));
  }
  const bool begins = units.starts_with(u':');
  std::u16string_view rest = std::u16string_view(units).substr(begins ? 1 : 0);
  const std::u16string_view plain = rest.substr(0, rest.find(u':'));
  const std::u16string_view type = rest.substr(std::min(plain.size() + 1, rest.size()));
  const bool has_type = plain.size() < rest.size();
  constexpr std::u16string_view kNotInNames(u"\\/\0", 3);
  if (!begins || plain.empty() || plain.size() > kMaxStreamNameUnits ||
      (has_type && type != kBackupDataType) || plain.find_first_of(kNotInNames) != plain.npos) {
    return InvalidArgument("no valid name of a stream");
  }
  return Wtf8(plain);
}

class BackupStreamReader::Impl {
 public:
  Impl(BackupStreamVisitor& visitor, BackupStreamMode mode)
      : visitor_(visitor), rules_(visitor, mode) {}

  Status Push(ByteSpan bytes) {
    while (status_.ok() && !bytes.empty()) {
      const size_t taken = in_data_ ? TakeData(bytes) : TakeHead(bytes);
      bytes = bytes.subspan(taken);
    }
    return status_;
  }

  Status Seek(uint64_t distance, uint64_t& moved) {
    moved = 0;
    if (!status_.ok() || !in_data_ || distance == 0) return status_;
    moved = std::min(distance, left_);
    position_ += moved;
    left_ -= moved;
    payload_.reset();
    if (left_ == 0) status_ = EndStream();
    return status_;
  }

  Status Finish() {
    if (!status_.ok()) return status_;
    if (!at_header()) {
      const std::string text = in_data_ ? "the data of a stream end early" : "a header ends early";
      visitor_.OnFinding({position_, Severity::kReject, text});
      status_ = Truncated("backup streams, byte " + std::to_string(position_) + ": " + text);
      return status_;
    }
    rules_.Finish();
    return status_;
  }

  uint64_t position() const { return position_; }
  bool at_header() const { return !in_data_ && head_.empty(); }

 private:
  size_t TakeHead(ByteSpan bytes) {
    const size_t taken = std::min(head_wanted_ - head_.size(), bytes.size());
    head_.append(AsText(bytes.first(taken)));
    position_ += taken;
    if (head_.size() < head_wanted_) return taken;
    if (head_.size() == kStreamHeadBytes) status_ = ParseHead();
    if (status_.ok() && head_.size() == head_wanted_) status_ = BeginStream();
    return taken;
  }

  Status ParseHead() {
    ReadCursor read(AsBytes(head_));
    header_ = {};
    header_.id = static_cast<BackupStreamId>(read.U32());
    header_.attributes = read.U32();
    header_.size_bytes = read.U64();
    const uint32_t name_bytes = read.U32();
    header_.offset = position_ - kStreamHeadBytes;
    TAPIR_RETURN_IF_ERROR(rules_.CheckHead(header_, name_bytes));
    head_wanted_ += name_bytes;
    if (header_.id == BackupStreamId::kSparseBlock) head_wanted_ += sizeof header_.block_offset;
    return OkStatus();
  }

  Status BeginStream() {
    const std::string_view rest = std::string_view(head_).substr(kStreamHeadBytes);
    if (header_.id == BackupStreamId::kSparseBlock) {
      header_.block_offset = LoadLe<uint64_t>(AsBytes(rest).data());
    } else {
      header_.name = rest;
    }
    TAPIR_RETURN_IF_ERROR(rules_.CheckHeader(header_));
    TAPIR_RETURN_IF_ERROR(visitor_.OnHeader(header_));
    if (BackupStreamRules::HasPayloadRules(header_.id)) {
      if (header_.size_bytes > kMaxCheckedPayloadBytes) {
        TAPIR_RETURN_IF_ERROR(rules_.PayloadTooLarge(header_));
      } else {
        payload_.emplace();
      }
    }
    head_.clear();
    head_wanted_ = kStreamHeadBytes;
    left_ = header_.data_bytes();
    in_data_ = true;
    return left_ == 0 ? EndStream() : OkStatus();
  }

  size_t TakeData(ByteSpan bytes) {
    const auto taken = static_cast<size_t>(std::min<uint64_t>(left_, bytes.size()));
    const uint64_t place = header_.block_offset + header_.data_bytes() - left_;
    if (payload_) payload_->append(AsText(bytes.first(taken)));
    left_ -= taken;
    position_ += taken;
    status_ = visitor_.OnData(header_, place, bytes.first(taken));
    if (status_.ok() && left_ == 0) status_ = EndStream();
    return taken;
  }

  Status EndStream() {
    in_data_ = false;
    if (payload_) {
      const std::string payload = *std::exchange(payload_, std::nullopt);
      TAPIR_RETURN_IF_ERROR(rules_.CheckPayload(header_, AsBytes(payload)));
    }
    return visitor_.OnEnd(header_);
  }

  BackupStreamVisitor& visitor_;
  BackupStreamRules rules_;
  Status status_;  // of all that was pushed; a failure stays
  uint64_t position_ = 0;
  std::string head_;  // what came of the next header
  size_t head_wanted_ = kStreamHeadBytes;
  BackupStreamHeader header_;
  std::optional<std::string> payload_;  // while it is to be checked
  uint64_t left_ = 0;                   // of the data
  bool in_data_ = false;
};

BackupStreamReader::BackupStreamReader(BackupStreamVisitor& visitor, BackupStreamMode mode)
    : impl_(std::make_unique<Impl>(visitor, mode)) {}
BackupStreamReader::~BackupStreamReader() = default;

Status BackupStreamReader::Push(std::span<const std::byte> bytes) { return impl_->Push(bytes); }

Status BackupStreamReader::Seek(uint64_t distance, uint64_t& moved) {
  return impl_->Seek(distance, moved);
}

Status BackupStreamReader::Finish() { return impl_->Finish(); }
uint64_t BackupStreamReader::position() const { return impl_->position(); }
bool BackupStreamReader::at_header() const { return impl_->at_header(); }

std::vector<Finding> CheckBackupStream(std::span<const std::byte> bytes, BackupStreamMode mode) {
  StreamFindings findings;
  BackupStreamReader reader(findings, mode);
  // A failure is among the findings.
  if (reader.Push(bytes).ok()) (void)reader.Finish();
  return std::move(findings.list);
}

}  // namespace tapir
