#include "object/index_page.h"

#include <algorithm>
#include <array>
#include <utility>

#include "bytes/cursor.h"
#include "object/index_columns.h"

namespace tapir {
namespace {

// Far below what readers accept (limits::kMaxLeafPathBytes).
constexpr size_t kMaxWrittenPathBytes = 8u << 20;

using Columns = std::array<std::string, kLastColumn + 1>;

std::string& At(Columns& columns, Column column) { return columns[static_cast<size_t>(column)]; }
WriteCursor To(Columns& columns, Column column) { return WriteCursor(At(columns, column)); }

size_t SharedBytes(const std::string& left, const std::string& right) {
  auto [in_left, in_right] = std::mismatch(
      left.begin(), left.begin() + static_cast<std::ptrdiff_t>(std::min(left.size(), right.size())),
      right.begin());
  return static_cast<size_t>(in_left - left.begin());
}

uint8_t FlagsOf(const Entry& entry) {
  // Column 18 says that a file goes on.
  bool continued = entry.status == ObjectStatus::kContinued;
  unsigned flags = continued ? 0u : static_cast<unsigned>(entry.status);
  if (entry.fragment) flags |= kEntryFragment;
  if (entry.path_encoding == PathEncoding::kWtf8) flags |= kEntryWtf8;
  if (entry.map_digest) flags |= kEntryMapDigest;
  if (entry.has_reference()) flags |= kEntryHasReference;
  if (entry.has_further_streams) flags |= kEntryFurtherStreams;
  if (entry.whole_reference) flags |= kEntryWholeReference;
  return static_cast<uint8_t>(flags);
}

// Differences are taken modulo 2^64, so that any two values have one.
int64_t Difference(uint64_t value, uint64_t from) { return static_cast<int64_t>(value - from); }

bool SameChunk(const Entry& left, const Entry& right) {
  return left.block_object == right.block_object && left.chunk_offset == right.chunk_offset;
}

// Columns of fixed meaning for every entry.
void PutCommon(const Entry& entry, const Entry& previous, Columns& columns) {
  size_t shared = SharedBytes(previous.path, entry.path);
  WriteCursor path = To(columns, Column::kPath);
  path.Varint(shared);
  path.Varint(entry.path.size() - shared);
  path.Text(std::string_view(entry.path).substr(shared));
  To(columns, Column::kType).U8(static_cast<uint8_t>(entry.type));
  To(columns, Column::kFlags).U8(FlagsOf(entry));
  To(columns, Column::kMode).Varint(entry.mode);
  To(columns, Column::kUid).Varint(entry.uid);
  To(columns, Column::kGid).Varint(entry.gid);
  To(columns, Column::kSize).Varint(entry.size);
  WriteCursor mtime = To(columns, Column::kMtime);
  mtime.ZigZag(Difference(static_cast<uint64_t>(entry.mtime.seconds),
                          static_cast<uint64_t>(previous.mtime.seconds)));
  mtime.Varint(entry.mtime.nanoseconds);
  To(columns, Column::kRecord).Varint(entry.record_offset);
  To(columns, Column::kRecordDigest).U64(entry.record_digest);
}

// Columns that only some entries have.
void PutOptional(const Entry& entry, bool with_sha256, Columns& columns) {
  if (HasContents(entry)) {
    To(columns, Column::kXxh128).Bytes(entry.xxh128);
    if (with_sha256) To(columns, Column::kSha256).Bytes(entry.sha256);
  }
  if (HasLink(entry)) To(columns, Column::kLink).Varint(entry.ordinal - entry.link_ordinal);
  if (entry.type == ObjectType::kSymlink) {
    WriteCursor target = To(columns, Column::kTarget);
    target.Varint(entry.link_target.size());
    target.Text(entry.link_target);
  }
  if (entry.has_reference() && !entry.whole_reference) {
    To(columns, Column::kReferenceLength).Varint(entry.reference_bytes);
  }
  if (HasFileAttributes(entry)) {
    To(columns, Column::kSis).U8(SisByte(entry.sis));
    if (entry.sis.role == SisRole::kLink) {
      WriteCursor files = To(columns, Column::kSisFiles);
      files.Varint(entry.sis.files.size());
      for (const std::string& file : entry.sis.files) {
        files.Varint(file.size());
        files.Text(file);
      }
    }
    To(columns, Column::kFileAttributes).Varint(entry.file_attributes);
    if ((entry.file_attributes & kWindowsReparsePoint) != 0) {
      To(columns, Column::kReparseTag).Varint(entry.reparse_tag);
    }
  }
  if (entry.type == ObjectType::kExcluded) {
    To(columns, Column::kExcludedBy)
        .Varint(entry.excluded_by ? *entry.excluded_by + uint64_t{1} : 0);
  }
  if (entry.fragment) {
    WriteCursor fragment = To(columns, Column::kFragment);
    fragment.Varint(entry.fragment_offset);
    fragment.U8(entry.status == ObjectStatus::kContinued ? 1 : 0);
  }
}

void PutChunkRow(const Entry& entry, const Entry& previous, Columns& columns) {
  WriteCursor table = To(columns, Column::kChunkTable);
  table.Varint(entry.block_object - previous.block_object);
  table.Varint(entry.block_unit - previous.block_unit);
  table.Varint(entry.chunk_offset);
}

std::string JoinColumns(const Columns& columns, uint32_t entry_count, uint64_t first_ordinal) {
  std::string page;
  WriteCursor to(page);
  auto present = [&](size_t column) {
    return !columns[column].empty() || column <= static_cast<size_t>(Column::kRecordDigest);
  };
  uint32_t count = 0;
  for (size_t column = 1; column <= kLastColumn; ++column) count += present(column) ? 1u : 0u;
  to.U32(entry_count);
  to.U32(count);
  to.U64(first_ordinal);
  for (size_t column = 1; column <= kLastColumn; ++column) {
    if (!present(column)) continue;
    to.U16(static_cast<uint16_t>(column));
    to.U16(column < kFirstOptionalColumn ? kColumnFlagRequired : uint16_t{0});
    to.U32(static_cast<uint32_t>(columns[column].size()));
  }
  for (size_t column = 1; column <= kLastColumn; ++column) to.Text(columns[column]);
  return page;
}

}  // namespace

size_t LeafBuilder::EstimateBytes(const Entry& entry) const {
  constexpr size_t kFixedBytes = 80;  // everything but path, target and SHA-256, at most
  size_t shared = entries_.empty() ? 0 : SharedBytes(entries_.back().path, entry.path);
  size_t sis_bytes = 0;
  for (const std::string& file : entry.sis.files) sis_bytes += file.size() + 10;
  return kFixedBytes + entry.path.size() - shared + entry.link_target.size() + sis_bytes +
         (with_sha256_ ? 32u : 0u);
}

bool LeafBuilder::Fits(const Entry& entry) const {
  constexpr size_t kTableBytes = 16 + 8 * size_t{kLastColumn};
  return entries_.empty() ||
         (kTableBytes + estimated_bytes_ + EstimateBytes(entry) <= kLeafPageBytes &&
          path_bytes_ + entry.path.size() <= kMaxWrittenPathBytes);
}

void LeafBuilder::Add(Entry entry) {
  estimated_bytes_ += EstimateBytes(entry);
  path_bytes_ += entry.path.size();
  entries_.push_back(std::move(entry));
}

std::string LeafBuilder::Finish() {
  Columns columns;
  Entry none;
  const Entry* previous = &none;
  const Entry* row = &none;
  uint64_t first_ordinal = entries_.empty() ? 0 : entries_.front().ordinal;
  for (const Entry& entry : entries_) {
    bool new_chunk = row == &none || !SameChunk(*row, entry);
    bool first = row == &none;
    if (new_chunk) {
      PutChunkRow(entry, *row, columns);
      row = &entry;
    }
    To(columns, Column::kChunk).Varint(new_chunk && !first ? 1 : 0);
    PutCommon(entry, *previous, columns);
    PutOptional(entry, with_sha256_, columns);
    previous = &entry;
  }
  std::string page = JoinColumns(columns, static_cast<uint32_t>(entries_.size()), first_ordinal);
  entries_.clear();
  estimated_bytes_ = path_bytes_ = 0;
  return page;
}

std::string EncodeInner(const InnerPage& page) {
  std::string out;
  WriteCursor to(out);
  to.U32(static_cast<uint32_t>(page.children.size()));
  to.U32(page.level);
  to.U64(page.children.empty() ? 0 : page.children.front().first_ordinal);
  for (const ChildPage& child : page.children) {
    to.Varint(child.first_path.size());
    to.Text(child.first_path);
    to.Varint(child.first_ordinal);
    to.Varint(child.locator.block.object);
    to.Varint(child.locator.block.unit);
    to.Varint(child.locator.offset_bytes);
    to.Bytes(child.digest);
  }
  return out;
}

}  // namespace tapir
