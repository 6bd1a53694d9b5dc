#include "windows/backup_stream_rules.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "tapir/base/limits.h"
#include "tapir/windows/ea_list.h"
#include "tapir/windows/reparse_data.h"
#include "tapir/windows/security_descriptor.h"
#include "tapir/windows/wtf8.h"

namespace tapir {
namespace {

constexpr size_t kObjectIdBytes = 64;
constexpr uint32_t kKnownAttributes = kStreamModifiedWhenRead | kStreamContainsSecurity |
                                      kStreamContainsProperties | kStreamSparse |
                                      kStreamContainsGhostedExtents;

bool IsKnown(BackupStreamId id) { return !BackupStreamIdName(id).empty(); }

bool IsDataStream(BackupStreamId id) {
  return id == BackupStreamId::kData || id == BackupStreamId::kAlternateData;
}

uint32_t ApplicableAttributes(BackupStreamId id) {
  switch (id) {
    case BackupStreamId::kData:
      return kStreamModifiedWhenRead | kStreamSparse | kStreamContainsGhostedExtents;
    case BackupStreamId::kAlternateData:
    case BackupStreamId::kSparseBlock: return kStreamModifiedWhenRead | kStreamSparse;
    case BackupStreamId::kSecurityData: return kStreamModifiedWhenRead | kStreamContainsSecurity;
    case BackupStreamId::kPropertyData: return kStreamModifiedWhenRead | kStreamContainsProperties;
    default: return IsKnown(id) ? kStreamModifiedWhenRead : kKnownAttributes;
  }
}

// Names that differ in the case of other letters too are the same to NTFS, by a table of each
// volume that is not known here.
std::u16string FoldedName(std::string_view bytes) {
  std::u16string name;
  for (size_t at = 0; at + 1 < bytes.size(); at += 2) {
    auto unit = static_cast<char16_t>(LoadLe<uint16_t>(AsBytes(bytes.substr(at)).data()));
    if (unit >= u'a' && unit <= u'z') unit = static_cast<char16_t>(unit - u'a' + u'A');
    name += unit;
  }
  const size_t type = name.find(u':', 1);
  if (type != name.npos) name.resize(type);
  return name;
}

std::string Titled(BackupStreamId id) {
  const std::string_view name = BackupStreamIdName(id);
  return name.empty() ? "stream of id " + std::to_string(static_cast<uint32_t>(id))
                      : std::string(name);
}

}  // namespace

Status BackupStreamRules::Broken(uint64_t offset, const std::string& text) {
  visitor_.OnFinding({offset, Severity::kReject, text});
  return Corrupt("backup streams, byte " + std::to_string(offset) + ": " + text);
}

Status BackupStreamRules::Deviation(uint64_t offset, const std::string& text, Severity if_lenient) {
  if (strict_) return Broken(offset, text);
  visitor_.OnFinding({offset, if_lenient, text});
  return OkStatus();
}

void BackupStreamRules::Warn(uint64_t offset, const std::string& text) {
  visitor_.OnFinding({offset, Severity::kWarning, text});
}

Status BackupStreamRules::CheckHead(const BackupStreamHeader& header, uint32_t name_bytes) {
  const BackupStreamId id = header.id;
  if (id == BackupStreamId::kInvalid) return Broken(header.offset, "a stream of id 0");
  if (!IsKnown(id)) {
    TAPIR_RETURN_IF_ERROR(
        Deviation(header.offset, Titled(id) + ", which is not known", Severity::kWarning));
  }
  if (header.size_bytes > kMaxBackupStreamBytes) {
    return Broken(header.offset, Titled(id) + " with size " + std::to_string(header.size_bytes));
  }
  if (name_bytes > kMaxBackupStreamNameBytes) {
    return Broken(header.offset,
                  Titled(id) + " with a name of " + std::to_string(name_bytes) + " bytes");
  }
  if (id == BackupStreamId::kAlternateData && (name_bytes == 0 || name_bytes % 2 != 0)) {
    return Broken(header.offset,
                  "a named stream with a name of " + std::to_string(name_bytes) + " bytes");
  }
  if (id != BackupStreamId::kAlternateData && IsKnown(id) && name_bytes != 0) {
    return Broken(header.offset, Titled(id) + " with a name");
  }
  if (id == BackupStreamId::kSparseBlock && header.size_bytes < sizeof(uint64_t)) {
    return Broken(header.offset,
                  "a sparse block of " + std::to_string(header.size_bytes) + " bytes");
  }
  if ((header.attributes & ~ApplicableAttributes(id)) != 0) {
    Warn(header.offset + 4, Titled(id) + " with attributes that are not known or not its own");
  }
  return OkStatus();
}

Status BackupStreamRules::CheckHeader(const BackupStreamHeader& header) {
  TAPIR_RETURN_IF_ERROR(CheckOnce(header));
  if (header.id == BackupStreamId::kAlternateData) TAPIR_RETURN_IF_ERROR(CheckName(header));
  if (header.id == BackupStreamId::kSparseBlock) TAPIR_RETURN_IF_ERROR(CheckBlock(header));
  if (IsDataStream(header.id)) {
    open_ = OpenStream{.is_sparse = (header.attributes & kStreamSparse) != 0,
                       .is_main = header.id == BackupStreamId::kData,
                       .end = header.size_bytes};
  }
  if (header.id == BackupStreamId::kData && header.size_bytes > 0) has_main_data_ = true;
  if (header.id == BackupStreamId::kReparseData) reparse_at_ = header.offset;
  if (header.id == BackupStreamId::kEaData) ea_at_ = header.offset;
  if (header.id == BackupStreamId::kObjectId && header.size_bytes != kObjectIdBytes) {
    return Deviation(header.offset,
                     "an object id of " + std::to_string(header.size_bytes) + " bytes",
                     Severity::kError);
  }
  return OkStatus();
}

Status BackupStreamRules::CheckOnce(const BackupStreamHeader& header) {
  switch (header.id) {
    case BackupStreamId::kData:
    case BackupStreamId::kObjectId:
    case BackupStreamId::kReparseData:
    case BackupStreamId::kSecurityData: break;
    default: return OkStatus();
  }
  if (seen_.insert(header.id).second) return OkStatus();
  return Deviation(header.offset, "a second " + Titled(header.id), Severity::kWarning);
}

Status BackupStreamRules::CheckName(const BackupStreamHeader& header) {
  const Result<std::string> name = AlternateStreamName(AsBytes(header.name));
  if (!name.ok()) return Broken(header.offset, name.status().message());
  const bool is_new = names_.insert(FoldedName(header.name)).second;
  if (names_.size() > limits::kMaxStreams) {
    return Broken(header.offset, "more than " + std::to_string(limits::kMaxStreams) + " streams");
  }
  if (is_new) return OkStatus();
  return Deviation(header.offset, "a second stream named " + *name, Severity::kWarning);
}

Status BackupStreamRules::CheckBlock(const BackupStreamHeader& header) {
  const uint64_t length = header.data_bytes();
  if (header.block_offset > kMaxBackupStreamBytes ||
      length > kMaxBackupStreamBytes - header.block_offset) {
    return Broken(header.offset, "a sparse block at offset " + std::to_string(header.block_offset));
  }
  if (!open_ || !open_->is_sparse) {
    TAPIR_RETURN_IF_ERROR(
        Deviation(header.offset, "a sparse block without a sparse stream", Severity::kWarning));
  }
  if (!open_) open_ = OpenStream{};
  if (open_->has_end || header.block_offset < open_->end) {
    TAPIR_RETURN_IF_ERROR(
        Deviation(header.offset, "sparse blocks overlap or do not ascend", Severity::kWarning));
  }
  open_->has_end = length == 0;
  open_->end = std::max(open_->end, header.block_offset + length);
  if (open_->is_main && length > 0) has_main_data_ = true;
  return OkStatus();
}

bool BackupStreamRules::HasPayloadRules(BackupStreamId id) {
  return id == BackupStreamId::kSecurityData || id == BackupStreamId::kEaData ||
         id == BackupStreamId::kReparseData;
}

Status BackupStreamRules::CheckPayload(const BackupStreamHeader& header, ByteSpan payload) {
  std::vector<Finding> findings;
  switch (header.id) {
    case BackupStreamId::kSecurityData: findings = CheckSecurityDescriptor(payload); break;
    case BackupStreamId::kEaData: findings = CheckEaList(payload); break;
    default: findings = CheckReparse(payload); break;
  }
  if (header.id == BackupStreamId::kReparseData && payload.size() >= sizeof(uint32_t) &&
      IsNameSurrogateTag(LoadLe<uint32_t>(payload.data()))) {
    surrogate_at_ = header.offset;
  }
  const uint64_t start = header.offset + EncodeBackupStreamHeader(header).size();
  for (Finding& finding : findings) {
    finding.offset += start;
    const std::string text = Titled(header.id) + ": " + finding.text;
    if (finding.severity == Severity::kReject) {
      TAPIR_RETURN_IF_ERROR(Deviation(finding.offset, text, Severity::kError));
    } else {
      visitor_.OnFinding({finding.offset, finding.severity, text});
    }
  }
  return OkStatus();
}

Status BackupStreamRules::PayloadTooLarge(const BackupStreamHeader& header) {
  return Deviation(header.offset,
                   Titled(header.id) + " of " + std::to_string(header.size_bytes) +
                       " bytes, limit " + std::to_string(kMaxCheckedPayloadBytes),
                   Severity::kError);
}

void BackupStreamRules::Finish() {
  if (reparse_at_ && ea_at_) {
    Warn(std::max(*reparse_at_, *ea_at_), "reparse data and extended attributes of one file");
  }
  if (surrogate_at_ && has_main_data_) {
    Warn(*surrogate_at_, "reparse data of a name surrogate, and data");
  }
}

}  // namespace tapir
