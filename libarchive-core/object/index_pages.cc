#include "object/index_pages.h"

#include <utility>

#include "container/volume.h"

namespace tapir {
namespace {

constexpr size_t kSectionSpoolBytes = 64u << 20;

Status CheckPage(const RawChunk& raw, const ChildPage& page, bool leaf) {
  if (!(leaf ? IsLeafPage(raw.header) : IsInnerPage(raw.header))) {
    return Corrupt("index page of another kind");
  }
  if (ComputeDigest128(raw.bytes) != page.digest) return Corrupt("index page digest differs");
  return OkStatus();
}

Status NoPage(const Locator& locator) {
  return Corrupt("index page cannot be read at unit " + std::to_string(locator.block.unit));
}

}  // namespace

DevicePages::DevicePages(BlockDevice& device, const Label& label)
    : chunks_(device, ReaderOptions(label)) {}

// Pages mostly stand one behind the other: the next chunk is tried before going anywhere.
Result<RawChunk> DevicePages::Read(const ChildPage& page, bool leaf) {
  for (int attempt = in_place_ ? 0 : 1; attempt < 2; ++attempt) {
    if (attempt == 1) TAPIR_RETURN_IF_ERROR(chunks_.Seek(page.locator));
    TAPIR_ASSIGN_OR_RETURN(ChunkEvent event, chunks_.Next());
    bool found = event.kind == ChunkEvent::Kind::kChunk && event.chunk.locator == page.locator;
    // Damage of the block itself may be told before its chunk comes.
    for (int i = 0; attempt == 1 && !found && event.kind == ChunkEvent::Kind::kDamage && i < 4;
         ++i) {
      TAPIR_ASSIGN_OR_RETURN(event, chunks_.Next());
      found = event.kind == ChunkEvent::Kind::kChunk && event.chunk.locator == page.locator;
    }
    in_place_ = found;
    if (!found) continue;
    TAPIR_ASSIGN_OR_RETURN(RawChunk raw, ExpandChunk(event.chunk, decompressor_));
    TAPIR_RETURN_IF_ERROR(CheckPage(raw, page, leaf));
    return raw;
  }
  return NoPage(page.locator);
}

SectionPages::SectionPages() : spool_(std::make_shared<Spool>(kSectionSpoolBytes)) {}

Result<std::shared_ptr<SectionPages>> SectionPages::Load(BlockDevice& device, const Label& label,
                                                         const EndRecord& end) {
  std::shared_ptr<SectionPages> section(new SectionPages());
  ChunkReader chunks(device, ReaderOptions(label));
  TAPIR_RETURN_IF_ERROR(chunks.Seek(end.index_place));
  for (;;) {
    TAPIR_ASSIGN_OR_RETURN(ChunkEvent event, chunks.Next());
    if (event.kind == ChunkEvent::Kind::kEnd) return section;
    if (event.kind != ChunkEvent::Kind::kChunk) continue;
    const Chunk& chunk = event.chunk;
    bool over = chunk.session_id != end.session_id || chunk.header.is(ChunkKind::kEnd);
    if (over) return section;
    if (IsLeafPage(chunk.header) || IsInnerPage(chunk.header)) {
      TAPIR_RETURN_IF_ERROR(section->Keep(chunk));
    }
  }
}

Status SectionPages::Keep(const Chunk& chunk) {
  StoredPage page{chunk.header, chunk.session_number, spool_->size()};
  for (const Chunk::Piece& piece : chunk.pieces) {
    TAPIR_RETURN_IF_ERROR(spool_->Append(piece.bytes).status());
  }
  pages_.insert_or_assign(chunk.locator, page);
  return OkStatus();
}

Result<RawChunk> SectionPages::Read(const ChildPage& page, bool leaf) {
  auto found = pages_.find(page.locator);
  if (found == pages_.end()) return NoPage(page.locator);
  const StoredPage& stored = found->second;
  auto bytes = std::make_shared<std::string>(stored.header.stored_bytes, '\0');
  TAPIR_RETURN_IF_ERROR(
      spool_->Read(stored.spool_offset, std::as_writable_bytes(std::span(*bytes))));
  if (stored.header.codec == static_cast<uint8_t>(Codec::kStored)) {
    TAPIR_RETURN_IF_ERROR(CheckRaw(stored.header, AsBytes(*bytes)));
  } else {
    auto expanded = std::make_shared<std::string>(stored.header.raw_bytes, '\0');
    TAPIR_RETURN_IF_ERROR(ExpandChunk(stored.header, AsBytes(*bytes), decompressor_,
                                      std::as_writable_bytes(std::span(*expanded))));
    bytes = std::move(expanded);
  }
  RawChunk raw{stored.header, page.locator, stored.session_number, bytes, AsBytes(*bytes)};
  TAPIR_RETURN_IF_ERROR(CheckPage(raw, page, leaf));
  return raw;
}

Result<StoredLeaves> SectionPages::Leaves(const ChildPage& root, uint32_t root_level) {
  StoredLeaves leaves{spool_, {}};
  size_t visits = 0;
  TAPIR_RETURN_IF_ERROR(AddLeaves(root, root_level, leaves, visits));
  return leaves;
}

Status SectionPages::AddLeaves(const ChildPage& page, uint32_t level, StoredLeaves& leaves,
                               size_t& visits) {
  // A page occurs once in a tree: pages that name each other again and again would have no end.
  if (++visits > pages_.size()) return Corrupt("index pages name each other again");
  TAPIR_ASSIGN_OR_RETURN(RawChunk raw, Read(page, level == 0));
  if (level == 0) {
    leaves.leaves.push_back({page, raw.header, pages_.at(page.locator).spool_offset});
    return OkStatus();
  }
  TAPIR_ASSIGN_OR_RETURN(InnerPage inner, DecodeInner(raw.bytes));
  if (inner.level != level) return Corrupt("index page of another level");
  for (const ChildPage& child : inner.children) {
    TAPIR_RETURN_IF_ERROR(AddLeaves(child, level - 1, leaves, visits));
  }
  return OkStatus();
}

}  // namespace tapir
