#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "container/session_records.h"
#include "container/volume.h"
#include "object/cut_point.h"
#include "object/pack_report.h"
#include "object/replay_source.h"
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
  std::vector<SetMember> set_members;  ///< volumes of the set before this one
};

/// Where the next session goes (format chapter 1.5): kUnsupported if a feature forbids appending.
Result<AppendPoint> AppendPointOf(const VolumeState& state);

/// Writes the label of a new volume; the device stands at its beginning.
Result<AppendPoint> WriteLabel(BlockDevice& device, const Label& label);

/// A session that may go on on other volumes. WriteSession begins where this says, and leaves in
/// it where it stopped.
struct Spanning {
  /// Also what is given as the source. Rewind it before the next volume.
  ReplaySource* source = nullptr;
  std::optional<EarlierPart> before;
  /// The file that is cut between the volumes; may be null.
  std::shared_ptr<const CutPoint> cut;
};

struct WrittenSession {
  SessionEntry entry;
  PackTotals totals;
  uint64_t volume_bytes = 0;  ///< that the session takes, without the label
  uint64_t stored_bytes = 0;  ///< of chunks with data
  StreamReport stream;
  bool continued = false;  ///< the volume is full; the session has to go on on the next one
  bool has_end = true;     ///< else the volume ended before it could be written
};

/// Writes one session; the device stands where `point` says. A failure leaves a torn session
/// behind. An interruption ends it early, whole, with status interrupted. With `spanning` a medium
/// that is full is no failure; without, it is kEndOfMedium.
Result<WrittenSession> WriteSession(BlockDevice& device, const AppendPoint& point,
                                    ObjectSource& source, const SessionOptions& options,
                                    Spanning* spanning = nullptr);

}  // namespace tapir
