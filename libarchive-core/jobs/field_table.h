#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bytes/cursor.h"

namespace tapir {

/// Names and printable values, in the order of the format text.
using Fields = std::vector<std::pair<std::string, std::string>>;

/// How a field of the format is shown.
enum class FieldForm : uint8_t {
  kNumber,    ///< unsigned, decimal
  kSigned,    ///< two's complement, decimal
  kBits,      ///< unsigned, hexadecimal with 0x
  kChecksum,  ///< u64, sixteen hexadecimal digits
  kBytes,     ///< hexadecimal, in the order of the medium
  kUuid,
  kReserved,  ///< not shown while it is zero
};

/// A row of a table of the format text.
struct FieldRow {
  std::string_view name;
  uint8_t bytes = 0;
  FieldForm form = FieldForm::kNumber;
};
using FieldTable = std::span<const FieldRow>;

/// Appends the fields that `bytes` begins with, as far as they go, each name behind `prefix`.
/// Returns how many bytes they took.
size_t AppendFields(FieldTable table, ByteSpan bytes, std::string_view prefix, Fields& out);

struct ItemShape;

/// Appends what follows the fixed part of a record or attribute. `name`: of the attribute, empty
/// for a record.
void AppendRest(const ItemShape& shape, ByteSpan rest, const std::string& name, Fields& out);

/// Appends the attributes that fill `bytes` by the names of the registry; those that may stand more
/// than once are numbered. What cannot be read is said in a field "malformed".
void AppendAttributes(ByteSpan bytes, std::string_view prefix, Fields& out);

}  // namespace tapir
