#include "container/item.h"

namespace tapir {

Result<std::optional<Item>> ItemReader::Next() {
  if (in_.remaining() == 0) return std::optional<Item>();
  Item item;
  item.type = in_.U16();
  item.flags = in_.U16();
  uint32_t length = in_.U32();
  item.payload = in_.ReadBytes(length);
  in_.Zeros(static_cast<size_t>(RoundUp(length, 8) - length));
  if (!in_.ok()) {
    in_ = ReadCursor({});
    return Corrupt("item reaches over the end, or its padding is not zero");
  }
  if (item.type == 0) {
    in_ = ReadCursor({});
    return Corrupt("item of type 0");
  }
  return std::optional<Item>(item);
}

void AppendItem(std::string& out, ItemType type, ByteSpan payload) {
  size_t begin = BeginItem(out, type);
  WriteCursor(out).Bytes(payload);
  EndItem(out, begin);
}

size_t BeginItem(std::string& out, ItemType type, uint16_t flags) {
  size_t begin = out.size();
  WriteCursor to(out);
  to.U16(static_cast<uint16_t>(type));
  to.U16(flags);
  to.U32(0);
  return begin;
}

void EndItem(std::string& out, size_t begin) {
  size_t length = out.size() - begin - kItemHeadBytes;
  StoreLe(reinterpret_cast<std::byte*>(out.data()) + begin + 4, static_cast<uint32_t>(length));
  // Items start at multiples of 8 of what they stand in, which need not be so in `out`.
  WriteCursor(out).Zeros(static_cast<size_t>(RoundUp(length, 8) - length));
}

}  // namespace tapir
