#include "object/content_table.h"

#include <cstring>
#include <limits>

#include "bytes/cursor.h"

namespace tapir {
namespace {

constexpr size_t kFirstSlots = 1u << 12;
constexpr size_t kContentSpoolBytes = 8u << 20;
constexpr size_t kContentRowBytes = 8 + 8 + 16 + 32 + 8 + 8 + 12 + 12 + 8 + 4;

uint64_t TagOf(uint64_t size, const Digest128& digest) {
  return LoadLe<uint64_t>(digest.data()) ^ size;
}

std::string EncodeRow(const StoredContent& content, uint64_t path_offset) {
  std::string row;
  WriteCursor to(row);
  to.U64(content.ordinal);
  to.U64(content.size);
  to.Bytes(content.digests.xxh128);
  to.Bytes(content.digests.sha256);
  to.U64(content.identity.device);
  to.U64(content.identity.inode);
  to.I64(content.identity.mtime.seconds);
  to.U32(content.identity.mtime.nanoseconds);
  to.I64(content.identity.ctime.seconds);
  to.U32(content.identity.ctime.nanoseconds);
  to.U64(path_offset);
  to.U32(static_cast<uint32_t>(content.path.size()));
  return row;
}

Timestamp ReadRowTime(ReadCursor& in) {
  Timestamp time;
  time.seconds = in.I64();
  time.nanoseconds = in.U32();
  return time;
}

}  // namespace

ContentTable::ContentTable()
    : tags_(kFirstSlots),
      rows_(kFirstSlots),
      row_spool_(kContentSpoolBytes),
      path_spool_(kContentSpoolBytes) {}

// The slot of this tag, or the free one where it would go. Slots are a power of two and never full.
size_t ContentTable::SlotOf(uint64_t tag) const {
  size_t mask = rows_.size() - 1;
  size_t slot = tag & mask;
  while (rows_[slot] != 0 && tags_[slot] != tag) slot = (slot + 1) & mask;
  return slot;
}

void ContentTable::Grow() {
  std::vector<uint64_t> old_tags(tags_.size() * 2);
  std::vector<uint32_t> old_rows(rows_.size() * 2);
  old_tags.swap(tags_);
  old_rows.swap(rows_);
  for (size_t i = 0; i < old_rows.size(); ++i) {
    if (old_rows[i] == 0) continue;
    size_t slot = SlotOf(old_tags[i]);
    tags_[slot] = old_tags[i];
    rows_[slot] = old_rows[i];
  }
}

Result<StoredContent> ContentTable::ReadRow(uint32_t row) {
  std::byte bytes[kContentRowBytes];
  TAPIR_RETURN_IF_ERROR(row_spool_.Read(uint64_t{row} * kContentRowBytes, bytes));
  ReadCursor in(bytes);
  StoredContent content;
  content.ordinal = in.U64();
  content.size = in.U64();
  std::memcpy(content.digests.xxh128.data(), in.ReadBytes(16).data(), 16);
  std::memcpy(content.digests.sha256.data(), in.ReadBytes(32).data(), 32);
  content.identity.device = in.U64();
  content.identity.inode = in.U64();
  content.identity.mtime = ReadRowTime(in);
  content.identity.ctime = ReadRowTime(in);
  content.identity.size = content.size;
  uint64_t path_offset = in.U64();
  content.path.resize(in.U32());
  TAPIR_RETURN_IF_ERROR(
      path_spool_.Read(path_offset, std::as_writable_bytes(std::span(content.path))));
  return content;
}

Result<std::optional<StoredContent>> ContentTable::Find(uint64_t size, const Digest128& digest) {
  size_t slot = SlotOf(TagOf(size, digest));
  if (rows_[slot] == 0) return std::optional<StoredContent>();
  TAPIR_ASSIGN_OR_RETURN(StoredContent content, ReadRow(rows_[slot] - 1));
  if (content.size != size || content.digests.xxh128 != digest) {
    return std::optional<StoredContent>();
  }
  return std::optional<StoredContent>(std::move(content));
}

Status ContentTable::Add(const StoredContent& content) {
  size_t slot = SlotOf(TagOf(content.size, content.digests.xxh128));
  bool full = row_count_ == std::numeric_limits<uint32_t>::max() - 1;
  if (rows_[slot] != 0 || full) return OkStatus();
  TAPIR_ASSIGN_OR_RETURN(uint64_t path_offset, path_spool_.Append(AsBytes(content.path)));
  TAPIR_RETURN_IF_ERROR(row_spool_.Append(AsBytes(EncodeRow(content, path_offset))).status());
  tags_[slot] = TagOf(content.size, content.digests.xxh128);
  rows_[slot] = ++row_count_;
  if (uint64_t{row_count_} * 4 > rows_.size() * 3) Grow();
  return OkStatus();
}

}  // namespace tapir
