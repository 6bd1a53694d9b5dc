#pragma once

#include "container/format.h"
#include "jobs/field_table.h"

namespace tapir {

/// Fixed parts, as in format chapters 1, 2, 3, 5 and 6.
extern const FieldTable kBlockHeaderTable;
extern const FieldTable kChunkHeaderTable;

/// What follows the fixed part of a record or attribute.
enum class ItemRest : uint8_t {
  kNothing,
  kAttributes,
  kText,   ///< bytes with a meaning of their own, shown as they are
  kNames,  ///< any number of them: u32 length, bytes
  kHex,    ///< bytes in hexadecimal; of many only their number
  kBytes,  ///< only their number is shown
};

struct ItemShape {
  ItemType type;
  FieldTable fixed;
  ItemRest rest = ItemRest::kNothing;
  std::string_view rest_name = "";  ///< empty: the name of the item itself
  bool repeats = false;             ///< may stand more than once in its record
};

/// Null if the type is not known, or is put together of others (WHOLE, XATTR).
const ItemShape* FindItemShape(uint16_t type);

}  // namespace tapir
