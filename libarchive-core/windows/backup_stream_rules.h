#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>

#include "bytes/cursor.h"
#include "tapir/windows/backup_stream.h"

namespace tapir {

/// What [MS-BKUP] and NTFS ask of the streams of one file: of each header, of payloads, and of the
/// order. Findings go to the visitor; a failure ends reading. Single-thread.
class BackupStreamRules {
 public:
  BackupStreamRules(BackupStreamVisitor& visitor, BackupStreamMode mode)
      : visitor_(visitor), strict_(mode == BackupStreamMode::kStrict) {}

  /// The first 20 bytes: all but `name`, whose length is given, and `block_offset`.
  Status CheckHead(const BackupStreamHeader& header, uint32_t name_bytes);
  /// The whole header.
  Status CheckHeader(const BackupStreamHeader& header);
  /// True if the payload is to be checked by CheckPayload().
  static bool HasPayloadRules(BackupStreamId id);
  Status CheckPayload(const BackupStreamHeader& header, ByteSpan payload);
  /// A payload that is too large to be checked.
  Status PayloadTooLarge(const BackupStreamHeader& header);
  /// After the last stream.
  void Finish();

  /// Reports what no mode takes. Always a failure.
  Status Broken(uint64_t offset, const std::string& text);

 private:
  /// Reports what only the lenient mode takes.
  Status Deviation(uint64_t offset, const std::string& text, Severity if_lenient);
  void Warn(uint64_t offset, const std::string& text);
  Status CheckName(const BackupStreamHeader& header);
  Status CheckOnce(const BackupStreamHeader& header);
  Status CheckBlock(const BackupStreamHeader& header);

  // The stream that sparse blocks belong to.
  struct OpenStream {
    bool is_sparse = false;
    bool is_main = true;
    bool has_end = false;  // a block without data gave its end
    uint64_t end = 0;
  };

  BackupStreamVisitor& visitor_;
  bool strict_;
  std::optional<OpenStream> open_;
  std::set<BackupStreamId> seen_;
  std::set<std::u16string> names_;
  std::optional<uint64_t> surrogate_at_;  // where reparse data of a name surrogate were
  std::optional<uint64_t> reparse_at_;
  std::optional<uint64_t> ea_at_;
  bool has_main_data_ = false;
};

}  // namespace tapir
