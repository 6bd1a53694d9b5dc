#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace tapir {

/// A kind of drive that a virtual tape can imitate, with its times from published data sheets.
struct TapeProfile {
  std::string_view name;     ///< "lto-9"
  std::string_view product;  ///< "LTO-9"
  uint64_t capacity_bytes;   ///< native, of the whole medium
  uint8_t density_code;      ///< 0 where none is published
  uint32_t max_partitions;
  bool has_setmarks;        ///< setmarks, and short and long filemarks
  double native_mb_per_s;   ///< streaming rate, 10^6 bytes a second
  double slowest_mb_per_s;  ///< below it the tape stops
  uint64_t buffer_bytes;    ///< in the drive
  double load_s;
  double unload_s;
  double average_locate_s;  ///< from the load point
  double average_rewind_s;
  double back_hitch_s;  ///< to stop, go back and be in motion again
  uint32_t wraps;       ///< passes over the whole length
};

/// All that are known; the first is the one used where none is named.
const std::vector<TapeProfile>& TapeProfiles();
/// nullptr if there is none of that name.
const TapeProfile* FindTapeProfile(std::string_view name);

}  // namespace tapir
