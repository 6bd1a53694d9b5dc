#include "jobs/inspect_index.h"

#include <fmt/format.h>

#include "jobs/field_table.h"
#include "object/index_columns.h"
#include "object/index_page.h"

namespace tapir {
namespace {

InspectedItem PartOf(const RawChunk& page, std::string type) {
  InspectedItem item;
  item.level = InspectedItem::Level::kRecord;
  item.unit = page.locator.block.unit;
  item.type = std::move(type);
  return item;
}

void AppendPlace(uint64_t object, uint64_t unit, uint64_t offset, Fields& out) {
  out.emplace_back("chunk.object", std::to_string(object));
  out.emplace_back("chunk.unit", std::to_string(unit));
  out.emplace_back("chunk.offset", std::to_string(offset));
}

void AppendNtfsColumns(const Entry& entry, Fields& out) {
  if (entry.file_attributes != 0) {
    out.emplace_back("file_attributes", fmt::format("{:#x}", entry.file_attributes));
  }
  if (entry.excluded_by) out.emplace_back("excluded_by", std::to_string(*entry.excluded_by));
  if (entry.reparse_tag != 0) {
    out.emplace_back("reparse_tag", fmt::format("{:#x}", entry.reparse_tag));
  }
  if (entry.sis.role == SisRole::kNone) return;
  out.emplace_back("sis_role", std::to_string(static_cast<unsigned>(entry.sis.role)));
  out.emplace_back("sis_pairing", std::to_string(static_cast<unsigned>(entry.sis.pairing)));
  for (size_t i = 0; i < entry.sis.files.size(); ++i) {
    out.emplace_back(fmt::format("sis_files[{}]", i), entry.sis.files[i]);
  }
}

Fields FieldsOf(const Entry& entry) {
  Fields fields;
  fields.emplace_back("ordinal", std::to_string(entry.ordinal));
  fields.emplace_back("path", entry.path);
  fields.emplace_back("type", std::to_string(static_cast<unsigned>(entry.type)));
  fields.emplace_back("status", std::to_string(static_cast<unsigned>(entry.status)));
  fields.emplace_back("path_encoding", std::to_string(static_cast<unsigned>(entry.path_encoding)));
  fields.emplace_back("mode", fmt::format("{:#o}", entry.mode));
  fields.emplace_back("uid", std::to_string(entry.uid));
  fields.emplace_back("gid", std::to_string(entry.gid));
  fields.emplace_back("size", std::to_string(entry.size));
  fields.emplace_back("mtime_seconds", std::to_string(entry.mtime.seconds));
  fields.emplace_back("mtime_nanoseconds", std::to_string(entry.mtime.nanoseconds));
  AppendPlace(entry.block_object, entry.block_unit, entry.chunk_offset, fields);
  fields.emplace_back("record", std::to_string(entry.record_offset));
  fields.emplace_back("record_digest", fmt::format("{:016x}", entry.record_digest));
  if (HasContents(entry)) {
    fields.emplace_back("digest_form", entry.map_digest ? "1" : "0");
    fields.emplace_back("xxh128", ToHex(entry.xxh128));
    if (!AllZero(entry.sha256)) fields.emplace_back("sha256", ToHex(entry.sha256));
  }
  if (entry.has_further_streams) fields.emplace_back("further_streams", "1");
  if (HasLink(entry)) fields.emplace_back("link", std::to_string(entry.link_ordinal));
  if (entry.type == ObjectType::kSymlink) fields.emplace_back("target", entry.link_target);
  if (entry.has_reference()) {
    fields.emplace_back("reference_length", std::to_string(entry.reference_bytes));
  }
  AppendNtfsColumns(entry, fields);
  return fields;
}

}  // namespace

Status InspectLeaf(const RawChunk& page, std::vector<InspectedItem>& out) {
  InspectedItem head = PartOf(page, "leaf page");
  ReadCursor in(page.bytes);
  head.fields.emplace_back("entry_count", std::to_string(in.U32()));
  uint32_t column_count = in.U32();
  head.fields.emplace_back("column_count", std::to_string(column_count));
  head.fields.emplace_back("first_ordinal", std::to_string(in.U64()));
  for (uint32_t i = 0; i < column_count && in.remaining() >= 8; ++i) {
    uint16_t type = in.U16();
    uint16_t flags = in.U16();
    head.fields.emplace_back(fmt::format("column_{}", type),
                             fmt::format("{} bytes, flags {:#x}", in.U32(), flags));
  }
  out.push_back(std::move(head));
  TAPIR_ASSIGN_OR_RETURN(std::vector<Entry> entries, DecodeLeaf(page.bytes));
  for (const Entry& entry : entries) {
    InspectedItem item = PartOf(page, "entry");
    item.fields = FieldsOf(entry);
    out.push_back(std::move(item));
  }
  return OkStatus();
}

Status InspectInner(const RawChunk& page, std::vector<InspectedItem>& out) {
  InspectedItem head = PartOf(page, "inner page");
  ReadCursor in(page.bytes);
  head.fields.emplace_back("entry_count", std::to_string(in.U32()));
  head.fields.emplace_back("level", std::to_string(in.U32()));
  head.fields.emplace_back("first_ordinal", std::to_string(in.U64()));
  out.push_back(std::move(head));
  TAPIR_ASSIGN_OR_RETURN(InnerPage inner, DecodeInner(page.bytes));
  for (const ChildPage& child : inner.children) {
    InspectedItem item = PartOf(page, "child");
    item.fields.emplace_back("key", child.first_path);
    item.fields.emplace_back("first_ordinal", std::to_string(child.first_ordinal));
    AppendPlace(child.locator.block.object, child.locator.block.unit, child.locator.offset_bytes,
                item.fields);
    item.fields.emplace_back("digest", ToHex(child.digest));
    out.push_back(std::move(item));
  }
  return OkStatus();
}

}  // namespace tapir
