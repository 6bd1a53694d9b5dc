#include "object/record_parser.h"

#include <algorithm>
#include <utility>

#include "object/stream_rules.h"
#include "tapir/object/policy_manifest.h"

namespace tapir {
namespace {

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
  TAPIR_RETURN_IF_ERROR(CheckStreams(record.begin.metadata, record.end));
  const StreamEnd* contents = record.end.contents();
  bool streams_fit = HasStream(record.begin.metadata, 0)
                         ? record.end.streams.size() == 1 && contents != nullptr
                         : record.end.streams.empty();
  if (!streams_fit) return Corrupt("WHOLE whose streams do not suit its type");
  uint64_t size = contents != nullptr ? contents->size : 0;
  if (record.bytes.size() != size || (contents != nullptr && contents->data_bytes != size)) {
    return Corrupt("WHOLE whose length is not that of its contents");
  }
  return OkStatus();
}

// Takes the contents of a WHOLE from those of the chunk, also if it is refused later.
void TakeContents(ParsedRecord& record, ByteSpan& contents) {
  const StreamEnd* stream = record.end.contents();
  uint64_t size = stream != nullptr ? stream->size : 0;
  record.bytes = contents.first(static_cast<size_t>(std::min<uint64_t>(size, contents.size())));
  contents = contents.subspan(record.bytes.size());
}

Status ParseWhole(ByteSpan payload, ByteSpan& contents, ParsedRecord& record) {
  // Without this record's end nobody knows where the contents of those behind it begin.
  ByteSpan rest = std::exchange(contents, {});
  TAPIR_ASSIGN_OR_RETURN(WholeRecord whole, DecodeWhole(payload));
  record.begin_payload = whole.begin;
  record.end_payload = whole.end;
  TAPIR_ASSIGN_OR_RETURN(record.end, DecodeObjectEnd(whole.end));
  contents = rest;
  TakeContents(record, contents);
  TAPIR_ASSIGN_OR_RETURN(record.begin, DecodeObjectBegin(whole.begin));
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
Status ParseRecord(const Item& item, ByteSpan& contents, ParsedRecord& record) {
  record.type = item.type;
  switch (static_cast<ItemType>(item.type)) {
    case ItemType::kWhole: return ParseWhole(item.payload, contents, record);
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
    case ItemType::kBackupStreams: return ParseOpaque(item.payload, record);
    case ItemType::kPolicyManifest:
      TAPIR_RETURN_IF_ERROR(ParseOpaque(item.payload, record));
      return DecodePolicyManifest(AsText(record.bytes)).status();
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
  ByteSpan contents;
  for (;;) {
    size_t offset = items.position();
    Result<std::optional<Item>> item = items.Next();
    if (!item.ok()) {
      parsed.damages.push_back(MakeDamage(chunk, DamageKind::kRecord, offset, item.status(), {}));
      return parsed;
    }
    if (!*item) break;
    if (offset == 0 && (*item)->is(ItemType::kContents)) {
      contents = (*item)->payload;
      continue;
    }
    ParsedRecord record;
    record.offset = static_cast<uint32_t>(offset);
    Status status = ParseRecord(**item, contents, record);
    DamageKind kind =
        status.code() == StatusCode::kUnsupported ? DamageKind::kUnsupported : DamageKind::kRecord;
    bool check = status.ok() && options.check_digests && record.is(ItemType::kWhole);
    const StreamEnd* stream = check ? record.end.contents() : nullptr;
    if (stream != nullptr && !DigestsMatch(record.bytes, *stream)) {
      status = Corrupt("the contents differ from their digest");
      kind = DamageKind::kDigest;
    }
    if (!status.ok()) {
      parsed.damages.push_back(MakeDamage(chunk, kind, offset, status, record.begin.metadata.path));
    } else if (record.type != 0) {
      parsed.records.push_back(std::move(record));
    }
  }
  if (!contents.empty()) {
    parsed.damages.push_back(MakeDamage(chunk, DamageKind::kRecord, 0,
                                        Corrupt("contents that belong to no object"), {}));
  }
  return parsed;
}

}  // namespace tapir
