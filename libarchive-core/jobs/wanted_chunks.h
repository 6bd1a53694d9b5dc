#pragma once

#include <cstdint>
#include <vector>

#include "container/chunk_reader.h"
#include "container/session_records.h"
#include "tapir/base/status.h"

namespace tapir {

/// Objects first..end-1 of a session, which begin in one chunk, and where that is.
struct WantedRun {
  uint64_t first = 0;
  uint64_t end = 0;
  Locator begin;
};

/// Reads the chunks of one session that hold wanted objects, in one forward sweep: reads on where
/// the next one is near, goes there where it is far. Single-thread.
class WantedChunks {
 public:
  /// `wanted` ascends; references must outlive this.
  WantedChunks(BlockDevice& device, const Label& label, const SessionId& session_id,
               const std::vector<WantedRun>& wanted);

  /// As ChunkReader::Next; chunks without wanted objects are left out.
  Result<ChunkEvent> Next();
  uint64_t bytes_read() const { return chunks_.bytes_read(); }

 private:
  bool IsFar(const WantedRun& run) const;

  ChunkReader chunks_;
  const SessionId session_id_;
  const std::vector<WantedRun>& wanted_;
  size_t next_ = 0;  ///< in wanted_: the first that may not have been read whole
  bool in_place_ = false;
};

}  // namespace tapir
