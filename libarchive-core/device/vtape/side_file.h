#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "device/vtape/time_model.h"
#include "tapir/base/status.h"
#include "tapir/device/virtual_tape.h"

namespace tapir::vtape {

/// What a tape image cannot hold, in a text file beside it: a word and its values a line. Lines
/// with other words are kept as they are. The last line is "end".
struct SideFile {
  std::string profile;
  std::vector<uint64_t> partition_bytes;  ///< capacities
  uint64_t early_warning_bytes = 0;
  bool write_protected = false;
  bool worm = false;
  bool loaded = true;
  bool locked = false;
  bool compression = false;
  bool report_setmarks = false;
  uint32_t block_bytes = 0;
  uint32_t change_reference = 0;  ///< of the volume: counted up when it is changed
  uint32_t partition = 0;         ///< where the drive stands, from 0
  uint64_t object = 0;
  std::map<std::pair<uint32_t, uint16_t>, std::string> attributes;  ///< partition, id -> value
  std::set<std::pair<uint32_t, uint64_t>> setmarks;                 ///< partition, object
  std::vector<VirtualTapeFault> faults;
  ModelTimes times;
  std::vector<std::string> unknown_lines;

  /// kNotFound if there is none; kCorrupt names the line.
  static Result<SideFile> Read(const std::string& path);
  /// Replaces the text as a whole: after a crash the old one is read, or the new one.
  Status Write(const std::string& path) const;
};

}  // namespace tapir::vtape
