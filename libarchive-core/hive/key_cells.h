#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tapir/base/status.h"
#include "windows/hive_cells.h"

namespace tapir {

/// What cells of keys and values say, and checks of the lists they point at. kCorrupt names the
/// byte of the file. Any thread.

struct KeyCell {
  uint16_t flags = 0;
  uint64_t last_written = 0;
  uint32_t access_bits = 0;
  uint32_t subkey_count = 0;
  uint32_t subkey_list = 0;
  uint32_t value_count = 0;  ///< of a predefined handle the handle
  uint32_t value_list = 0;
  uint32_t security = 0;
  uint32_t class_name = 0;
  uint16_t control_flags = 0;
  uint16_t class_bytes = 0;
  std::u16string name;
};

struct ValueCell {
  std::u16string name;
  uint32_t size = 0;
  bool is_inline = false;
  uint32_t data = 0;  ///< where they are, unless they are inline
  uint32_t type = 0;
  uint16_t flags = 0;
};

Result<KeyCell> ReadKeyCell(const HiveCells& cells, uint32_t offset);
Result<ValueCell> ReadValueCell(const HiveCells& cells, uint32_t offset);
Result<std::string> ReadSecurityCell(const HiveCells& cells, uint32_t offset);

/// The list holds the subkeys that the key counts, in one level of lists or two.
Status CheckSubkeyList(const HiveCells& cells, const KeyCell& key);
Status CheckValueList(const HiveCells& cells, const KeyCell& key);

/// The pieces that data which are not inline consist of.
Result<std::vector<ByteSpan>> DataPieces(const HiveCells& cells, const ValueCell& value);

/// UTF-16 as it is stored; a last odd byte is not read.
std::u16string Utf16Units(ByteSpan bytes);

}  // namespace tapir
