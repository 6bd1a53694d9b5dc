#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "tapir/base/status.h"
#include "tapir/device/block_device.h"
#include "tapir/device/file_identity.h"

namespace tapir {

/// A volume that comes from or goes to a pipe, socket or any other descriptor, front to back.
///
/// Locate reaches the present position only; when reading also any place further on, by reading.
/// A Read fills the whole buffer unless the stream ends. Descriptors with O_NONBLOCK are waited
/// for. Writing to a pipe nobody reads is a Status with sys_errno() EPIPE if the process ignores
/// SIGPIPE. Not thread-safe.
class StreamDevice final : public BlockDevice {
 public:
  enum class Direction { kRead, kWrite };

  /// Uses `descriptor`, which stays the caller's and must outlive the device. `name` is for
  /// messages. Refuses a terminal (kInvalidArgument).
  static Result<std::unique_ptr<StreamDevice>> Borrow(int descriptor, Direction direction,
                                                      std::string name);
  /// Opens a FIFO or the like. Waits for the other side as open(2) does.
  static Result<std::unique_ptr<StreamDevice>> Open(const std::string& path, Direction direction);
  ~StreamDevice() override;

  DeviceTraits traits() const override;
  DevicePosition position() const override { return position_; }
  std::string name() const override { return name_; }
  Result<ReadOutcome> Read(std::span<std::byte> buffer) override;
  Result<WriteOutcome> Write(std::span<const std::byte> block) override;
  Result<WriteOutcome> WriteFilemarks(uint32_t count, bool immediate) override;
  Status Locate(const DevicePosition& to) override;
  Status LocateEnd() override;
  /// Makes a regular file behind the descriptor durable; has nothing to do for a pipe.
  Status Sync() override;

  /// The file behind the descriptor, as when output is redirected.
  std::optional<FileIdentity> identity() const;

 private:
  StreamDevice(int descriptor, bool owned, Direction direction, std::string name);

  int descriptor_;
  bool owned_;
  Direction direction_;
  std::string name_;
  DevicePosition position_;
};

}  // namespace tapir
