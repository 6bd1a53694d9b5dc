#include "jobs/entry_making.h"

namespace tapir {

Entry EntryOfRecord(const ParsedRecord& record, const DecodedChunk& chunk) {
  const bool marker = record.is(ItemType::kTombstone) || record.is(ItemType::kExcluded);
  Entry entry = marker ? MakeMarkerEntry(record.begin, static_cast<ItemType>(record.type))
                       : MakeEntry(record.begin, record.end, nullptr);
  entry.record_digest = RecordDigest(record.begin_payload, record.end_payload);
  SetPlace(entry, chunk.chunk.locator, record.offset);
  return entry;
}

Entry EntryOfObject(const AssembledObject& object) {
  const Reference* reference = object.reference ? &*object.reference : nullptr;
  Entry entry = MakeEntry(object.begin, object.end, reference);
  entry.record_digest = object.record_digest;
  SetPlace(entry, object.locator, object.record_offset);
  return entry;
}

}  // namespace tapir
