#include <array>
#include <cstring>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "bytes/cursor.h"
#include "object/index_columns.h"
#include "object/index_page.h"
#include "tapir/base/limits.h"
#include "tapir/object/path_order.h"

namespace tapir {
namespace {

// A cursor for each column; columns that the page leaves out are empty.
class ColumnCursors {
 public:
  static Result<ColumnCursors> Open(ReadCursor& in, uint32_t column_count) {
    struct Row {
      uint16_t type;
      uint16_t flags;
      uint32_t length;
    };
    if (column_count > in.remaining() / 8) return Corrupt("index page: column table too long");
    std::vector<Row> table(column_count);
    for (Row& row : table) row = {in.U16(), in.U16(), in.U32()};
    ColumnCursors columns;
    for (const Row& row : table) {
      ByteSpan bytes = in.ReadBytes(row.length);
      if (!in.ok()) return Corrupt("index page: column reaches over the end");
      bool known = row.type >= 1 && row.type <= kLastColumn;
      if (known) {
        columns.cursors_[row.type] = ReadCursor(bytes);
      } else if ((row.flags & kColumnFlagRequired) != 0) {
        return Unsupported("index column " + std::to_string(row.type));
      }
    }
    return columns;
  }

  ReadCursor& operator[](Column column) { return cursors_[static_cast<size_t>(column)]; }

  // Every column was read without failure and to its end.
  bool AllUsedUp() const {
    for (const ReadCursor& cursor : cursors_) {
      if (!cursor.ok() || cursor.remaining() != 0) return false;
    }
    return true;
  }
  bool ok() const {
    for (const ReadCursor& cursor : cursors_) {
      if (!cursor.ok()) return false;
    }
    return true;
  }

 private:
  static std::array<ReadCursor, kLastColumn + 1> Empty() {
    return [&]<size_t... I>(std::index_sequence<I...>) {
      return std::array<ReadCursor, kLastColumn + 1>{((void)I, ReadCursor({}))...};
    }
    (std::make_index_sequence<kLastColumn + 1>());
  }
  std::array<ReadCursor, kLastColumn + 1> cursors_ = Empty();
};

template <typename T>
T Narrow(ReadCursor& cursor) {
  uint64_t value = cursor.Varint();
  if (value > std::numeric_limits<T>::max()) cursor.Fail();
  return static_cast<T>(value);
}

template <size_t N>
void ReadInto(ReadCursor& cursor, std::array<std::byte, N>& out) {
  ByteSpan bytes = cursor.ReadBytes(N);
  if (bytes.size() == N) std::memcpy(out.data(), bytes.data(), N);
}

bool IsEntryType(uint8_t type) {
  return (type >= static_cast<uint8_t>(ObjectType::kRegular) &&
          type <= static_cast<uint8_t>(ObjectType::kBlockDevice)) ||
         type == static_cast<uint8_t>(ObjectType::kTombstone) ||
         type == static_cast<uint8_t>(ObjectType::kExcluded);
}

void ReadPath(ReadCursor& column, const Entry& previous, Entry& entry) {
  uint64_t shared = column.Varint();
  uint64_t rest = column.Varint();
  if (!column.ok() || shared > previous.path.size() || rest > column.remaining() ||
      shared + rest > limits::kMaxPathBytes) {
    column.Fail();
    return;
  }
  entry.path.reserve(shared + rest);
  entry.path.assign(previous.path, 0, shared);
  entry.path += column.ReadText(rest);
}

void ReadFlags(ReadCursor& column, Entry& entry) {
  uint8_t flags = column.U8();
  entry.status = static_cast<ObjectStatus>(flags & kEntryStatusMask);
  entry.path_encoding = (flags & kEntryWtf8) != 0 ? PathEncoding::kWtf8 : PathEncoding::kBytes;
  entry.map_digest = (flags & kEntryMapDigest) != 0;
  entry.has_further_streams = (flags & kEntryFurtherStreams) != 0;
  entry.whole_reference = (flags & kEntryWholeReference) != 0;
  entry.fragment = (flags & kEntryFragment) != 0;
  // A stand-in that makes has_reference() true until the length column is read.
  if ((flags & kEntryHasReference) != 0) entry.reference_bytes = 1;
}

// Places of the chunk that the rows up to now lead to.
struct ChunkRow {
  bool any = false;
  uint64_t object = 0;
  uint64_t unit = 0;
  uint32_t offset = 0;

