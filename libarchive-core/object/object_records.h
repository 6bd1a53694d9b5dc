#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "bytes/checksum.h"
#include "container/item.h"
#include "tapir/base/status.h"
#include "tapir/object/entry.h"
#include "tapir/object/metadata.h"

namespace tapir {

/// A stream as it turned out (STREAM_END, format chapter 5.7).
struct StreamEnd {
  uint32_t stream_number = 0;
  bool map_digest = false;
  uint64_t size = 0;
  uint64_t data_bytes = 0;
  StreamDigester::Digests digests;
  bool has_sha256 = false;
};

/// OBJECT_END.
struct ObjectEnd {
  uint64_t ordinal = 0;
  ObjectStatus status = ObjectStatus::kOk;
  std::vector<StreamEnd> streams;
  /// Stream 0 of a file whose last fragment this is, with all of them together.
  std::optional<StreamEnd> whole;

  /// Stream 0, or null.
  const StreamEnd* contents() const;
};

/// OBJECT_BEGIN, TOMBSTONE or EXCLUDED.
struct ObjectBegin {
  uint64_t ordinal = 0;
  Metadata metadata;
};

/// DATA, without the bytes.
struct DataHead {
  uint64_t ordinal = 0;
  uint32_t stream_number = 0;
  uint64_t offset_bytes = 0;
};
inline constexpr size_t kDataHeadBytes = 24;

/// REFERENCE (chapter 5.6).
struct Reference {
  uint64_t ordinal = 0;
  uint32_t stream_number = 0;
  uint32_t target_stream = 0;
  uint64_t target_ordinal = 0;
  uint64_t length = 0;
};

/// WHOLE, in views of the record.
struct WholeRecord {
  ByteSpan begin;
  ByteSpan end;
};

/// Payloads of the records; multiples of 8 bytes long, except for data.
std::string EncodeObjectBegin(uint64_t ordinal, const Metadata& metadata);
std::string EncodeObjectEnd(const ObjectEnd& end);
std::string EncodeReference(const Reference& reference);
void AppendDataHead(std::string& out, const DataHead& head);
/// The two lengths that begin a WHOLE.
std::string EncodeWholeHead(size_t begin_bytes, size_t end_bytes);

/// Each fails with kCorrupt, kLimitExceeded or kUnsupported. Paths are checked (chapter 5.1).
Result<ObjectBegin> DecodeObjectBegin(ByteSpan payload);
Result<ObjectEnd> DecodeObjectEnd(ByteSpan payload);
Result<Reference> DecodeReference(ByteSpan payload);
Result<DataHead> DecodeDataHead(ByteSpan payload);
Result<WholeRecord> DecodeWhole(ByteSpan payload);

/// Digest that an index entry carries: XXH3-64 of both payloads, `end` may be empty.
uint64_t RecordDigest(ByteSpan begin, ByteSpan end);

/// What the index says of an object, places excepted. `reference` may be null.
Entry MakeEntry(const ObjectBegin& begin, const ObjectEnd& end, const Reference* reference);
/// The same of a TOMBSTONE or EXCLUDED.
Entry MakeMarkerEntry(const ObjectBegin& begin, ItemType type);
/// Completes an entry with where its object begins.
void SetPlace(Entry& entry, const Locator& chunk, uint32_t record_offset);

}  // namespace tapir
