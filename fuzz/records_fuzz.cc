#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "bytes/checksum.h"
#include "container/session_records.h"
#include "object/record_parser.h"
#include "tapir/object/path_order.h"

// The raw bytes of a records chunk, and of chunks with a label, START and END: objects that are
// read keep the rules of paths, and encode again to what was read.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace tapir;
  ByteSpan bytes = std::as_bytes(std::span(data, size));
  RawChunk chunk;
  chunk.bytes = bytes;
  for (const ParsedRecord& record : ParseRecords(chunk, {}).records) {
    if (record.begin_payload.empty()) continue;
    const Metadata& metadata = record.begin.metadata;
    if (!CheckPath(metadata.path).ok()) std::abort();
    std::string again = EncodeObjectBegin(record.ordinal, metadata);
    Result<ObjectBegin> decoded = DecodeObjectBegin(AsBytes(again));
    if (!decoded.ok() || decoded->metadata.path != metadata.path) std::abort();
  }
  Result<Label> label = DecodeLabel(bytes);
  if (label.ok() && !DecodeLabel(AsBytes(EncodeLabel(*label))).ok()) std::abort();
  Result<StartRecord> start = DecodeStart(bytes);
  if (start.ok() && !DecodeStart(AsBytes(EncodeStart(*start))).ok()) std::abort();
  Result<EndRecord> end = DecodeEnd(bytes);
  if (end.ok() && !DecodeEnd(AsBytes(EncodeEnd(*end))).ok()) std::abort();
  return 0;
}
