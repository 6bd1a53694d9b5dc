#include "object/index_writer.h"

#include <utility>

#include "bytes/checksum.h"
#include "object/thread_compressor.h"

namespace tapir {
namespace {

constexpr size_t kIndexSpoolBytes = 32u << 20;

}  // namespace

IndexWriter::IndexWriter(bool with_sha256, int zstd_level)
    : zstd_level_(zstd_level), leaf_(with_sha256), spool_(kIndexSpoolBytes) {}

Status IndexWriter::Add(Entry entry) {
  if (!leaf_.Fits(entry)) TAPIR_RETURN_IF_ERROR(FinishLeaf());
  leaf_.Add(std::move(entry));
  ++entry_count_;
  return OkStatus();
}

Result<ChunkHeader> IndexWriter::Compress(ChunkKind kind, const std::string& raw) {
  ChunkHeader header;
  header.kind = static_cast<uint8_t>(kind);
  header.raw_bytes = static_cast<uint32_t>(raw.size());
  header.raw_checksum = Checksum64(AsBytes(raw));
  bool smaller = false;
  if (zstd_level_ > 0) {
    TAPIR_ASSIGN_OR_RETURN(smaller, ThreadCompressor(zstd_level_).Compress(AsBytes(raw), stored_));
  }
  if (!smaller) stored_ = raw;
  header.codec = static_cast<uint8_t>(smaller ? Codec::kZstd : Codec::kStored);
  header.stored_bytes = static_cast<uint32_t>(stored_.size());
  return header;
}

Status IndexWriter::FinishLeaf() {
  SpooledPage page;
  if (!leaf_.empty()) {
    page.child.first_path = leaf_.first_path();
    page.child.first_ordinal = leaf_.first_ordinal();
  }
  std::string raw = leaf_.Finish();
  page.child.digest = ComputeDigest128(AsBytes(raw));
  TAPIR_ASSIGN_OR_RETURN(page.header, Compress(ChunkKind::kLeaf, raw));
  TAPIR_ASSIGN_OR_RETURN(page.spool_offset, spool_.Append(AsBytes(stored_)));
  pages_.push_back(std::move(page));
  return OkStatus();
}

Result<Locator> IndexWriter::WriteChunk(BlockWriter& blocks, ChunkHeader header, ByteSpan stored,
                                        uint64_t& next_sequence) {
  header.sequence = next_sequence++;
  return blocks.Append(BlockType::kIndex, header, stored);
}

Result<std::vector<ChildPage>> IndexWriter::WriteLevel(BlockWriter& blocks, uint32_t level,
                                                       const std::vector<ChildPage>& children,
                                                       uint64_t& next_sequence) {
  std::vector<ChildPage> parents;
  for (size_t first = 0; first < children.size();) {
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
    std::string raw = EncodeInner(page);
    TAPIR_ASSIGN_OR_RETURN(ChunkHeader header, Compress(ChunkKind::kInner, raw));
    ChildPage parent;
    parent.first_path = page.children.front().first_path;
    parent.first_ordinal = page.children.front().first_ordinal;
    parent.digest = ComputeDigest128(AsBytes(raw));
    TAPIR_ASSIGN_OR_RETURN(parent.locator,
                           WriteChunk(blocks, header, AsBytes(stored_), next_sequence));
    parents.push_back(std::move(parent));
  }
  return parents;
}

Result<WrittenIndex> IndexWriter::Write(BlockWriter& blocks, uint64_t& next_sequence) {
  if (!leaf_.empty() || pages_.empty()) TAPIR_RETURN_IF_ERROR(FinishLeaf());
  TAPIR_RETURN_IF_ERROR(blocks.EndSection());
  WrittenIndex written;
  written.place = blocks.next_place();
  std::vector<ChildPage> level_pages;
  for (SpooledPage& page : pages_) {
    stored_.resize(page.header.stored_bytes);
    TAPIR_RETURN_IF_ERROR(
        spool_.Read(page.spool_offset, std::as_writable_bytes(std::span(stored_))));
    TAPIR_ASSIGN_OR_RETURN(page.child.locator,
                           WriteChunk(blocks, page.header, AsBytes(stored_), next_sequence));
    level_pages.push_back(std::move(page.child));
  }
  while (level_pages.size() > 1) {
    ++written.root_level;
    TAPIR_ASSIGN_OR_RETURN(level_pages,
                           WriteLevel(blocks, written.root_level, level_pages, next_sequence));
  }
  written.root = level_pages.front().locator;
  written.root_digest = level_pages.front().digest;
  TAPIR_RETURN_IF_ERROR(blocks.EndSection());
  return written;
}

}  // namespace tapir
