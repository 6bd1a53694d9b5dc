#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "tapir/base/status.h"
#include "windows/hive_header.h"

namespace tapir {

/// The bins of a hive that is being made. Each cell goes where the least is left that it fits into.
/// Single-thread.
class HiveBins {
 public:
  /// `last_written` goes to the first bin.
  explicit HiveBins(uint64_t last_written)
      : last_written_(last_written), bytes_(kHiveHeaderBytes, '\0') {}

  /// A cell for this many bytes, all zero: its offset. kInvalidArgument: the hive is full.
  Result<uint32_t> Add(size_t payload_bytes);
  Result<uint32_t> Add(std::string_view payload);
  /// The same behind all that are there.
  Result<uint32_t> AddBehind(std::string_view payload);

  /// The bytes of a cell, until the next one is added.
  std::byte* At(uint32_t offset);

  /// The whole file, with this at its head; its size of bins is filled in.
  std::string Finish(HiveHeader header);

 private:
  // Sizes of free cells, and where they are in the file.
  using Rooms = std::multimap<size_t, size_t>;

  Result<Rooms::iterator> AddBin(size_t cell_bytes);
  Rooms::iterator AddRoom(size_t at, size_t bytes);
  uint32_t Take(Rooms::iterator room, size_t cell_bytes);
  void SetSize(size_t at, uint32_t size);

  uint64_t last_written_;
  std::string bytes_;
  Rooms rooms_;
};

}  // namespace tapir
