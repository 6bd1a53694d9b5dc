#include "jobs/inspect_chunk.h"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "container/item.h"
#include "container/session_records.h"
#include "jobs/field_table.h"
#include "jobs/format_tables.h"
#include "jobs/inspect_index.h"
#include "object/index_pages.h"
#include "object/record_parser.h"

namespace tapir {
namespace {

using Level = InspectedItem::Level;

// WHOLE: two lengths, and both records it is made of.
void AppendWhole(ByteSpan payload, Fields& out) {
  ReadCursor in(payload);
  uint32_t begin_bytes = in.U32();
  uint32_t end_bytes = in.U32();
  out.emplace_back("begin_bytes", std::to_string(begin_bytes));
  out.emplace_back("end_bytes", std::to_string(end_bytes));
  ByteSpan begin = in.ReadBytes(begin_bytes);
  ByteSpan end = in.ReadBytes(end_bytes);
  if (!in.ok()) {
    out.emplace_back("malformed", "its parts reach over its end");
    return;
  }
  const ItemShape& begin_shape = *FindItemShape(static_cast<uint16_t>(ItemType::kObjectBegin));
  const ItemShape& end_shape = *FindItemShape(static_cast<uint16_t>(ItemType::kObjectEnd));
  size_t fixed_bytes = AppendFields(begin_shape.fixed, begin, "", out);
  AppendAttributes(begin.subspan(fixed_bytes), "", out);
  fixed_bytes = AppendFields(end_shape.fixed, end, "end.", out);
  AppendAttributes(end.subspan(fixed_bytes), "end.", out);
}

InspectedItem InspectRecord(const Item& record, uint64_t unit, size_t offset) {
  InspectedItem item;
  item.level = Level::kRecord;
  item.unit = unit;
  item.offset = offset;
  const ItemShape* shape = FindItemShape(record.type);
  bool whole = record.is(ItemType::kWhole);
  bool known = whole || shape != nullptr;
  item.type = known ? ItemTypeName(record.type) : fmt::format("record_{:#06x}", record.type);
  item.fields.emplace_back("flags", fmt::format("{:#x}", record.flags));
  item.fields.emplace_back("length", std::to_string(record.payload.size()));
  if (whole) AppendWhole(record.payload, item.fields);
  if (shape == nullptr) return item;
  size_t fixed_bytes = AppendFields(shape->fixed, record.payload, "", item.fields);
  AppendRest(*shape, record.payload.subspan(fixed_bytes), "", item.fields);
  return item;
}

Damage DamageOf(const Chunk& chunk, DamageKind kind, std::string text) {
  return {kind, chunk.locator.block.object, chunk.locator.block.unit,
          0,    chunk.session_number,       std::move(text),
          {}};
}

void InspectItems(const RawChunk& raw, std::vector<InspectedItem>& out) {
  ItemReader items(raw.bytes);
  for (;;) {
    size_t offset = items.position();
    Result<std::optional<Item>> item = items.Next();
    // What is wrong is told once, as damage.
    if (!item.ok() || !*item) return;
    out.push_back(InspectRecord(**item, raw.locator.block.unit, offset));
  }
}

// Reads the contents as any reader would, only for what it finds wrong.
void InspectFaults(const Chunk& chunk, const RawChunk& raw, std::vector<InspectedItem>& out) {
  Status status;
  switch (static_cast<ChunkKind>(chunk.header.kind)) {
    case ChunkKind::kLabel: status = DecodeLabel(raw.bytes).status(); break;
    case ChunkKind::kStart: status = DecodeStart(raw.bytes).status(); break;
    case ChunkKind::kEnd: status = DecodeEnd(raw.bytes).status(); break;
    default:
      for (const Damage& damage : ParseRecords(raw, {}).damages) {
        out.push_back(InspectDamage(damage));
      }
  }
  if (!status.ok()) {
    out.push_back(InspectDamage(DamageOf(chunk, DamageKind::kRecord, status.message())));
  }
}

}  // namespace

InspectedItem InspectDamage(const Damage& damage) {
  InspectedItem item;
  // The remains of a session that never ended are no damage.
  item.level = damage.kind == DamageKind::kUnusedTail ? Level::kBlock : Level::kDamage;
  item.unit = damage.unit;
  item.type = DamageKindName(damage.kind);
  item.fields.emplace_back("object", std::to_string(damage.object));
  item.fields.emplace_back("length_bytes", std::to_string(damage.length_bytes));
  if (damage.session_number != 0) {
    item.fields.emplace_back("session_number", std::to_string(damage.session_number));
  }
  if (!damage.path.empty()) item.fields.emplace_back("path", damage.path);
  item.fields.emplace_back("text", damage.text);
  return item;
}

InspectedItem InspectBlock(const Block& block) {
  InspectedItem item;
  item.level = Level::kBlock;
  item.unit = block.header.unit_number;
  item.type = BlockTypeName(block.header.type);
  AppendFields(kBlockHeaderTable, block.bytes, "", item.fields);
  return item;
}

InspectedItem InspectChunkHeader(const Chunk& chunk) {
  InspectedItem item;
  item.level = Level::kChunk;
  item.unit = chunk.locator.block.unit;
  item.offset = chunk.locator.offset_bytes;
  item.type = ChunkKindName(chunk.header.kind);
  // A header that was accepted is the same bytes when it is written again.
  std::array<std::byte, kChunkHeaderBytes> header;
  EncodeChunkHeader(chunk.header, chunk.session_id, header);
  AppendFields(kChunkHeaderTable, header, "", item.fields);
  return item;
}

std::vector<InspectedItem> InspectChunkContents(const Chunk& chunk) {
  std::vector<InspectedItem> out;
  Decompressor decompressor;
  Result<RawChunk> raw = ExpandChunk(chunk, decompressor);
  if (!raw.ok()) {
    bool newer = raw.status().code() == StatusCode::kUnsupported;
    out.push_back(InspectDamage(DamageOf(
        chunk, newer ? DamageKind::kUnsupported : DamageKind::kChunk, raw.status().message())));
    return out;
  }
  const bool leaf = IsLeafPage(chunk.header);
  if (leaf || IsInnerPage(chunk.header)) {
    Status status = leaf ? InspectLeaf(*raw, out) : InspectInner(*raw, out);
    if (!status.ok()) {
      out.push_back(InspectDamage(DamageOf(chunk, DamageKind::kIndex, status.message())));
    }
    return out;
  }
  if (chunk.header.is(ChunkKind::kData) || ChunkKindName(chunk.header.kind) == "unknown") {
    return out;
  }
  InspectItems(*raw, out);
  InspectFaults(chunk, *raw, out);
  return out;
}

}  // namespace tapir
