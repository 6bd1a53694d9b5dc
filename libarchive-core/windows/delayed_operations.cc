#include "tapir/windows/delayed_operations.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "bytes/cursor.h"
#include "tapir/windows/upcase.h"
#include "tapir/windows/wtf8.h"
#include "windows/delayed_path.h"

namespace tapir {
namespace {

constexpr std::string_view kNotExecuted = "NotExecuted";
constexpr std::string_view kStatusPrefix = "SC=";
constexpr std::string_view kUnused = "Unused";
constexpr std::string_view kNtPrefix = "\\??\\";
constexpr std::string_view kLongPrefix = "\\\\?\\";
constexpr size_t kMostStatusDigits = 16;
constexpr size_t kStatusDigits = kNotExecuted.size() - kStatusPrefix.size();
constexpr char16_t kByteOrderMark = 0xFEFF;
constexpr char16_t kSwappedMark = 0xFFFE;

constexpr std::array kKinds = {DelayedKind::kMoveFile, DelayedKind::kDeleteFile,
                               DelayedKind::kSetFileShortName};

bool HasLoneSurrogate(std::u16string_view units) {
  for (size_t i = 0; i < units.size(); ++i) {
    const bool high = units[i] >= 0xD800 && units[i] < 0xDC00;
    const bool low = units[i] >= 0xDC00 && units[i] < 0xE000;
    const bool paired =
        high && i + 1 < units.size() && units[i + 1] >= 0xDC00 && units[i + 1] < 0xE000;
    if (low || (high && !paired)) return true;
    if (paired) ++i;
  }
  return false;
}

std::string StatusText(const std::optional<uint64_t>& status) {
  if (!status) return std::string(kNotExecuted);
  std::array<char, kMostStatusDigits> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), *status, 16).ptr;
  return std::string(kStatusPrefix) + std::string(digits.data(), end);
}

}  // namespace

std::string_view DelayedKindName(DelayedKind kind) {
  switch (kind) {
    case DelayedKind::kMoveFile: return "MoveFile";
    case DelayedKind::kDeleteFile: return "DeleteFile";
    case DelayedKind::kSetFileShortName: break;
  }
  return "SetFileShortName";
}

Result<std::string> DelayedPath(std::string_view path) {
  std::string text(path);
  if (text.starts_with(kLongPrefix)) text.erase(0, kLongPrefix.size());
  if (!text.starts_with(kNtPrefix)) text.insert(0, kNtPrefix);
  const std::optional<std::u16string> units = Utf16(text);
  if (!units) return InvalidArgument("a path that is not UTF-8");
  const std::optional<DelayedPathFault> fault = CheckDelayedPath(*units);
  if (fault && fault->is_grave) {
    return InvalidArgument("'" + std::string(path) + "' is " + fault->text);
  }
  if (text.ends_with('\\')) text.pop_back();
  return text;
}

DelayedPathParts SplitDelayedPath(std::string_view path) {
  const std::string_view rest = path.starts_with(kNtPrefix) ? path.substr(kNtPrefix.size()) : path;
  const size_t root = std::min(rest.find('\\'), rest.size());
  DelayedPathParts parts{std::string(rest.substr(0, root)), {}};
  if (root < rest.size()) parts.path = rest.substr(root + 1);
  std::replace(parts.path.begin(), parts.path.end(), '\\', '/');
  return parts;
}

std::string DelayedStatusBytes(uint32_t status) {
  std::array<char, kStatusDigits> digits{};
  const auto length = static_cast<size_t>(
      std::to_chars(digits.data(), digits.data() + digits.size(), status, 16).ptr - digits.data());
  const std::string text = std::string(kStatusPrefix) + std::string(kStatusDigits - length, '0') +
                           std::string(digits.data(), length);
  std::string bytes;
  WriteCursor to(bytes);
  for (const char c : text) to.U16(static_cast<uint8_t>(c));
  return bytes;
}

std::string SetupExecuteString(std::string_view program, std::string_view file) {
  std::string text;
  for (const std::string_view part : {program, std::string_view(" "), file}) {
    if (part == " ") {
      text += ' ';
      if (!file.starts_with(kNtPrefix)) text += kNtPrefix;
      continue;
    }
    for (const char c : part) {
      if (c == ' ') {
        text += "%20";
      } else if (c == '%') {
        text += "%25";
      } else {
        text += c;
      }
    }
  }
  return text;
}

void DelayedOperationsReader::Reject(uint64_t offset, std::string text) {
  rejected_ = true;
  tell_({offset, Severity::kReject, std::move(text)});
}

void DelayedOperationsReader::Warn(uint64_t offset, std::string text) {
  tell_({offset, Severity::kWarning, std::move(text)});
}

void DelayedOperationsReader::Feed(std::span<const std::byte> bytes) {
  for (const std::byte byte : bytes) {
    if (rejected_) return;
    if (!half_) {
      half_ = byte;
      continue;
    }
    const std::array<std::byte, 2> unit = {*half_, byte};
    half_.reset();
    TakeUnit(LoadLe<char16_t>(unit.data()));
    position_ += unit.size();
  }
}

void DelayedOperationsReader::TakeUnit(char16_t unit) {
  if (position_ == 0 && unit == kSwappedMark) return Reject(0, "big-endian text");
  if (position_ == 0 && unit == kByteOrderMark) {
    field_begin_ = 2;
    return Warn(0, "a byte order mark");
  }
  if (ended_) return Reject(position_, "data behind the end of the list");
  if (unit == 0) return EndField();
  if (field_.empty()) field_begin_ = position_;
  // No field of a sound record is longer than a path.
  if (field_.size() == kMostDelayedPathUnits) {
    return Reject(field_begin_, "a field of more than 32,767 characters");
  }
  field_ += unit;
}

