#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "tapir/base/spool.h"
#include "tapir/object/metadata.h"

namespace tapir {

/// Streams that came in order, to be read again anywhere. Beyond a few MiB they lie in a temporary
/// file. Single-thread.
class ExportContents {
 public:
  /// At or behind the end of what came of the stream.
  Status Write(uint32_t number, uint64_t offset_bytes, std::span<const std::byte> data);
  void SetSize(uint32_t number, uint64_t size_bytes) { streams_[number].size = size_bytes; }

  uint64_t size(uint32_t number) const;
  /// Ranges with data: ascending, disjoint, not adjacent.
  std::vector<Extent> Extents(uint32_t number) const;
  /// Fills `into`; what did not come reads as zeros.
  Status Read(uint32_t number, uint64_t offset_bytes, std::span<std::byte> into);

 private:
  struct Piece {
    Extent range;
    uint64_t place = 0;  ///< in the spool
  };
  struct Stream {
    uint64_t size = 0;
    std::vector<Piece> pieces;
  };

  Spool spool_{4u << 20};
  std::map<uint32_t, Stream> streams_;
};

}  // namespace tapir
