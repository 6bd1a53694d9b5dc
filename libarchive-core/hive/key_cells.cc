#include "hive/key_cells.h"

#include <algorithm>
#include <string_view>

#include "windows/hive_header.h"

namespace tapir {
namespace {

constexpr std::string_view kKeyMagic = "nk";
constexpr std::string_view kValueMagic = "vk";
constexpr std::string_view kSecurityMagic = "sk";
constexpr std::string_view kBigDataMagic = "db";
constexpr size_t kMagicBytes = 2;
// What follows a segment in its cell is not data.
constexpr size_t kSegmentSpare = 4;

Status Misplaced(uint32_t offset, std::string_view what) {
  return Corrupt(CellPlace(offset) + ": " + std::string(what));
}

std::u16string DecodeName(ByteSpan bytes, bool is_latin1) {
  if (!is_latin1) return Utf16Units(bytes);
  std::u16string name;
  for (const std::byte byte : bytes) name += std::to_integer<char16_t>(byte);
  return name;
}

// The cell of a list of subkeys, behind the two fields at its head.
struct SubkeyList {
  std::string_view magic;
  uint16_t count = 0;
  ReadCursor entries{{}};

  bool is_root() const { return magic == "ri"; }
};

Result<SubkeyList> ReadSubkeyList(const HiveCells& cells, uint32_t offset) {
  TAPIR_ASSIGN_OR_RETURN(const ByteSpan cell, cells.Cell(offset));
  ReadCursor from(cell);
  SubkeyList list;
  list.magic = from.ReadText(kMagicBytes);
  list.count = from.U16();
  const bool has_hints = list.magic == "lf" || list.magic == "lh";
  if (!has_hints && list.magic != "li" && list.magic != "ri") {
    return Misplaced(offset, "no list of subkeys");
  }
  const size_t entry_bytes = has_hints ? 2 * sizeof(uint32_t) : sizeof(uint32_t);
  list.entries = ReadCursor(from.ReadBytes(list.count * entry_bytes));
  // An empty one is not written; very many would take long to go through.
  if (!from.ok() || list.count == 0)
    return Misplaced(offset, "a list of subkeys that is not whole");
  return list;
}

}  // namespace

std::u16string Utf16Units(ByteSpan bytes) {
  std::u16string units;
  ReadCursor from(bytes);
  while (from.remaining() >= sizeof(char16_t)) units += static_cast<char16_t>(from.U16());
  return units;
}

Result<KeyCell> ReadKeyCell(const HiveCells& cells, uint32_t offset) {
  TAPIR_ASSIGN_OR_RETURN(const ByteSpan cell, cells.Cell(offset));
  ReadCursor from(cell);
  KeyCell key;
  const bool has_magic = from.ReadText(kMagicBytes) == kKeyMagic;
  key.flags = from.U16();
  key.last_written = from.U64();
  key.access_bits = from.U32();
  from.U32();  // the parent
  key.subkey_count = from.U32();
  from.U32();  // subkeys in memory
  key.subkey_list = from.U32();
  from.U32();
  key.value_count = from.U32();
  key.value_list = from.U32();
  key.security = from.U32();
  key.class_name = from.U32();
  from.U16();  // the longest name of a subkey
  key.control_flags = from.U16();
  from.ReadBytes(4 * sizeof(uint32_t));  // other largest sizes, and a cache
  const uint16_t name_bytes = from.U16();
  key.class_bytes = from.U16();
  const ByteSpan name = from.ReadBytes(name_bytes);
  if (!from.ok() || !has_magic) return Misplaced(offset, "no key");
  key.name = DecodeName(name, (key.flags & kKeyNameIsLatin1) != 0);
  return key;
}

Result<ValueCell> ReadValueCell(const HiveCells& cells, uint32_t offset) {
  TAPIR_ASSIGN_OR_RETURN(const ByteSpan cell, cells.Cell(offset));
  ReadCursor from(cell);
  ValueCell value;
  const bool has_magic = from.ReadText(kMagicBytes) == kValueMagic;
  const uint16_t name_bytes = from.U16();
  const uint32_t size = from.U32();
  value.size = size & ~kInlineData;
  value.is_inline = (size & kInlineData) != 0;
  value.data = from.U32();
  value.type = from.U32();
  value.flags = from.U16();
  from.U16();
  const ByteSpan name = from.ReadBytes(name_bytes);
  if (!from.ok() || !has_magic) return Misplaced(offset, "no value");
  if (value.is_inline && value.size > kMostInlineBytes) {
    return Misplaced(offset, "a value with more inline than its cell holds");
  }
  value.name = DecodeName(name, (value.flags & kValueNameIsLatin1) != 0);
  return value;
}

Result<std::string> ReadSecurityCell(const HiveCells& cells, uint32_t offset) {
  TAPIR_ASSIGN_OR_RETURN(const ByteSpan cell, cells.Cell(offset));
  ReadCursor from(cell);
  const bool has_magic = from.ReadText(kMagicBytes) == kSecurityMagic;
  from.U16();
  from.ReadBytes(3 * sizeof(uint32_t));  // the ring, and the number of references
  const uint32_t size = from.U32();
  const std::string_view descriptor = from.ReadText(size);
  if (!from.ok() || !has_magic) return Misplaced(offset, "no security descriptor");
  return std::string(descriptor);
}

Status CheckSubkeyList(const HiveCells& cells, const KeyCell& key) {
  TAPIR_ASSIGN_OR_RETURN(SubkeyList list, ReadSubkeyList(cells, key.subkey_list));
  uint64_t count = list.count;
  if (list.is_root()) {
    count = 0;
    for (uint32_t i = 0; i < list.count && count <= key.subkey_count; ++i) {
      const uint32_t leaf_at = list.entries.U32();
      TAPIR_ASSIGN_OR_RETURN(const SubkeyList leaf, ReadSubkeyList(cells, leaf_at));
      if (leaf.is_root()) return Misplaced(leaf_at, "a third level of lists of subkeys");
      count += leaf.count;
    }
  }
  if (count == key.subkey_count) return OkStatus();
  return Misplaced(key.subkey_list, "a list of not as many subkeys as the key counts");
}

Status CheckValueList(const HiveCells& cells, const KeyCell& key) {
  TAPIR_ASSIGN_OR_RETURN(const ByteSpan list, cells.Cell(key.value_list));
  if (key.value_count <= list.size() / sizeof(uint32_t)) return OkStatus();
  return Misplaced(key.value_list, "a list of fewer values than the key counts");
}

Result<std::vector<ByteSpan>> DataPieces(const HiveCells& cells, const ValueCell& value) {
  TAPIR_ASSIGN_OR_RETURN(const ByteSpan cell, cells.Cell(value.data));
  if (value.size <= cell.size()) return std::vector<ByteSpan>{cell.first(value.size)};
  ReadCursor from(cell);
  const bool has_magic = from.ReadText(kMagicBytes) == kBigDataMagic;
  const uint16_t count = from.U16();
  const uint32_t list_at = from.U32();
  if (!from.ok() || !has_magic) return Misplaced(value.data, "data that are not whole");
  TAPIR_ASSIGN_OR_RETURN(const ByteSpan list_cell, cells.Cell(list_at));
  ReadCursor list(list_cell);
  std::vector<ByteSpan> pieces;
  size_t rest = value.size;
  for (uint32_t i = 0; i < count; ++i) {
    const uint32_t segment_at = list.U32();
    if (!list.ok()) return Misplaced(list_at, "a list of segments that is not whole");
    TAPIR_ASSIGN_OR_RETURN(const ByteSpan segment, cells.Cell(segment_at));
    const size_t size = std::min(segment.size() - kSegmentSpare, rest);
    pieces.push_back(segment.first(size));
    rest -= size;
  }
  if (rest > 0) return Misplaced(value.data, "data in too few segments");
  return pieces;
}

}  // namespace tapir
