#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "device/tape/write_window.h"
#include "tapir/device/block_device.h"

namespace tapir {

/// Goes on writing to a tape after the drive was reset, though blocks in its memory are lost by
/// that: keeps what was written last, looks how much of it is on the medium, and writes the rest
/// again.
///
/// Nothing is written before what stands in front of the position was read and compared. Where that
/// cannot be proven - more is lost than is kept, another medium is in the drive - the call fails as
/// the reset made it fail, and so does every later one that writes, until the next Locate,
/// LocateEnd or Erase. Not thread-safe.
class ResumingDevice final : public BlockDevice {
 public:
  struct Options {
    /// Memory for what was written last. Enough is what the drive holds back; less only makes a
    /// reset end the writing.
    uint64_t window_bytes = 0;
    /// Whether this is the block in front of the place where writing begins. Asked only if nothing
    /// that was written is on the medium.
    std::function<bool(std::span<const std::byte> block)> stands_before;
    /// Takes a sentence about a reset that was got over, without a full stop.
    std::function<void(const std::string& news)> tell;
  };

  /// `base` is a tape, and must outlive this.
  ResumingDevice(BlockDevice& base, Options options);

  DeviceTraits traits() const override { return base_.traits(); }
  /// Object 0 if the medium in the drive is not the one that was written to.
  DevicePosition position() const override;
  std::string name() const override { return base_.name(); }
  Result<ReadOutcome> Read(std::span<std::byte> buffer) override;
  Result<WriteOutcome> Write(std::span<const std::byte> block) override;
  Result<WriteOutcome> WriteFilemarks(uint32_t count, bool immediate) override;
  Status Locate(const DevicePosition& to) override;
  Status LocateEnd() override;
  Status Sync() override;
  Status Erase() override;
  Status KeepNote(std::span<const std::byte> note) override { return base_.KeepNote(note); }
  std::vector<std::byte> FindNote() override { return base_.FindNote(); }

 private:
  enum class Met { kSame, kOther, kEnd };

  void Begin();
  void Forget();
  Result<WriteOutcome> Settle(Result<WriteOutcome> outcome);
  Result<WriteOutcome> Recover(Status failure);
  Result<WriteOutcome> WriteAgain();
  Result<uint64_t> FindEnd();
  Result<Met> Compare(uint64_t object, std::span<std::byte> buffer);
  Result<bool> ProveBeginning();
  Status Unproven(std::string_view why);

  BlockDevice& base_;
  Options options_;
  WriteWindow window_;
  bool begun_ = false;  ///< the window begins where writing did, at begin_
  DevicePosition begin_;
  uint64_t taken_ = 0;  ///< object number behind what the drive took without a word of failure
  uint64_t blocks_again_ = 0;
  bool other_medium_ = false;
  Status failure_;
};

}  // namespace tapir
