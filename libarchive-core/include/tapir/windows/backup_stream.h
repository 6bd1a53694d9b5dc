#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tapir/base/status.h"
#include "tapir/windows/finding.h"

namespace tapir {

/// What a backup stream holds ([MS-BKUP] 2.1, WIN32_STREAM_ID).
enum class BackupStreamId : uint32_t {
  kInvalid = 0,
  kData = 1,
  kEaData = 2,
  kSecurityData = 3,
  kAlternateData = 4,
  kLink = 5,
  kPropertyData = 6,
  kObjectId = 7,
  kReparseData = 8,
  kSparseBlock = 9,
  kTxfsData = 10,
  kGhostedFileExtents = 11,
};

/// "BACKUP_DATA", ...; empty if the id is not known. The view is a literal.
std::string_view BackupStreamIdName(BackupStreamId id);

/// Bits of the attributes of a stream.
inline constexpr uint32_t kStreamModifiedWhenRead = 0x01;
inline constexpr uint32_t kStreamContainsSecurity = 0x02;
inline constexpr uint32_t kStreamContainsProperties = 0x04;
inline constexpr uint32_t kStreamSparse = 0x08;
inline constexpr uint32_t kStreamContainsGhostedExtents = 0x10;

inline constexpr size_t kMaxBackupStreamNameBytes = 65536;
inline constexpr uint64_t kMaxBackupStreamBytes = (uint64_t{1} << 63) - 1;
/// Payloads that are checked whole, such as security descriptors, have to fit.
inline constexpr size_t kMaxCheckedPayloadBytes = 256u << 10;

/// The head of one stream: 20 bytes and the name, and of a sparse block also its 8 bytes of offset,
/// which [MS-BKUP] 2.9 counts as data.
struct BackupStreamHeader {
  BackupStreamId id = BackupStreamId::kInvalid;
  uint32_t attributes = 0;
  uint64_t size_bytes = 0;    ///< field Size: of the data, a sparse block's offset included
  std::string name;           ///< bytes as they stand: UTF-16LE without terminator
  uint64_t block_offset = 0;  ///< of a sparse block: where its data go in the stream

  uint64_t offset = 0;  ///< of the header in the whole sequence; not part of it

  /// How many bytes follow the header.
  uint64_t data_bytes() const;
  bool operator==(const BackupStreamHeader&) const = default;
};

/// The bytes of a header.
std::string EncodeBackupStreamHeader(const BackupStreamHeader& header);

/// "name" of ":name:$DATA" or ":name", as WTF-8. Fails with kInvalidArgument if it is no name that
/// NTFS gives to a named stream.
Result<std::string> AlternateStreamName(std::span<const std::byte> name);

/// What a reader meets, in the order of the bytes. Views are valid during the call.
class BackupStreamVisitor {
 public:
  virtual ~BackupStreamVisitor() = default;

  /// The next stream. A failure ends reading and is returned by Push().
  virtual Status OnHeader(const BackupStreamHeader& header) = 0;
  /// Data of it. `place`: in the file's stream for BACKUP_DATA, BACKUP_ALTERNATE_DATA and
  /// BACKUP_SPARSE_BLOCK, which belongs to the last of the two before it; else in the payload.
  virtual Status OnData(const BackupStreamHeader& header, uint64_t place,
                        std::span<const std::byte> bytes) = 0;
  /// Its data are complete, or were passed over by Seek().
  virtual Status OnEnd(const BackupStreamHeader& header) = 0;
  virtual void OnFinding(const Finding& finding) = 0;
};

/// How a reader takes what Windows would not have written. Headers that cannot be walked end
/// reading in both.
enum class BackupStreamMode {
  kStrict,   ///< whatever is to be rejected ends reading
  kLenient,  ///< unknown ids are opaque; of duplicates the last counts; later blocks win over
             ///< earlier ones; malformed payloads are carried on
};

/// Reads what BackupRead gives, in pieces of any size: no piece has to hold a whole header. Memory
/// is bounded: a header, one payload of kMaxCheckedPayloadBytes, names of the streams seen.
/// Findings say byte offsets in the whole sequence. Single-thread.
class BackupStreamReader {
 public:
  /// `visitor` outlives the reader.
  explicit BackupStreamReader(BackupStreamVisitor& visitor,
                              BackupStreamMode mode = BackupStreamMode::kStrict);
  ~BackupStreamReader();
  BackupStreamReader(const BackupStreamReader&) = delete;
  BackupStreamReader& operator=(const BackupStreamReader&) = delete;

  /// The next bytes. Fails with kCorrupt or kLimitExceeded at a finding that ends reading, or as
  /// the visitor does; from then on always so.
  Status Push(std::span<const std::byte> bytes);

  /// Passes over data of the current stream without seeing them, as BackupSeek does: at most to the
  /// next header, and not at all while inside one. Sets `moved`, by how much the caller moves its
  /// own place on. A payload passed over in part is not checked. Fails as Push() does.
  Status Seek(uint64_t distance, uint64_t& moved);

  /// No bytes follow. Fails with kTruncated inside a header or its data, or as Push() did.
  Status Finish();

  uint64_t position() const;
  /// True between two streams: before the first and after the last too.
  bool at_header() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

/// Everything found in a whole sequence, to be asked before a target is touched. In strict mode
/// none of the severity kReject means that a strict reader takes it.
std::vector<Finding> CheckBackupStream(std::span<const std::byte> bytes, BackupStreamMode mode);

}  // namespace tapir
