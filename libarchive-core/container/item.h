#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "bytes/cursor.h"
#include "container/format.h"
#include "tapir/base/status.h"

namespace tapir {

/// A record or an attribute (format chapter 4). The payload points into the bytes it was read from.
struct Item {
  uint16_t type = 0;
  uint16_t flags = 0;
  ByteSpan payload;

  bool is(ItemType wanted) const { return type == static_cast<uint16_t>(wanted); }
  bool required() const { return (flags & kItemFlagRequired) != 0; }
};

inline constexpr size_t kItemHeadBytes = 8;

/// Bytes an item takes with its head and padding.
constexpr size_t ItemBytes(size_t payload_bytes) {
  return kItemHeadBytes + static_cast<size_t>(RoundUp(payload_bytes, 8));
}

/// Goes through the items that fill `bytes`. Single-thread.
class ItemReader {
 public:
  explicit ItemReader(ByteSpan bytes) : in_(bytes) {}

  /// The next item, nothing at the end, or kCorrupt; after that it stays at the end.
  Result<std::optional<Item>> Next();
  /// Offset of the item that Next will read.
  size_t position() const { return in_.position(); }

 private:
  ReadCursor in_;
};

/// Appends a whole item to `out`.
void AppendItem(std::string& out, ItemType type, ByteSpan payload);

/// Appends an item whose payload is written in between: Begin returns the place that End completes.
size_t BeginItem(std::string& out, ItemType type, uint16_t flags = 0);
void EndItem(std::string& out, size_t begin);

}  // namespace tapir
