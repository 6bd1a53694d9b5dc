#include "jobs/wanted_chunks.h"

#include "container/volume.h"
#include "tapir/base/limits.h"

namespace tapir {
namespace {

// Reading on over this much is cheaper than going there.
constexpr uint64_t kNearUnits = (4u << 20) / limits::kUnitBytes;

}  // namespace

WantedChunks::WantedChunks(BlockDevice& device, const Label& label, const SessionId& session_id,
                           const std::vector<WantedRun>& wanted)
    : chunks_(device, ReaderOptions(label)), session_id_(session_id), wanted_(wanted) {}

bool WantedChunks::IsFar(const WantedRun& run) const {
  return !in_place_ || run.begin.block.unit > chunks_.end_unit() + kNearUnits;
}

Result<ChunkEvent> WantedChunks::Next() {
  // An object that nobody wants may begin before what is passed over and end behind it.
  uint64_t passed_over = 0;
  while (next_ < wanted_.size()) {
    bool sought = IsFar(wanted_[next_]);
    if (sought) {
      TAPIR_RETURN_IF_ERROR(chunks_.Seek(wanted_[next_].begin));
      ++passed_over;
    }
    in_place_ = true;
    TAPIR_ASSIGN_OR_RETURN(ChunkEvent event, chunks_.Next());
    if (event.kind == ChunkEvent::Kind::kFilemark) continue;
    if (event.kind != ChunkEvent::Kind::kChunk) return event;
    const Chunk& chunk = event.chunk;
    bool ours =
        chunk.session_id == session_id_ && chunk.section == static_cast<uint8_t>(BlockType::kData);
    if (!ours) {
      // Nothing of the session comes any more here: what was looked for is lost.
      ++next_;
      in_place_ = false;
      continue;
    }
    uint64_t first = chunk.header.first_object;
    uint64_t last = first + chunk.header.object_count - (chunk.header.object_count > 0 ? 1 : 0);
    while (next_ < wanted_.size() && wanted_[next_].end <= first) ++next_;
    bool holds_wanted = next_ < wanted_.size() && wanted_[next_].first <= last;
    if (!holds_wanted) {
      ++passed_over;
      continue;
    }
    // The last object may go on in the next chunk.
    while (next_ < wanted_.size() && wanted_[next_].end <= last) ++next_;
    event.chunk.missing_before += passed_over;
    return event;
  }
  return ChunkEvent{};
}

}  // namespace tapir
