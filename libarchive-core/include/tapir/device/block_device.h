#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "tapir/base/status.h"

namespace tapir {

/// Where a device stands. Both counts are kept by every device; the container checks one against
/// the other through its block headers (format chapter 1.2).
struct DevicePosition {
  uint64_t object = 0;        ///< blocks and filemarks before this place
  uint64_t offset_bytes = 0;  ///< bytes of blocks before this place, marks not counted
};

/// What a device can do. Constant while it is open.
struct DeviceTraits {
  /// True: one Read returns exactly one block as it was written, and object numbers are the
  /// addresses (tape). False: blocks lie end to end, a Read returns any number of bytes, byte
  /// offsets are the addresses, and the device does not count objects (file, stream).
  bool keeps_block_boundaries = false;
  bool has_filemarks = false;
  bool can_locate = false;  ///< Locate works; false for streams
  bool writable = false;
  uint32_t max_block_bytes = 8u << 20;
  /// Address and length multiple of buffers for which transfers need no copy, in bytes.
  uint32_t buffer_alignment = 4096;
};

enum class ReadKind {
  kData,       ///< `size` bytes were read
  kFilemark,   ///< a filemark was met and passed; size is 0
  kEndOfData,  ///< nothing was ever written from here on; size is 0
};

struct ReadOutcome {
  ReadKind kind = ReadKind::kEndOfData;
  size_t size = 0;
};

/// Space outcomes of a write that succeeded or failed for want of room.
enum class WriteOutcome {
  kWritten,
  kEarlyWarning,  ///< written, and the end of the medium is near
  kEndOfMedium,   ///< not written: the medium is full
};

/// What the container needs of a medium: sequential blocks, marks, a position.
///
/// Not thread-safe: one thread at a time. After a failed call the position is still valid (it says
/// where the device stands, as far as it knows). Buffers belong to the caller. A device may write
/// behind: a late failure is reported by the next Write, WriteFilemarks or Sync. The destructor
/// releases without flushing; nothing is durable before Sync has returned OK.
class BlockDevice {
 public:
  virtual ~BlockDevice() = default;

  virtual DeviceTraits traits() const = 0;
  virtual DevicePosition position() const = 0;
  /// For messages, e.g. "file:/archive/a.tapir".
  virtual std::string name() const = 0;

  /// Reads at the position and moves behind what was read. On devices that keep block boundaries
  /// a block longer than `buffer` is an error (kLimitExceeded), the device then stands behind it.
  virtual Result<ReadOutcome> Read(std::span<std::byte> buffer) = 0;

  /// Writes one block at the position. The size must be a multiple of 4,096 bytes.
  virtual Result<WriteOutcome> Write(std::span<const std::byte> block) = 0;

  /// Writes `count` filemarks; with `immediate` it need not be on the medium when this returns.
  /// On devices without filemarks this does nothing and succeeds.
  virtual Result<WriteOutcome> WriteFilemarks(uint32_t count, bool immediate) = 0;

  /// Goes to a block: by `object` where block boundaries are kept, else by `offset_bytes`. The
  /// other field is taken over as given.
  virtual Status Locate(const DevicePosition& to) = 0;

  /// Goes behind the last byte or block that was written.
  virtual Status LocateEnd() = 0;

  /// Returns when everything written is on stable storage.
  virtual Status Sync() = 0;

  /// Makes an empty medium of it: everything on it is lost. The device then stands at its
  /// beginning.
  virtual Status Erase() { return Unsupported("cannot erase " + name()); }

  /// Keeps a few bytes beside the medium that hold until it is changed next (cartridge memory), at
  /// most 64. Does nothing where there is no place for them: they only save time.
  virtual Status KeepNote(std::span<const std::byte> /*note*/) { return OkStatus(); }
  /// The bytes kept last, if the medium was not changed since; else nothing.
  virtual std::vector<std::byte> FindNote() { return {}; }

  /// Length in bytes if the device knows it (regular files, memory), else -1.
  virtual int64_t LengthBytes() const { return -1; }

  /// The start of the last data at or before `offset_bytes` with holes and zero tails skipped, for
  /// finding the end of a file with a zero tail (format chapter 1.4). Default: `offset_bytes`.
  virtual uint64_t DataEndBefore(uint64_t offset_bytes) { return offset_bytes; }
};

}  // namespace tapir
