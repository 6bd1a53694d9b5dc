#include "object/index_writer.h"

#include <utility>

#include "bytes/checksum.h"
#include "object/thread_compressor.h"

namespace tapir {
namespace {

constexpr size_t kIndexSpoolBytes = 32u << 20;

// A page as it goes into a chunk: `stored` gets its bytes, compressed if that gains.
Result<ChunkHeader> CompressPage(ChunkKind kind, const std::string& raw, int zstd_level,
                                 std::string& stored) {
  ChunkHeader header;
  header.kind = static_cast<uint8_t>(kind);
  header.raw_bytes = static_cast<uint32_t>(raw.size());
  header.raw_checksum = Checksum64(AsBytes(raw));
  bool smaller = false;
  if (zstd_level > 0) {
    TAPIR_ASSIGN_OR_RETURN(smaller, ThreadCompressor(zstd_level).Compress(AsBytes(raw), stored));
  }
  if (!smaller) stored = raw;
  header.codec = static_cast<uint8_t>(smaller ? Codec::kZstd : Codec::kStored);
  header.stored_bytes = static_cast<uint32_t>(stored.size());
  return header;
}

// Takes as many children as fit, from `first` on, which is advanced.
InnerPage TakeChildren(const std::vector<ChildPage>& children, uint32_t level, size_t& first) {
  InnerPage page;
  page.level = level;
  size_t key_bytes = 0;
  constexpr size_t kChildBytes = 48;  // beside the key, about
  // Keys of 1 MiB leave eight in a page: so the tree never has more levels than readers take.
  constexpr size_t kMinChildren = 8;
  while (first < children.size() &&
         (page.children.size() < kMinChildren || key_bytes < kLeafPageBytes)) {
    key_bytes += children[first].first_path.size() + kChildBytes;
    page.children.push_back(children[first++]);
  }
  return page;
}

}  // namespace

IndexWriter::IndexWriter(bool with_sha256, int zstd_level)
    : zstd_level_(zstd_level), leaf_(with_sha256) {
  stored_.spool = std::make_shared<Spool>(kIndexSpoolBytes);
}

Status IndexWriter::Add(Entry entry) {
  if (!leaf_.Fits(entry)) TAPIR_RETURN_IF_ERROR(FinishLeaf());
  leaf_.Add(std::move(entry));
  ++entry_count_;
  return OkStatus();
}

Status IndexWriter::FinishLeaf() {
  StoredLeaf page;
  if (!leaf_.empty()) {
    page.child.first_path = leaf_.first_path();
    page.child.first_ordinal = leaf_.first_ordinal();
  }
  const std::string raw = leaf_.Finish();
  page.child.digest = ComputeDigest128(AsBytes(raw));
  std::string stored;
  TAPIR_ASSIGN_OR_RETURN(page.header, CompressPage(ChunkKind::kLeaf, raw, zstd_level_, stored));
  TAPIR_ASSIGN_OR_RETURN(page.spool_offset, stored_.spool->Append(AsBytes(stored)));
  stored_.leaves.push_back(std::move(page));
  return OkStatus();
}

Result<StoredLeaves> IndexWriter::Finish() {
  if (!leaf_.empty() || stored_.leaves.empty()) TAPIR_RETURN_IF_ERROR(FinishLeaf());
  return std::move(stored_);
}

Result<WrittenIndex> WriteIndex(BlockWriter& blocks, const StoredLeaves& leaves, IndexForm form,
                                int zstd_level, uint64_t& next_sequence) {
  const bool own = form == IndexForm::kOwn;
  std::vector<ChildPage> pages;
  std::string stored;
  for (const StoredLeaf& leaf : leaves.leaves) {
    stored.resize(leaf.header.stored_bytes);
    TAPIR_RETURN_IF_ERROR(
        leaves.spool->Read(leaf.spool_offset, std::as_writable_bytes(std::span(stored))));
    ChunkHeader header = leaf.header;
    header.kind = static_cast<uint8_t>(own ? ChunkKind::kLeaf : ChunkKind::kLeafCopy);
    header.sequence = next_sequence++;
    pages.push_back(leaf.child);
    TAPIR_ASSIGN_OR_RETURN(pages.back().locator,
                           blocks.Append(BlockType::kIndex, header, AsBytes(stored)));
  }
  WrittenIndex written;
  while (pages.size() > 1) {
    ++written.root_level;
    std::vector<ChildPage> parents;
    for (size_t first = 0; first < pages.size();) {
      const InnerPage page = TakeChildren(pages, written.root_level, first);
      const std::string raw = EncodeInner(page);
      TAPIR_ASSIGN_OR_RETURN(
          ChunkHeader header,
          CompressPage(own ? ChunkKind::kInner : ChunkKind::kInnerCopy, raw, zstd_level, stored));
      header.sequence = next_sequence++;
      ChildPage parent;
      parent.first_path = page.children.front().first_path;
      parent.first_ordinal = page.children.front().first_ordinal;
      parent.digest = ComputeDigest128(AsBytes(raw));
      TAPIR_ASSIGN_OR_RETURN(parent.locator,
                             blocks.Append(BlockType::kIndex, header, AsBytes(stored)));
      parents.push_back(std::move(parent));
    }
    pages = std::move(parents);
  }
  written.root = pages.front().locator;
  written.root_digest = pages.front().digest;
  return written;
}

}  // namespace tapir
