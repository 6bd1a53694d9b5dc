#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tapir/base/status.h"
#include "tapir/windows/finding.h"

namespace tapir {

/// Operations that Srdelayed.exe carries out while Windows starts, and the file that lists them
/// (Win32 documentation, Backup, "Srdelayed.exe"). Text is WTF-8.

enum class DelayedKind : uint8_t { kMoveFile, kDeleteFile, kSetFileShortName };

/// "MoveFile", "DeleteFile", "SetFileShortName". The view is a literal.
std::string_view DelayedKindName(DelayedKind kind);

struct DelayedOperation {
  DelayedKind kind = DelayedKind::kMoveFile;
  std::string source;  ///< MoveFile: path; SetFileShortName: the short name; DeleteFile: not used
  std::string target;  ///< path: where to, what is deleted, or what gets the short name
  /// What came of it; nothing: it was not reached yet.
  std::optional<uint64_t> status;

  bool operator==(const DelayedOperation&) const = default;
};

/// A path as the file has it: "\??\C:\..." or "\??\Volume{GUID}\...". Takes these, the same behind
/// "\\?\", and "C:\...". kInvalidArgument for others: shares, relative paths.
Result<std::string> DelayedPath(std::string_view path);

/// A path of an operation apart.
struct DelayedPathParts {
  std::string volume;  ///< "C:" or "Volume{GUID}", as it is spelled
  std::string path;    ///< below its root, components joined by '/'
};
/// Of a path as the file has it.
DelayedPathParts SplitDelayedPath(std::string_view path);

/// Bytes of a status that fit in the place of "NotExecuted": "SC=" and eight hexadecimal digits.
std::string DelayedStatusBytes(uint32_t status);

/// The string of SetupExecute that has the program run on the file: both paths with a drive letter.
/// Blanks and '%' are encoded in hexadecimal.
std::string SetupExecuteString(std::string_view program, std::string_view file);

/// Reads a file of operations as it comes, in pieces of any size. Memory: one record.
/// Single-thread.
class DelayedOperationsReader {
 public:
  using TakeOperation = std::function<void(const DelayedOperation&)>;
  using TakeFinding = std::function<void(const Finding&)>;

  /// Operations are given out as long as nothing was rejected. Offsets of findings are bytes of the
  /// file.
  DelayedOperationsReader(TakeOperation take, TakeFinding tell)
      : take_(std::move(take)), tell_(std::move(tell)) {}

  void Feed(std::span<const std::byte> bytes);
  void Finish();

  /// Of the operation that is being given out: bytes of the file.
  uint64_t operation_offset() const { return field_begins_.front(); }
  uint64_t status_offset() const { return field_begins_.back(); }

 private:
  static constexpr size_t kFields = 4;

  void Reject(uint64_t offset, std::string text);
  void Warn(uint64_t offset, std::string text);
  void TakeUnit(char16_t unit);
  void EndField();
  void EndRecord();
  bool ReadKind(DelayedOperation& operation);
  bool ReadPath(size_t field, std::string& path);
  bool ReadSource(DelayedOperation& operation);
  bool ReadStatus(DelayedOperation& operation);

  TakeOperation take_;
  TakeFinding tell_;
  uint64_t position_ = 0;  // bytes taken
  std::optional<std::byte> half_;
  std::vector<std::u16string> fields_;
  std::vector<uint64_t> field_begins_;
  std::u16string field_;
  uint64_t field_begin_ = 0;
  bool ended_ = false;
  bool rejected_ = false;
};

/// The file of these operations, in their order. kInvalidArgument names the one that the reader
/// would reject.
Result<std::string> BuildDelayedOperations(const std::vector<DelayedOperation>& operations);

/// Puts operations into an order in which they can be carried out: what is freed comes before what
/// takes its place, contents before their directory, short names last; the same twice is once. A
/// circle of moves goes through one more name. kInvalidArgument if they contradict each other: two
/// sources for one target, a move of what is deleted, two files of one directory with one short
/// name. Paths are compared as NTFS does; a volume has one spelling.
Result<std::vector<DelayedOperation>> OrderDelayedOperations(
    const std::vector<DelayedOperation>& operations);

}  // namespace tapir
