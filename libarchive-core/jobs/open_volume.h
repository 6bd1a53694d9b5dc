#pragma once

#include <memory>
#include <optional>
#include <string>

#include "container/volume.h"
#include "tapir/base/status.h"
#include "tapir/device/open_device.h"
#include "tapir/jobs/volume_info.h"

namespace tapir {

/// A volume opened to be read. On a device that cannot locate, `state` is empty: everything is met
/// in order by reading.
struct OpenedVolume {
  std::string name;  ///< as it was given
  std::unique_ptr<BlockDevice> device;
  std::optional<VolumeState> state;
  /// Who writes to it just now, if somebody does: what follows the last session end is not torn
  /// then.
  std::string being_written_by;
  /// Its last session has no END, and goes on on the next volume all the same.
  bool goes_on_without_end = false;

  bool torn() const {
    return state && state->torn && being_written_by.empty() && !goes_on_without_end;
  }
};

/// Statuses as ReadVolumeState, with the volume's name before them.
Result<OpenedVolume> OpenVolumeToRead(const std::string& volume);

/// Printable facts of a session.
SessionInfo MakeSessionInfo(const SessionEntry& entry, const StartRecord* start);
VolumeInfo MakeVolumeInfo(const std::string& volume, const Label& label);

/// True if this program knows all features that reading the session needs.
bool IsSupported(const SessionEntry& entry);

}  // namespace tapir
