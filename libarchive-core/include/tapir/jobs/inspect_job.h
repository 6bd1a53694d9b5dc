#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tapir/base/status.h"

namespace tapir {

/// One structure of the volume as `tapir inspect` shows it.
struct InspectedItem {
  enum class Level { kBlock, kChunk, kRecord, kDamage };
  Level level = Level::kBlock;
  uint64_t unit = 0;    ///< of its block
  uint64_t offset = 0;  ///< chunk: in its block; record: in its raw chunk
  std::string type;     ///< "data", "records", "WHOLE", "block" (kind of damage)
  /// Fields in the order of the format text, as names and printable values.
  std::vector<std::pair<std::string, std::string>> fields;
};

struct InspectOptions {
  std::optional<uint64_t> block_number;  ///< only this block and what begins in it
  bool records = true;                   ///< expand chunks and show their records and index entries
};

/// Shows every block, chunk and record, also of damaged volumes.
Status InspectVolume(const std::string& volume, const InspectOptions& options,
                     const std::function<Status(const InspectedItem&)>& take);

}  // namespace tapir
