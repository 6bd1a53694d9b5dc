#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "container/block_reader.h"
#include "container/chunk_reader.h"
#include "container/session_records.h"
#include "tapir/base/status.h"
#include "tapir/device/block_device.h"

namespace tapir {

/// An END as it was found.
struct FoundEnd {
  EndRecord record;
  Digest128 digest{};
  BlockPlace place;       ///< of the first copy
  uint64_t end_unit = 0;  ///< behind it, as it was read
};

/// What a volume holds, found from its end (format chapter 1.4).
struct VolumeState {
  Label label;
  bool label_damaged = false;          ///< taken from a copy, or made up from block headers
  std::vector<SessionEntry> sessions;  ///< ended ones, in order
  std::optional<FoundEnd> last_end;
  /// Something follows the last session end that is not a whole session.
  bool torn = false;
  /// The last session, if it had ended but neither copy of its END can be read: damage (format
  /// chapter 8.4). `sessions` does not hold it.
  std::optional<SessionId> lost_end;
  uint32_t last_session_number = 0;  ///< torn ones included
  uint64_t valid_end_unit = 0;       ///< behind the last valid block
  uint64_t append_unit = 0;          ///< where the next session goes
  uint64_t next_block_number = 0;
  uint32_t marks_before = 0;   ///< filemarks before the next block; on tapes
  uint64_t append_object = 0;  ///< where the next block goes; on tapes
  /// The ends were found by going through the whole volume, since the usual ways failed.
  bool scanned = false;

  uint64_t read_features() const { return last_end ? last_end->record.read_features : 0; }
  uint64_t append_features() const { return last_end ? last_end->record.append_features : 0; }
};

/// Reads the state of a volume on a device that can locate. kNotFound: it is empty; kForeign:
/// something else, named; kUnsupported: a newer format.
///
/// On a tape a note beside the medium may tell where the last session ended. `for_append` goes to
/// the end of data all the same: only then the places where the next block goes are known.
Result<VolumeState> ReadVolumeState(BlockDevice& device, bool for_append = false);

/// Reads a session's END: the first copy, else the second. kCorrupt if neither can be read or it is
/// not the one that `entry` describes.
Result<FoundEnd> ReadEnd(BlockDevice& device, const Label& label, const SessionEntry& entry);

/// Reads a session's START record: kCorrupt if it cannot be read.
Result<StartRecord> ReadStart(BlockDevice& device, const Label& label, const SessionEntry& entry);

/// Options with which blocks of this volume are read.
BlockReader::Options ReaderOptions(const Label& label);

/// The directory entry that later sessions will carry for this END.
SessionEntry EntryOf(const FoundEnd& end, const StartRecord& start);

}  // namespace tapir
