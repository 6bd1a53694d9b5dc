#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "object/append_point.h"
#include "object/cut_point.h"
#include "object/pack_report.h"
#include "object/replay_source.h"
#include "tapir/base/status.h"
#include "tapir/device/block_device.h"
#include "tapir/object/object_source.h"
#include "tapir/object/session_options.h"

namespace tapir {

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
  /// Of a session that has to go on: what this volume holds of it, if that is all there.
  std::optional<CopiedIndex> index;
};

/// Writes one session; the device stands where `point` says. A failure leaves a torn session
/// behind. An interruption ends it early, whole, with status interrupted. With `spanning` a medium
/// that is full is no failure; without, it is kEndOfMedium.
Result<WrittenSession> WriteSession(BlockDevice& device, const AppendPoint& point,
                                    ObjectSource& source, const SessionOptions& options,
                                    Spanning* spanning = nullptr);

}  // namespace tapir