void DelayedOperationsReader::EndField() {
  if (field_.empty() && fields_.empty()) {
    ended_ = true;
    return;
  }
  if (field_.empty()) {
    return Reject(position_, "a record of " + std::to_string(fields_.size()) + " fields");
  }
  fields_.push_back(std::exchange(field_, {}));
  field_begins_.push_back(field_begin_);
  if (fields_.size() == kFields) EndRecord();
}

void DelayedOperationsReader::EndRecord() {
  DelayedOperation operation;
  for (size_t i = 0; i < kFields && !rejected_; ++i) {
    if (HasLoneSurrogate(fields_[i])) Reject(field_begins_[i], "half of a surrogate pair");
  }
  const bool sound = !rejected_ && ReadKind(operation) && ReadSource(operation) &&
                     ReadPath(2, operation.target) && ReadStatus(operation);
  const size_t volume = sound ? DelayedVolumeUnits(fields_[2]) : 0;
  if (sound && operation.kind == DelayedKind::kMoveFile) {
    const size_t from = DelayedVolumeUnits(fields_[1]);
    const bool same = Upcase(fields_[1].substr(0, from)) == Upcase(fields_[2].substr(0, volume));
    if (from == volume && !same) Reject(field_begins_[2], "a move to another volume");
  }
  if (sound && !rejected_) take_(operation);
  fields_.clear();
  field_begins_.clear();
}

bool DelayedOperationsReader::ReadKind(DelayedOperation& operation) {
  const std::string name = Wtf8(fields_[0]);
  const auto kind = std::find_if(kKinds.begin(), kKinds.end(),
                                 [&](DelayedKind one) { return DelayedKindName(one) == name; });
  if (kind == kKinds.end()) {
    Reject(field_begins_[0], "an operation of another name");
    return false;
  }
  operation.kind = *kind;
  return true;
}

bool DelayedOperationsReader::ReadPath(size_t field, std::string& path) {
  if (const auto fault = CheckDelayedPath(fields_[field])) {
    const uint64_t offset = field_begins_[field] + 2 * fault->unit;
    if (fault->is_grave) {
      Reject(offset, fault->text);
      return false;
    }
    Warn(offset, fault->text);
  }
  path = Wtf8(fields_[field]);
  if (path.ends_with('\\')) path.pop_back();
  return true;
}

bool DelayedOperationsReader::ReadSource(DelayedOperation& operation) {
  switch (operation.kind) {
    case DelayedKind::kMoveFile: return ReadPath(1, operation.source);
    case DelayedKind::kDeleteFile:
      if (Wtf8(fields_[1]) != kUnused) Warn(field_begins_[1], "a field that is not used");
      return true;
    case DelayedKind::kSetFileShortName: break;
  }
  if (!IsShortName(fields_[1])) {
    Reject(field_begins_[1], "no short name of eight characters and three");
    return false;
  }
  operation.source = Wtf8(fields_[1]);
  return true;
}

bool DelayedOperationsReader::ReadStatus(DelayedOperation& operation) {
  const std::string text = Wtf8(fields_[3]);
  if (text == kNotExecuted) return true;
  uint64_t status = 0;
  const char* begin = text.data() + std::min(text.size(), kStatusPrefix.size());
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(begin, end, status, 16);
  const bool fits = text.starts_with(kStatusPrefix) && begin != end &&
                    static_cast<size_t>(end - begin) <= kMostStatusDigits &&
                    parsed.ec == std::errc() && parsed.ptr == end;
  if (!fits) {
    Reject(field_begins_[3], "a status that is neither NotExecuted nor SC= and digits");
    return false;
  }
  operation.status = status;
  return true;
}

void DelayedOperationsReader::Finish() {
  if (rejected_) return;
  if (position_ == 0 && !half_) return Reject(0, "an empty file");
  if (half_) return Reject(position_, "half a character at the end");
  if (!ended_) Reject(position_, "no end of the list");
}

Result<std::string> BuildDelayedOperations(const std::vector<DelayedOperation>& operations) {
  std::string bytes;
  WriteCursor to(bytes);
  const auto put = [&](std::string_view text) -> Status {
    const std::optional<std::u16string> units = Utf16(text);
    if (!units) return InvalidArgument("'" + std::string(text) + "' is not UTF-8");
    for (const char16_t unit : *units) to.U16(unit);
    to.U16(0);
    return OkStatus();
  };
  for (const DelayedOperation& operation : operations) {
    const bool deletes = operation.kind == DelayedKind::kDeleteFile;
    TAPIR_RETURN_IF_ERROR(put(DelayedKindName(operation.kind)));
    TAPIR_RETURN_IF_ERROR(put(deletes ? kUnused : operation.source));
    TAPIR_RETURN_IF_ERROR(put(operation.target));
    TAPIR_RETURN_IF_ERROR(put(StatusText(operation.status)));
  }
  to.U16(0);
  size_t taken = 0;
  std::string fault;
  DelayedOperationsReader reader([&](const DelayedOperation&) { ++taken; },
                                 [&](const Finding& finding) {
                                   if (finding.severity == Severity::kReject) fault = finding.text;
                                 });
  reader.Feed(AsBytes(bytes));
  reader.Finish();
  if (fault.empty()) return bytes;
  const std::string which =
      taken < operations.size() ? " of '" + operations[taken].target + "'" : "";
  return InvalidArgument("operation " + std::to_string(taken + 1) + which + ": " + fault);
}

}  // namespace tapir
