#include "object/index_reader.h"

#include <algorithm>
#include <utility>

#include "container/volume.h"
#include "tapir/object/path_order.h"

namespace tapir {

IndexReader::IndexReader(BlockDevice& device, const Label& label, const EndRecord& end)
    : chunks_(device, ReaderOptions(label)), root_level_(end.root_level) {
  root_.locator = end.root;
  root_.digest = end.root_digest;
}

// Pages mostly stand one behind the other: the next chunk is tried before going anywhere.
Result<RawChunk> IndexReader::ReadPage(const Locator& locator, const Digest128& digest,
                                       ChunkKind kind) {
  for (int attempt = in_place_ ? 0 : 1; attempt < 2; ++attempt) {
    if (attempt == 1) TAPIR_RETURN_IF_ERROR(chunks_.Seek(locator));
    TAPIR_ASSIGN_OR_RETURN(ChunkEvent event, chunks_.Next());
    bool found = event.kind == ChunkEvent::Kind::kChunk && event.chunk.locator == locator;
    // Damage of the block itself may be told before its chunk comes.
    for (int i = 0; attempt == 1 && !found && event.kind == ChunkEvent::Kind::kDamage && i < 4;
         ++i) {
      TAPIR_ASSIGN_OR_RETURN(event, chunks_.Next());
      found = event.kind == ChunkEvent::Kind::kChunk && event.chunk.locator == locator;
    }
    in_place_ = found;
    if (!found) continue;
    if (!event.chunk.header.is(kind)) return Corrupt("index page of another kind");
    TAPIR_ASSIGN_OR_RETURN(RawChunk raw, ExpandChunk(event.chunk, decompressor_));
    if (ComputeDigest128(raw.bytes) != digest) return Corrupt("index page digest differs");
    return raw;
  }
  return Corrupt("index page cannot be read at unit " + std::to_string(locator.block.unit));
}

// Ordinals have to go on without a gap from leaf to leaf: otherwise a few pages that name each
// other again and again would make an index without end.
Status IndexReader::TakeLeaf(const ChildPage& page, const RawChunk& raw) {
  TAPIR_ASSIGN_OR_RETURN(leaf_, DecodeLeaf(raw.bytes));
  next_in_leaf_ = 0;
  if (root_level_ == 0 && leaf_.empty()) return OkStatus();
  bool fits = !leaf_.empty() && leaf_.front().ordinal == page.first_ordinal &&
              leaf_.front().ordinal == next_ordinal_.value_or(page.first_ordinal) &&
              (last_path_.empty() || ComparePaths(last_path_, leaf_.front().path) < 0);
  if (!fits) {
    leaf_.clear();
    return Corrupt("index leaf does not follow the one before");
  }
  next_ordinal_ = leaf_.back().ordinal + 1;
  last_path_ = leaf_.back().path;
  return OkStatus();
}

// Reads a page: a leaf becomes the current one, an inner one a level more to go through.
Status IndexReader::Descend(const ChildPage& page, uint32_t level) {
  if (level == 0) {
    TAPIR_ASSIGN_OR_RETURN(RawChunk raw, ReadPage(page.locator, page.digest, ChunkKind::kLeaf));
    return TakeLeaf(page, raw);
  }
  TAPIR_ASSIGN_OR_RETURN(RawChunk raw, ReadPage(page.locator, page.digest, ChunkKind::kInner));
  TAPIR_ASSIGN_OR_RETURN(InnerPage inner, DecodeInner(raw.bytes));
  if (inner.level != level || inner.children.front().first_ordinal != page.first_ordinal) {
    return Corrupt("index page of another level or place");
  }
  levels_.push_back({std::move(inner.children), 0, level});
  return OkStatus();
}

Status IndexReader::Start() {
  started_ = true;
  levels_.clear();
  leaf_.clear();
  next_in_leaf_ = 0;
  next_ordinal_.reset();
  last_path_.clear();
  return Descend(root_, root_level_);
}

Result<std::optional<Entry>> IndexReader::Next() {
  if (!started_) TAPIR_RETURN_IF_ERROR(Start());
  while (next_in_leaf_ == leaf_.size()) {
    while (!levels_.empty() && levels_.back().next == levels_.back().children.size()) {
      levels_.pop_back();
    }
    if (levels_.empty()) return std::optional<Entry>();
    Level& level = levels_.back();
    // A copy: Descend may add a level and so move this one.
    ChildPage child = level.children[level.next++];
    TAPIR_RETURN_IF_ERROR(Descend(child, level.level - 1));
  }
  return std::optional<Entry>(std::move(leaf_[next_in_leaf_++]));
}

Status IndexReader::SeekTo(std::string_view path) {
  TAPIR_RETURN_IF_ERROR(Start());
  while (!levels_.empty() && leaf_.empty()) {
    Level& level = levels_.back();
    // The last child that does not begin behind the path may hold it.
    auto behind = std::upper_bound(level.children.begin(), level.children.end(), path,
                                   [](std::string_view wanted, const ChildPage& child) {
                                     return ComparePaths(wanted, child.first_path) < 0;
                                   });
    size_t child = behind == level.children.begin()
                       ? 0
                       : static_cast<size_t>(behind - level.children.begin()) - 1;
    level.next = child + 1;
    ChildPage page = level.children[child];
    TAPIR_RETURN_IF_ERROR(Descend(page, level.level - 1));
  }
  auto first = std::lower_bound(leaf_.begin(), leaf_.end(), path,
                                [](const Entry& entry, std::string_view wanted) {
                                  return ComparePaths(entry.path, wanted) < 0;
                                });
  next_in_leaf_ = static_cast<size_t>(first - leaf_.begin());
  return OkStatus();
}

}  // namespace tapir
