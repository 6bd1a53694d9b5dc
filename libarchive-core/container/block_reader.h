#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "container/block_header.h"
#include "tapir/base/buffer_pool.h"
#include "tapir/base/limits.h"
#include "tapir/base/status.h"
#include "tapir/device/block_device.h"

namespace tapir {

/// A block that belongs where it was found. Immutable; shared by the chunks that lie in it.
struct Block {
  BlockHeader header;
  bool body_intact = true;
  /// Blocks whose numbers are missing directly before this one.
  uint64_t missing_before = 0;
  /// The device's word on units of this block that it could not read; they are zero. Else empty.
  std::string device_error;
  std::shared_ptr<AlignedBuffer> buffer;
  ByteSpan bytes;  ///< the whole block, in `buffer`
};

/// A range that holds no block of this volume (format chapter 8.2).
struct SkippedRange {
  enum class Why {
    kInvalid,      ///< no valid header
    kForeign,      ///< a valid block that does not belong here
    kUnsupported,  ///< a newer framing
    kTruncated,    ///< the block reaches over the end
    kZeros,        ///< nothing but zeros up to the end
  };
  Why why = Why::kInvalid;
  uint64_t first_unit = 0;
  uint64_t bytes = 0;
  uint64_t object = 0;  ///< devices that keep block boundaries: object number of the first block
  std::string text;
};

struct BlockEvent {
  enum class Kind { kBlock, kSkipped, kFilemark, kEnd };
  Kind kind = Kind::kEnd;
  std::shared_ptr<const Block> block;
  SkippedRange skipped;
};

/// Reads blocks forward from any place, steps over what is damaged and says so. Single-thread.
class BlockReader {
 public:
  struct Options {
    /// Blocks of other volumes are foreign. Unset: the first valid block decides.
    std::optional<Uuid> volume_uuid;
    uint32_t max_block_bytes = limits::kMaxBlockBytes;
    /// Check body checksums (chapter 2.4).
    bool check_bodies = true;
    /// A skipped range ends after so many bytes, though no block begins there.
    uint64_t max_skip_bytes = UINT64_MAX;
  };

  /// `device` must outlive this and not be moved by others meanwhile.
  BlockReader(BlockDevice& device, Options options);

  /// Goes to a block; order checks start anew there. Fails on devices that cannot locate.
  Status Seek(const BlockPlace& place);

  /// What comes next, 64 KiB or all there is, without passing it. Byte devices only, else empty.
  Result<ByteSpan> Peek();

  /// The next event. A failure is one of the device that cannot be stepped over.
  Result<BlockEvent> Next();

  const std::optional<Uuid>& volume_uuid() const { return options_.volume_uuid; }

 private:
  static constexpr size_t kPeekBytes = 64u << 10;

  Result<BlockEvent> NextByUnits();
  Result<BlockEvent> NextByRecords();
  Status Fill(size_t wanted_bytes);
  Status FillFor(size_t needed_bytes);
  Status StepOverBadUnit(const Status& failure);
  Result<BlockEvent> Skip(SkippedRange::Why why, std::string text);
  Result<BlockHeader> HeaderHere() const;
  std::optional<BlockHeader> HeaderInside(const BlockHeader& header, ByteSpan block) const;
  Status CheckBelongs(const BlockHeader& header) const;
  BlockEvent TakeBlock(const BlockHeader& header, ByteSpan bytes, bool body_intact);
  BlockEvent SkipCutOff(const BlockHeader& header, const BlockHeader& inside);
  ByteSpan available() const;
  void Drop(size_t bytes);

  BlockDevice& device_;
  Options options_;
  BufferPool
      pool_;  ///< of windows: several blocks each, so that few bytes move from one to the next
  std::shared_ptr<AlignedBuffer> window_;
  size_t begin_ = 0;  ///< of what was read and not used yet, in window_
  size_t end_ = 0;
  uint64_t offset_bytes_ = 0;       ///< on the device, of begin_
  size_t fill_bytes_ = kPeekBytes;  ///< of the next read
  bool at_end_ = false;
  std::optional<uint64_t> last_block_number_;
  std::string device_error_;
  unsigned errors_in_a_row_ = 0;
};

}  // namespace tapir
