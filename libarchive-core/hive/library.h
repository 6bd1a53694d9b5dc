#pragma once

#include <hivex.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "bytes/cursor.h"
#include "tapir/base/status.h"

namespace tapir {

/// libhivex on a copy of a hive in memory. Offsets are of cells in the bins. It reads beyond cells
/// that are too short and beyond lists of segments: its caller checks first what it is asked for.
/// Single-thread.
class HiveLibrary {
 public:
  /// More subkeys of a key it does not list.
  static constexpr uint32_t kMostSubkeys = 70'000;
  static constexpr uint32_t kMostValues = 110'000;
  /// Longer data it does not give.
  static constexpr uint32_t kMostDataBytes = 8'000'000;

  static Result<HiveLibrary> Open(ByteSpan hive);

  Result<std::vector<uint32_t>> Subkeys(uint32_t key) const;
  Result<std::vector<uint32_t>> Values(uint32_t key) const;
  /// Of a value whose data are not empty.
  Result<std::string> Data(uint32_t value) const;

 private:
  struct Close {
    void operator()(hive_h* hive) const { hivex_close(hive); }
  };
  explicit HiveLibrary(hive_h* hive) : hive_(hive) {}

  std::unique_ptr<hive_h, Close> hive_;
};

}  // namespace tapir
