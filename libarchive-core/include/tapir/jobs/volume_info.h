#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tapir/base/status.h"
#include "tapir/base/timestamp.h"

namespace tapir {

/// An ended session, for showing.
struct SessionInfo {
  uint32_t number = 0;
  std::string id;      ///< 16 hexadecimal digits
  std::string kind;    ///< "full", "additive", "incremental"
  std::string status;  ///< "complete", "interrupted", "continued"; "unknown" if its END is lost
  Timestamp start;
  Timestamp end;
  uint64_t object_count = 0;
  uint64_t content_bytes = 0;
  uint64_t first_unit = 0;   ///< of its START, in units of 4,096 bytes
  std::string digests;       ///< "xxh128" or "xxh128 sha256"; empty if START cannot be read
  std::string options;       ///< "compress=zstd:3 dedup=session"
  std::string writer;        ///< "tapir 0.1.0"
  std::string end_digest;    ///< XXH3-128 of the END chunk, hexadecimal; empty if it is lost
  bool end_readable = true;  ///< false: it had ended, but both copies of its END are damaged
  bool supported = true;     ///< false: it has features this program does not know
  bool has_policy = false;   ///< it holds the policy that shaped it
  std::string begins_on;     ///< UUID of the volume on which it was before; empty if on none
};

/// Another volume of the set.
struct SetVolume {
  uint32_t sequence = 0;
  std::string uuid;
};

/// A volume as `tapir info` shows it.
struct VolumeInfo {
  std::string volume;  ///< as given
  std::string uuid;
  std::string set_uuid;
  std::string label;
  uint32_t volume_sequence = 1;
  Timestamp created;
  std::string writer;
  uint32_t max_block_bytes = 0;
  bool full_blocks = false;
  bool label_damaged = false;
  uint64_t volume_bytes = 0;  ///< length of the file
  uint64_t read_features = 0;
  uint64_t append_features = 0;
  std::vector<SessionInfo> sessions;
  std::vector<SetVolume> earlier_volumes;  ///< of the set, as the last session names them
  bool torn = false;                       ///< an unfinished session follows the last ended one
  uint64_t torn_first_unit = 0;
  std::string remark;            ///< what was found out while it was labelled, else empty
  std::string being_written_by;  ///< "process 4711 (tapir)" while a writer is at work, else empty
};

/// Reads label and sessions. Statuses as ReadVolumeState: kNotFound empty or missing, kForeign with
/// what was found, kUnsupported newer. Of a stream (`-`) everything is read through.
Result<VolumeInfo> ReadVolumeInfo(std::string_view volume);

}  // namespace tapir
