#include "object/content_reader.h"

#include "container/volume.h"
#include "object/record_parser.h"

namespace tapir {

ContentReader::ContentReader(BlockDevice& device, const Label& label)
    : chunks_(device, ReaderOptions(label)) {}

// True when the object has ended.
Result<bool> ContentReader::TakeChunk(const Chunk& chunk, uint64_t ordinal, const Take& take) {
  TAPIR_ASSIGN_OR_RETURN(RawChunk raw, ExpandChunk(chunk, decompressor_));
  if (chunk.header.is(ChunkKind::kData)) {
    if (chunk.header.first_object != ordinal) return Corrupt("data of another object follows");
    if (chunk.header.stream_number == 0) {
      TAPIR_RETURN_IF_ERROR(take(chunk.header.stream_offset, raw.bytes));
    }
    return false;
  }
  ParseOptions options;
  options.check_digests = false;
  ParsedChunk parsed = ParseRecords(raw, options);
  for (const ParsedRecord& record : parsed.records) {
    if (record.ordinal < ordinal) continue;
    if (record.ordinal > ordinal) break;
    if (record.is(ItemType::kWhole)) {
      TAPIR_RETURN_IF_ERROR(take(0, record.bytes));
      return true;
    }
    if (record.is(ItemType::kData) && record.data.stream_number == 0) {
      TAPIR_RETURN_IF_ERROR(take(record.data.offset_bytes, record.bytes));
    }
    if (record.is(ItemType::kObjectEnd)) return true;
  }
  if (!parsed.damages.empty()) return Corrupt(parsed.damages.front().text);
  return false;
}

Status ContentReader::Read(const Entry& entry, const Take& take) {
  Locator begin{{entry.block_object, entry.block_unit}, entry.chunk_offset};
  TAPIR_RETURN_IF_ERROR(chunks_.Seek(begin));
  for (bool first = true;; first = false) {
    TAPIR_ASSIGN_OR_RETURN(ChunkEvent event, chunks_.Next());
    if (event.kind == ChunkEvent::Kind::kDamage) return Corrupt(event.damage.text);
    if (event.kind != ChunkEvent::Kind::kChunk) return Corrupt("the volume ends before it");
    const Chunk& chunk = event.chunk;
    bool data_section = chunk.section == static_cast<uint8_t>(BlockType::kData);
    bool expected = data_section && chunk.missing_before == 0 && (!first || chunk.locator == begin);
    if (!expected) return Corrupt("something else stands where it should");
    TAPIR_ASSIGN_OR_RETURN(bool ended, TakeChunk(chunk, entry.ordinal, take));
    if (ended) return OkStatus();
  }
}

}  // namespace tapir
