#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "container/block_writer.h"
#include "container/session_records.h"
#include "container/volume.h"
#include "object/index_copies.h"
#include "tapir/base/status.h"
#include "tapir/device/block_device.h"

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
  /// Indexes of earlier sessions that the next one's index section shall hold too.
  std::vector<CopiedIndex> index_copies;
};

/// Where the next session goes (format chapter 1.5): kUnsupported if a feature forbids appending.
Result<AppendPoint> AppendPointOf(const VolumeState& state);

/// Writes the label of a new volume; the device stands at its beginning.
Result<AppendPoint> WriteLabel(BlockDevice& device, const Label& label);

/// How the blocks of a session go on from there.
BlockWriter::Options BlockOptions(const AppendPoint& point, const SessionId& session_id);

/// This program, as labels, starts and ends name it.
std::string WriterName();

}  // namespace tapir