  void Next(ReadCursor& table) {
    object += table.Varint();
    unit += table.Varint();
    offset = Narrow<uint32_t>(table);
    any = true;
  }
};

void ReadChunk(ColumnCursors& columns, ChunkRow& row, Entry& entry) {
  uint64_t step = columns[Column::kChunk].Varint();
  if (!row.any) row.Next(columns[Column::kChunkTable]);
  for (; step > 0 && columns[Column::kChunkTable].ok(); --step) {
    row.Next(columns[Column::kChunkTable]);
  }
  entry.block_object = row.object;
  entry.block_unit = row.unit;
  entry.chunk_offset = row.offset;
  entry.record_offset = Narrow<uint32_t>(columns[Column::kRecord]);
}

// Columns that a page has or has not, for all entries that they apply to.
struct Shape {
  bool sha256 = false;
  bool file_attributes = false;
  bool sis = false;
  bool excluded_by = false;
};

void ReadSis(ColumnCursors& columns, SisMembership& sis) {
  ReadCursor& roles = columns[Column::kSis];
  const uint8_t byte = roles.U8();
  sis.role = static_cast<SisRole>(byte & kSisRoleMask);
  sis.pairing = static_cast<SisPairing>(byte >> kSisPairingShift);
  if (sis.role > SisRole::kOtherFile || sis.pairing > SisPairing::kOpaque) roles.Fail();
  if (sis.role != SisRole::kLink) return;
  ReadCursor& files = columns[Column::kSisFiles];
  const uint64_t count = files.Varint();
  if (count > files.remaining()) files.Fail();
  for (uint64_t i = 0; i < count && files.ok(); ++i) {
    const uint64_t length = files.Varint();
    sis.files.emplace_back(files.ReadText(length));
  }
}

void ReadExcludedBy(ColumnCursors& columns, Entry& entry) {
  ReadCursor& rules = columns[Column::kExcludedBy];
  const uint64_t one_more = rules.Varint();
  if (one_more > limits::kMaxPolicyRules) rules.Fail();
  if (one_more > 0) entry.excluded_by = static_cast<uint32_t>(one_more - 1);
}

void ReadOptional(ColumnCursors& columns, const Shape& shape, Entry& entry) {
  if (HasContents(entry)) {
    ReadInto(columns[Column::kXxh128], entry.xxh128);
    if (shape.sha256) ReadInto(columns[Column::kSha256], entry.sha256);
  }
  if (HasLink(entry)) {
    uint64_t distance = columns[Column::kLink].Varint();
    if (distance == 0 || distance > entry.ordinal) columns[Column::kLink].Fail();
    entry.link_ordinal = entry.ordinal - distance;
  }
  if (entry.type == ObjectType::kSymlink) {
    ReadCursor& targets = columns[Column::kTarget];
    uint64_t length = targets.Varint();
    entry.link_target = targets.ReadText(length);
  }
  if (entry.whole_reference) {
    entry.reference_bytes = entry.size;
  } else if (entry.reference_bytes != 0) {
    entry.reference_bytes = columns[Column::kReferenceLength].Varint();
  }
  // Writers that did not know what a path in WTF-8 belongs to left the column out.
  if (HasFileAttributes(entry) && shape.file_attributes) {
    entry.file_attributes = Narrow<uint32_t>(columns[Column::kFileAttributes]);
    if ((entry.file_attributes & kWindowsReparsePoint) != 0) {
      entry.reparse_tag = Narrow<uint32_t>(columns[Column::kReparseTag]);
    }
  }
  if (HasFileAttributes(entry) && shape.sis) ReadSis(columns, entry.sis);
  if (entry.type == ObjectType::kExcluded && shape.excluded_by) ReadExcludedBy(columns, entry);
  if (entry.fragment) {
    ReadCursor& fragments = columns[Column::kFragment];
    entry.fragment_offset = fragments.Varint();
    uint8_t goes_on = fragments.U8();
    if (goes_on > 1 || entry.fragment_offset > limits::kMaxStreamBytes) fragments.Fail();
    if (goes_on == 1) entry.status = ObjectStatus::kContinued;
  }
}

void ReadEntry(ColumnCursors& columns, const Entry& previous, const Shape& shape, ChunkRow& row,
               Entry& entry) {
  ReadPath(columns[Column::kPath], previous, entry);
  uint8_t type = columns[Column::kType].U8();
  if (!IsEntryType(type)) columns[Column::kType].Fail();
  entry.type = static_cast<ObjectType>(type);
  ReadFlags(columns[Column::kFlags], entry);
  entry.mode = Narrow<uint32_t>(columns[Column::kMode]);
  entry.uid = Narrow<uint32_t>(columns[Column::kUid]);
  entry.gid = Narrow<uint32_t>(columns[Column::kGid]);
  entry.size = columns[Column::kSize].Varint();
  entry.mtime.seconds =
      static_cast<int64_t>(static_cast<uint64_t>(previous.mtime.seconds) +
                           static_cast<uint64_t>(columns[Column::kMtime].ZigZag()));
  entry.mtime.nanoseconds = Narrow<uint32_t>(columns[Column::kMtime]);
  if (entry.mtime.nanoseconds >= kNanosecondsPerSecond) columns[Column::kMtime].Fail();
  ReadChunk(columns, row, entry);
  entry.record_digest = columns[Column::kRecordDigest].U64();
  ReadOptional(columns, shape, entry);
}

}  // namespace

Result<std::vector<Entry>> DecodeLeaf(ByteSpan raw) {
  ReadCursor in(raw);
  uint32_t entry_count = in.U32();
  uint32_t column_count = in.U32();
  uint64_t first_ordinal = in.U64();
  if (!in.ok() || entry_count > raw.size() || first_ordinal >= limits::kMaxObjects) {
    return Corrupt("index leaf is malformed");
  }
  TAPIR_ASSIGN_OR_RETURN(ColumnCursors columns, ColumnCursors::Open(in, column_count));
  const Shape shape = {
      columns[Column::kSha256].remaining() > 0, columns[Column::kFileAttributes].remaining() > 0,
      columns[Column::kSis].remaining() > 0, columns[Column::kExcludedBy].remaining() > 0};
  std::vector<Entry> entries;
  entries.reserve(std::min<size_t>(entry_count, 4096));
  ChunkRow row;
  Entry none;
  size_t path_bytes = 0;
  for (uint32_t i = 0; i < entry_count; ++i) {
    Entry entry;
    entry.ordinal = first_ordinal + i;
    const Entry& previous = entries.empty() ? none : entries.back();
    ReadEntry(columns, previous, shape, row, entry);
    bool in_order = entries.empty() || ComparePaths(previous.path, entry.path) < 0;
    if (!columns.ok() || !in_order || !CheckPath(entry.path).ok()) {
      return Corrupt("index leaf is malformed at entry " + std::to_string(i));
    }
    path_bytes += entry.path.size();
    if (path_bytes > limits::kMaxLeafPathBytes) return LimitExceeded("index leaf with long paths");
    entries.push_back(std::move(entry));
  }
  if (!columns.AllUsedUp()) return Corrupt("index leaf has columns longer than its entries");
  return entries;
}

Result<InnerPage> DecodeInner(ByteSpan raw) {
  ReadCursor in(raw);
  InnerPage page;
  uint32_t count = in.U32();
  page.level = in.U32();
  in.U64();
  bool fits = in.ok() && count > 0 && count <= raw.size() / 16 && page.level >= 1 &&
              page.level <= limits::kMaxIndexLevels;
  if (!fits) return Corrupt("index inner page is malformed");
  for (uint32_t i = 0; i < count; ++i) {
    ChildPage child;
    child.first_path = in.ReadText(in.Varint());
    child.first_ordinal = in.Varint();
    child.locator.block.object = in.Varint();
    child.locator.block.unit = in.Varint();
    child.locator.offset_bytes = Narrow<uint32_t>(in);
    ReadInto(in, child.digest);
    bool in_order =
        page.children.empty() || page.children.back().first_ordinal < child.first_ordinal;
    if (!in.ok() || !in_order) return Corrupt("index inner page is malformed");
    page.children.push_back(std::move(child));
  }
  return page;
}

}  // namespace tapir
