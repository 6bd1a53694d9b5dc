#pragma once

#include <cstdint>
#include <vector>

#include "container/session_records.h"
#include "container/volume.h"
#include "object/pack_report.h"
#include "tapir/base/status.h"
#include "tapir/device/block_device.h"
#include "tapir/object/object_source.h"
#include "tapir/object/session_options.h"

namespace tapir {

/// What is known of a volume when a session is added to it.
struct AppendPoint {
  Label label;
  std::vector<SessionEntry> earlier;
  BlockPlace last_end;
  Digest128 last_end_digest{};
  uint64_t read_features = 0;  ///< unions of the sessions before
  uint64_t append_features = 0;
  uint64_t compatible_features = 0;
  uint32_t session_number = 1;
  uint64_t next_block_number = 0;
  uint64_t next_unit = 0;
  uint32_t marks_before = 0;
  uint64_t gap_first_unit = 0;
  uint64_t gap_units = 0;
};

/// Where the next session goes (format chapter 1.5): kUnsupported if a feature forbids appending.
Result<AppendPoint> AppendPointOf(const VolumeState& state);

/// Writes the label of a new volume; the device stands at its beginning.
Result<AppendPoint> WriteLabel(BlockDevice& device, const Label& label);

struct WrittenSession {
  SessionEntry entry;
  PackTotals totals;
  uint64_t volume_bytes = 0;  ///< that the session takes, without the label
  uint64_t stored_bytes = 0;  ///< of chunks with data
  StreamReport stream;
};

/// Writes one session; the device stands where `point` says. A failure leaves a torn session
/// behind. An interruption ends it early, whole, with status interrupted.
Result<WrittenSession> WriteSession(BlockDevice& device, const AppendPoint& point,
                                    ObjectSource& source, const SessionOptions& options);

}  // namespace tapir
