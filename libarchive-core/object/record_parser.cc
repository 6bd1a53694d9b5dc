#include "object/record_parser.h"

#include <utility>

namespace tapir {
namespace {

bool HasStream(const ObjectBegin& begin) { return begin.metadata.type == ObjectType::kRegular; }

bool DigestsMatch(ByteSpan contents, const StreamEnd& stream) {
  if (!stream.has_sha256) return ComputeDigest128(contents) == stream.digests.xxh128;
  thread_local StreamDigester digester(true);
  digester.Reset();
  digester.Update(contents);
  return digester.Finish() == stream.digests;
}

// What a WHOLE says of itself has to fit together (format chapter 5.8).
Status CheckWhole(const ParsedRecord& record) {
  if (record.end.ordinal != record.begin.ordinal) return Corrupt("WHOLE with two ordinals");
  const StreamEnd* contents = record.end.contents();
  bool streams_fit = HasStream(record.begin)
                         ? record.end.streams.size() == 1 && contents != nullptr
                         : record.end.streams.empty();
  if (!streams_fit) return Corrupt("WHOLE whose streams do not suit its type");
  uint64_t size = contents != nullptr ? contents->size : 0;
  if (record.bytes.size() != size || (contents != nullptr && contents->data_bytes != size)) {
    return Corrupt("WHOLE whose length is not that of its contents");
  }
  return OkStatus();
}

Status ParseWhole(ByteSpan payload, ParsedRecord& record) {
  TAPIR_ASSIGN_OR_RETURN(WholeRecord whole, DecodeWhole(payload));
  record.begin_payload = whole.begin;
  record.end_payload = whole.end;
  record.bytes = whole.contents;
  TAPIR_ASSIGN_OR_RETURN(record.begin, DecodeObjectBegin(whole.begin));
  TAPIR_ASSIGN_OR_RETURN(record.end, DecodeObjectEnd(whole.end));
  record.ordinal = record.begin.ordinal;
  return CheckWhole(record);
}

Status ParseOpaque(ByteSpan payload, ParsedRecord& record) {
  ReadCursor in(payload);
  record.ordinal = in.U64();
  if (!in.ok()) return Corrupt("record too short");
  record.bytes = in.ReadRest();
  return OkStatus();
}

Status ParseBegin(ByteSpan payload, ParsedRecord& record) {
  record.begin_payload = payload;
  TAPIR_ASSIGN_OR_RETURN(record.begin, DecodeObjectBegin(payload));
  record.ordinal = record.begin.ordinal;
  return OkStatus();
}

Status ParseEnd(ByteSpan payload, ParsedRecord& record) {
  record.end_payload = payload;
  TAPIR_ASSIGN_OR_RETURN(record.end, DecodeObjectEnd(payload));
  record.ordinal = record.end.ordinal;
  return OkStatus();
}

Status ParseData(ByteSpan payload, ParsedRecord& record) {
  TAPIR_ASSIGN_OR_RETURN(record.data, DecodeDataHead(payload));
  record.ordinal = record.data.ordinal;
  record.bytes = payload.subspan(kDataHeadBytes);
  return OkStatus();
}

// Leaves `record.type` at 0 for records to be skipped.
Status ParseRecord(const Item& item, ParsedRecord& record) {
  record.type = item.type;
  switch (static_cast<ItemType>(item.type)) {
    case ItemType::kWhole: return ParseWhole(item.payload, record);
    case ItemType::kObjectBegin:
    case ItemType::kTombstone:
    case ItemType::kExcluded: return ParseBegin(item.payload, record);
    case ItemType::kObjectEnd: return ParseEnd(item.payload, record);
    case ItemType::kData: return ParseData(item.payload, record);
    case ItemType::kReference: {
      TAPIR_ASSIGN_OR_RETURN(record.reference, DecodeReference(item.payload));
      record.ordinal = record.reference.ordinal;
      return OkStatus();
    }
    case ItemType::kSisReference:
    case ItemType::kRawEncryptedStream:
    case ItemType::kPolicyManifest: return ParseOpaque(item.payload, record);
    default: break;
  }
  record.type = 0;
  return item.required() ? Unsupported("record type " + std::to_string(item.type) + " is not known")
                         : OkStatus();
}

Damage MakeDamage(const RawChunk& chunk, DamageKind kind, size_t offset, const Status& status,
                  const std::string& path) {
  return {kind,
          chunk.locator.block.object,
          chunk.locator.block.unit,
          0,
          chunk.session_number,
          "record at offset " + std::to_string(offset) + " of chunk " +
              std::to_string(chunk.header.sequence) + ": " + status.message(),
          path};
}

}  // namespace

ParsedChunk ParseRecords(const RawChunk& chunk, const ParseOptions& options) {
  ParsedChunk parsed;
  ItemReader items(chunk.bytes);
  for (;;) {
    size_t offset = items.position();
    Result<std::optional<Item>> item = items.Next();
    if (!item.ok()) {
      parsed.damages.push_back(MakeDamage(chunk, DamageKind::kRecord, offset, item.status(), {}));
      return parsed;
    }
    if (!*item) return parsed;
    ParsedRecord record;
    record.offset = static_cast<uint32_t>(offset);
    Status status = ParseRecord(**item, record);
    DamageKind kind = status.code() == StatusCode::kUnsupported ? DamageKind::kUnsupported
                                                                : DamageKind::kRecord;
    bool check = status.ok() && options.check_digests && record.is(ItemType::kWhole);
    const StreamEnd* contents = check ? record.end.contents() : nullptr;
    if (contents != nullptr && !DigestsMatch(record.bytes, *contents)) {
      status = Corrupt("the contents differ from their digest");
      kind = DamageKind::kDigest;
    }
    if (!status.ok()) {
      parsed.damages.push_back(
          MakeDamage(chunk, kind, offset, status, record.begin.metadata.path));
    } else if (record.type != 0) {
      parsed.records.push_back(std::move(record));
    }
  }
}

}  // namespace tapir
