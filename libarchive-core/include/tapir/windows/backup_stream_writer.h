#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "tapir/base/status.h"
#include "tapir/windows/backup_stream.h"

namespace tapir {

struct BackupRange {
  uint64_t offset = 0;
  uint64_t length_bytes = 0;
};

/// A data stream of a file that is to be written as backup streams.
struct BackupDataStream {
  std::string name;  ///< as WTF-8, without ':' and type; empty: the unnamed stream
  uint64_t size_bytes = 0;
  bool is_sparse = false;
  std::vector<BackupRange> allocated;  ///< of a sparse stream: ascending, disjoint, inside
  bool modified_when_read = false;     ///< cannot be compared
};

/// A file or directory in the terms of [MS-BKUP]. Payloads are written as they are.
struct BackupFile {
  std::optional<std::string> security;   ///< self-relative security descriptor
  std::optional<std::string> ea;         ///< FILE_FULL_EA_INFORMATION list
  std::optional<std::string> reparse;    ///< whole reparse buffer
  std::optional<std::string> object_id;  ///< 64 bytes
  std::optional<std::string> ghosted;    ///< BACKUP_GHOSTED_FILE_EXTENTS, opaque
  /// The unnamed one and named ones, in any order.
  std::vector<BackupDataStream> streams;
};

/// A part of a sequence: bytes given here, then bytes that are pulled.
struct BackupPart {
  std::string bytes;        ///< a header; small payloads too
  size_t header_bytes = 0;  ///< how many of `bytes` are header
  size_t stream = 0;        ///< where data come from: a place in BackupFile::streams
  uint64_t place = 0;       ///< and where they begin in it
  uint64_t data_bytes = 0;  ///< how many are pulled

  bool operator==(const BackupPart&) const = default;
};

/// The parts of a file in the canonical order: security, EA, reparse, object id, unnamed stream,
/// ghosted extents, named streams sorted by the units of their names; the blocks of a sparse stream
/// follow it, the last one gives the end of the stream. Fails with kInvalidArgument if something
/// cannot be said in backup streams.
Result<std::vector<BackupPart>> CanonicalBackupParts(const BackupFile& file);

/// The parts of a sequence that was read, to write it again byte for byte: a visitor to hand to a
/// reader. Data come from stream 0, which stands for the sequence itself. Single-thread.
class BackupPartCollector : public BackupStreamVisitor {
 public:
  static constexpr size_t kMaxParts = 1u << 20;
  static constexpr size_t kMaxHeaderBytes = 64u << 20;  ///< of all parts together

  Status OnHeader(const BackupStreamHeader& header) override;
  Status OnData(const BackupStreamHeader& header, uint64_t place,
                std::span<const std::byte> bytes) override;
  Status OnEnd(const BackupStreamHeader& header) override;
  void OnFinding(const Finding& finding) override;

  const std::vector<BackupPart>& parts() const { return parts_; }

 private:
  std::vector<BackupPart> parts_;
  size_t header_bytes_ = 0;
};

/// Gives the bytes of a sequence piece by piece, as BackupRead does. Holds no data of streams.
/// Single-thread.
class BackupStreamWriter {
 public:
  /// Fills `into` with the bytes of a stream from `offset` on.
  using Pull = std::function<Status(size_t stream, uint64_t offset, std::span<std::byte> into)>;

  BackupStreamWriter(std::vector<BackupPart> parts, Pull pull);

  /// Fills `into` and returns how many bytes it got: fewer at the end, and before
  /// a failure of `pull`, which the next call returns. What failed can be asked for again.
  Result<size_t> Read(std::span<std::byte> into);

  /// Passes over data of the current stream, as BackupSeek does: at most to the next header, not at
  /// all while inside one. Returns by how many bytes.
  uint64_t Seek(uint64_t distance);

  uint64_t size_bytes() const { return size_bytes_; }  ///< of the whole sequence

 private:
  std::vector<BackupPart> parts_;
  Pull pull_;
  size_t part_ = 0;
  uint64_t done_ = 0;  // of this part
  uint64_t size_bytes_ = 0;
};

}  // namespace tapir
