#include "tapir/jobs/inspect_job.h"

#include <algorithm>
#include <deque>
#include <memory>
#include <utility>

#include "container/foreign.h"
#include "container/volume.h"
#include "jobs/inspect_chunk.h"
#include "tapir/base/limits.h"
#include "tapir/device/open_device.h"

namespace tapir {
namespace {

// Blocks and damage wait for the chunk that began before them; of a long damaged stretch not all.
constexpr size_t kMaxHeldItems = 4096;

class Inspector {
 public:
  Inspector(BlockDevice& device, const InspectOptions& options,
            const std::function<Status(const InspectedItem&)>& take)
      : device_(device), options_(options), take_(take) {}

  Status Run();

 private:
  Status LookAtBeginning(ChunkReader& chunks);
  Result<BlockPlace> FindBlock(const BlockReader::Options& reading);
  Status TakeEvent(const ChunkEvent& event);
  Status TakeChunk(const Chunk& chunk);
  Status Hold(InspectedItem item);
  Status ReleaseUpTo(size_t count);
  Status Show(const InspectedItem& item);

  BlockDevice& device_;
  const InspectOptions& options_;
  const std::function<Status(const InspectedItem&)>& take_;
  std::deque<InspectedItem> held_;
  Status no_volume_;  ///< what to say if no block is found
  bool any_block_ = false;
  std::optional<uint64_t> wanted_unit_;  ///< of the block asked for, once it was met
  bool behind_wanted_ = false;
};

// By halving what may hold it: block numbers ascend. A place before it if it is not there.
Result<BlockPlace> Inspector::FindBlock(const BlockReader::Options& reading) {
  // On tape it lies behind so many objects, and as many more as there are marks before it.
  if (device_.traits().keeps_block_boundaries) return BlockPlace{*options_.block_number, 0};
  BlockReader::Options options = reading;
  options.check_bodies = false;
  BlockReader blocks(device_, options);
  uint64_t low = 0;
  uint64_t high = static_cast<uint64_t>(device_.LengthBytes()) / limits::kUnitBytes;
  while (low + 1 < high) {
    uint64_t middle = low + (high - low) / 2;
    TAPIR_RETURN_IF_ERROR(blocks.Seek({0, middle}));
    BlockEvent event;
    do {
      TAPIR_ASSIGN_OR_RETURN(event, blocks.Next());
    } while (event.kind == BlockEvent::Kind::kSkipped || event.kind == BlockEvent::Kind::kFilemark);
    bool is_before = event.kind == BlockEvent::Kind::kBlock &&
                     event.block->header.block_number <= *options_.block_number;
    if (is_before) {
      low = event.block->header.unit_number;
      if (event.block->header.block_number == *options_.block_number) break;
    } else {
      high = middle;
    }
  }
  return BlockPlace{0, low};
}

Status Inspector::LookAtBeginning(ChunkReader& chunks) {
  TAPIR_ASSIGN_OR_RETURN(ByteSpan first, chunks.Peek());
  if (first.empty()) return NotFound("it is empty: no volume label");
  no_volume_ = DecodeBlockHeader(first).status();
  if (no_volume_.code() != StatusCode::kUnsupported) {
    no_volume_ = Foreign("it holds " + IdentifyForeign(first) + ", not a Tapir volume");
  }
  return OkStatus();
}

Status Inspector::Run() {
  BlockReader::Options reading;
  bool on_tape = device_.traits().keeps_block_boundaries;
  bool locates = device_.traits().can_locate && (on_tape || device_.LengthBytes() > 0);
  Result<VolumeState> state =
      locates ? ReadVolumeState(device_) : Result<VolumeState>(NotFound("not looked for"));
  if (state.ok()) reading = ReaderOptions(state->label);
  if (locates) TAPIR_RETURN_IF_ERROR(device_.Locate({}));
  ChunkReader chunks(device_, reading);
  chunks.TellBlocks();
  if (!on_tape) {
    TAPIR_RETURN_IF_ERROR(LookAtBeginning(chunks));
  } else if (!state.ok()) {
    if (state.status().code() == StatusCode::kNotFound) return state.status();
    no_volume_ = state.status();
  }
  if (state.ok() && options_.block_number) {
    TAPIR_ASSIGN_OR_RETURN(BlockPlace begin, FindBlock(reading));
    TAPIR_RETURN_IF_ERROR(chunks.Seek(begin));
  }
  while (!behind_wanted_) {
    TAPIR_ASSIGN_OR_RETURN(ChunkEvent event, chunks.Next());
    if (event.kind == ChunkEvent::Kind::kEnd) break;
    TAPIR_RETURN_IF_ERROR(TakeEvent(event));
  }
  if (!any_block_) return no_volume_;
  return ReleaseUpTo(held_.size());
}

Status Inspector::TakeEvent(const ChunkEvent& event) {
  switch (event.kind) {
    case ChunkEvent::Kind::kBlock: {
      any_block_ = true;
      const BlockHeader& header = event.block->header;
      bool wanted = options_.block_number && header.block_number == *options_.block_number;
      if (wanted) wanted_unit_ = header.unit_number;
      return Hold(InspectBlock(*event.block));
    }
    case ChunkEvent::Kind::kDamage: return Hold(InspectDamage(event.damage));
    case ChunkEvent::Kind::kFilemark: {
      InspectedItem filemark;
      filemark.type = "filemark";
      return Hold(std::move(filemark));
    }
    case ChunkEvent::Kind::kChunk: return TakeChunk(event.chunk);
    case ChunkEvent::Kind::kEnd: break;
  }
  return OkStatus();
}

// A chunk is told when its last block was read: it goes before the blocks behind the one it began
// in.
Status Inspector::TakeChunk(const Chunk& chunk) {
  uint64_t unit = chunk.locator.block.unit;
  auto later = std::find_if(held_.begin(), held_.end(), [&](const InspectedItem& item) {
    return item.level == InspectedItem::Level::kBlock && item.unit > unit;
  });
  TAPIR_RETURN_IF_ERROR(ReleaseUpTo(static_cast<size_t>(later - held_.begin())));
  behind_wanted_ = wanted_unit_ && unit > *wanted_unit_;
  bool shown = !options_.block_number || unit == wanted_unit_;
  if (!shown) return OkStatus();
  TAPIR_RETURN_IF_ERROR(Show(InspectChunkHeader(chunk)));
  if (!options_.records) return OkStatus();
  for (const InspectedItem& item : InspectChunkContents(chunk)) TAPIR_RETURN_IF_ERROR(Show(item));
  return OkStatus();
}

Status Inspector::Hold(InspectedItem item) {
  held_.push_back(std::move(item));
  return any_block_ && held_.size() > kMaxHeldItems ? ReleaseUpTo(1) : OkStatus();
}

Status Inspector::ReleaseUpTo(size_t count) {
  for (; count > 0; --count) {
    InspectedItem item = std::move(held_.front());
    held_.pop_front();
    TAPIR_RETURN_IF_ERROR(Show(item));
  }
  return OkStatus();
}

Status Inspector::Show(const InspectedItem& item) {
  if (options_.block_number && item.unit != wanted_unit_) return OkStatus();
  return take_(item);
}

}  // namespace

Status InspectVolume(const std::string& volume, const InspectOptions& options,
                     const std::function<Status(const InspectedItem&)>& take) {
  TAPIR_ASSIGN_OR_RETURN(std::unique_ptr<BlockDevice> device, OpenDevice(volume, OpenMode::kRead));
  return Inspector(*device, options, take).Run().Annotate(volume);
}

}  // namespace tapir
