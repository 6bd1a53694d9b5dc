#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "tapir/base/status.h"
#include "tapir/object/volume_files.h"
#include "tapir/windows/delayed_operations.h"

namespace tapir {

/// The bytes of a file of delayed operations, wherever it lies. Single-thread.
class DelayedFile {
 public:
  virtual ~DelayedFile() = default;
  /// Fewer bytes than asked for only at the end.
  virtual Result<size_t> ReadAt(uint64_t offset_bytes, std::span<std::byte> buffer) = 0;
  /// Within the file.
  virtual Status WriteAt(uint64_t offset_bytes, std::span<const std::byte> data) = 0;
  virtual Status Sync() = 0;
};

/// A file of this system. Locked while it is written: kBusy; device errors.
Result<std::unique_ptr<DelayedFile>> OpenDelayedFile(const std::string& path, bool writable);

/// A file in memory.
class DelayedBytes : public DelayedFile {
 public:
  explicit DelayedBytes(std::string bytes) : bytes_(std::move(bytes)) {}
  const std::string& bytes() const { return bytes_; }

  Result<size_t> ReadAt(uint64_t offset_bytes, std::span<std::byte> buffer) override;
  Status WriteAt(uint64_t offset_bytes, std::span<const std::byte> data) override;
  Status Sync() override { return OkStatus(); }

 private:
  std::string bytes_;
};

/// Gives each operation out with the offset of its record, findings as they come. The status is
/// that of reading: what the reader rejects is told by its finding only.
Status ReadDelayedOperations(DelayedFile& file,
                             const std::function<void(const DelayedOperation& operation,
                                                      const DelayedOperationsReader&)>& take,
                             const DelayedOperationsReader::TakeFinding& tell,
                             const std::function<bool()>& stops = {});

enum class DelayedOutcome {
  kDone,
  kFailed,
  kEarlier,     ///< it had a status already
  kNotReached,  ///< the run had stopped before
};

struct DelayedRecord {
  uint64_t number = 0;  ///< from 1
  uint64_t offset_bytes = 0;
  DelayedOperation operation;  ///< with the status that it has now
  DelayedOutcome outcome = DelayedOutcome::kDone;
  std::string why;  ///< it failed; empty where the status says it
};

/// Volumes by the spelling of paths, "C:" or "Volume{GUID}"; one may have several. Not owned.
using DelayedVolumes = std::map<std::string, VolumeFiles*>;

struct DelayedRunRequest {
  DelayedFile* file = nullptr;  ///< not owned; required
  DelayedVolumes volumes;
  /// Nothing is changed, neither files nor statuses: tells what would come of each operation, as
  /// far as it depends on names. Needs memory for the names that operations change.
  bool dry_run = false;
  std::function<void(const DelayedRecord&)> on_record;  ///< may be empty
  const std::atomic<bool>* cancelled = nullptr;         ///< not owned; may be null
};

struct DelayedRunReport {
  uint64_t done = 0;
  uint64_t failed = 0;
  uint64_t earlier = 0;      ///< had a status of success
  uint64_t not_reached = 0;  ///< keep NotExecuted
  bool stopped = false;      ///< by a move or deletion that failed, now or in an earlier run
  bool interrupted = false;
  bool device_failed = false;  ///< an operation failed by an error of the device or want of room

  /// What Windows would find below SOFTWARE\Microsoft\Windows NT\CurrentVersion\SystemRestore, as
  /// REG_DWORD. Whoever has the hive writes them.
  uint32_t restore_status_result = 0;  ///< RestoreStatusResult: 0 if all succeeded, else 1
  uint32_t restore_status_details =
      0;  ///< RestoreStatusDetails, to be there if not 0: what failed first
};

/// Spellings of volumes in the file that the map has not. Fails as RunDelayedOperations does where
/// that carries nothing out.
Result<std::vector<std::string>> MissingDelayedVolumes(DelayedFile& file,
                                                       const DelayedVolumes& volumes);

/// Carries out a file of delayed operations as Srdelayed.exe would while Windows starts: in the
/// order of the file; a move or deletion that fails stops the run, a short name that fails does
/// not; each operation's status takes the place of its NotExecuted at once. A volume that the map
/// has not is a path that is not found.
///
/// The file is read to its end first: if the reader rejects it (kCorrupt, with the offset), nothing
/// is carried out. Memory does not grow with the file.
///
/// A run that was interrupted goes on where it ended when it is repeated: what has a status is not
/// carried out again, and a failed move or deletion stops it there again. If the program was killed
/// between an operation and its status, that operation fails then, since its file is not there any
/// more, or on NTFS has both names still; nothing is done twice.
///
/// What it did is lasting once the caller has finished the volumes, and then synced the file.
Result<DelayedRunReport> RunDelayedOperations(const DelayedRunRequest& request);

}  // namespace tapir
