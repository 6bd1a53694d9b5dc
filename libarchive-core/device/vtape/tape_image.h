#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/descriptor.h"
#include "tapir/base/status.h"

namespace tapir::vtape {

/// One partition of a virtual tape as a SIMH tape image: records with their length before and
/// behind them, tape marks and erase gaps ("SIMH Magtape Representation and Handling"). Where each
/// object lies is kept in memory. Single-thread.
///
/// What another program or a crash left behind the last whole object is not part of the tape: it is
/// passed over when the image is opened and cut off by the next write.
class TapeImage {
 public:
  struct Object {
    enum class Kind : uint8_t { kBlock, kBadBlock, kMark };
    Kind kind = Kind::kBlock;
    uint32_t size = 0;          ///< of the block, in bytes
    uint64_t offset_bytes = 0;  ///< of its first length word, in the file
  };

  /// Opens an image, or makes an empty one if `create` is set. kNotFound; kForeign for a file that
  /// is no image, since it does not even begin with a whole object; else kDeviceError.
  static Result<TapeImage> Open(const std::string& path, bool writable, bool create);

  /// Blocks and marks, in order; erase gaps are none.
  const std::vector<Object>& objects() const { return objects_; }
  /// Bytes of all blocks before an object, marks not counted.
  uint64_t DataBytesBefore(uint64_t object) const;

  /// What kForeign says is an empty image after a crash in its first block.
  static Result<TapeImage> OpenOurs(const std::string& path, bool writable, bool create);

  /// Fills `buffer`, which has the block's size. What a bad block holds is read like any other.
  Status ReadBlock(uint64_t object, std::span<std::byte> buffer) const;

  /// Put behind the first `object` objects; the others are gone.
  Status WriteBlock(uint64_t object, std::span<const std::byte> block);
  Status WriteMarks(uint64_t object, uint32_t count);
  /// Only drops the others.
  Status Truncate(uint64_t object);
  /// Says of a block that it cannot be read (bit 31 of its length).
  Status MarkBad(uint64_t object);
  /// Everything is on stable storage on return.
  Status Sync();

  int descriptor() const { return file_.get(); }

 private:
  Status Scan();
  Status Append(std::span<const std::byte> head, std::span<const std::byte> block,
                std::span<const std::byte> tail);
  uint64_t End() const;
  uint64_t EndOf(const Object& object) const;

  Descriptor file_;
  std::string path_;
  std::vector<Object> objects_;
  std::vector<uint64_t> data_bytes_;  ///< before each object, and before the end
  bool ends_clean_ = true;            ///< nothing lies behind the last object
};

}  // namespace tapir::vtape
