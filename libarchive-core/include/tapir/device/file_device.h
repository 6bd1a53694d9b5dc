#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "tapir/base/status.h"
#include "tapir/device/block_device.h"
#include "tapir/device/file_identity.h"

namespace tapir {

namespace internal {
class FileReader;
class FileWriter;
}  // namespace internal

/// What is to be done with a volume.
enum class OpenMode {
  kRead,            ///< it must exist; no lock
  kAppend,          ///< it must exist; reading and writing, locked
  kCreate,          ///< it must not exist; reading and writing, locked
  kAppendOrCreate,  ///< kAppend if it exists, else kCreate
};

struct FileDeviceOptions {
  /// Pass the page cache by where that pays and the file system can do it.
  bool direct_io = true;
  /// Most bytes that Write has taken and the file has not.
  size_t write_behind_bytes = 8u << 20;
  /// Bytes read ahead of the caller in sequential reading that passes the cache by.
  size_t read_ahead_bytes = 16u << 20;
};

/// A volume in a regular file: blocks lie end to end.
///
/// Writing goes through a thread that writes behind, adjacent blocks together. A failure that comes
/// late leaves position() at the end of the last block the file took whole, so blocks written since
/// are lost; every later Write and Sync fails the same way. A full file system, an exhausted quota
/// and a size limit of the file or process are kEndOfMedium: an outcome of Write, a Status of Sync.
/// Bytes that were in the file when it was opened are changed by Erase only: Write at a place
/// before the end is refused (kInvalidArgument), and after LocateEnd a partial last unit of 4,096
/// bytes is filled up with zeros by the first Write, not before.
///
/// Reading starts with plain reads of what is asked for. Once 4 MiB were read in sequence it reads
/// ahead: through the page cache if the file lies there, else past it. A failed read leaves the
/// position at the bad place; Locate behind it and go on.
///
/// Counts in position().object only what was written through it. Not thread-safe.
class FileDevice final : public BlockDevice {
 public:
  /// Opens a regular file. kNotFound and kExists as the mode says, kBusy naming the process that
  /// writes to it, kInvalidArgument for what is no regular file, else kDeviceError with errno.
  /// The position is the start.
  static Result<std::unique_ptr<FileDevice>> Open(const std::string& path, OpenMode mode,
                                                  const FileDeviceOptions& options = {});
  ~FileDevice() override;

  DeviceTraits traits() const override;
  DevicePosition position() const override;
  std::string name() const override;
  Result<ReadOutcome> Read(std::span<std::byte> buffer) override;
  Result<WriteOutcome> Write(std::span<const std::byte> block) override;
  Result<WriteOutcome> WriteFilemarks(uint32_t count, bool immediate) override;
  Status Locate(const DevicePosition& to) override;
  Status LocateEnd() override;
  Status Sync() override;
  Status Erase() override;
  int64_t LengthBytes() const override;
  uint64_t DataEndBefore(uint64_t offset_bytes) override;

  /// Which file this is, e.g. to leave the volume out of what is archived.
  FileIdentity identity() const;
  /// Whether Open made the file.
  bool created() const;
  /// The process that has the file open for writing, seen from a device opened to read.
  std::optional<LockHolder> WriterAtWork() const;

 private:
  struct State;
  explicit FileDevice(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

}  // namespace tapir
