#pragma once

#include <cstdint>
#include <vector>

#include "container/chunk_reader.h"
#include "object/object_records.h"
#include "tapir/base/damage.h"

namespace tapir {

/// One record of a records or policy chunk, read and checked on its own.
struct ParsedRecord {
  uint16_t type = 0;
  uint32_t offset = 0;  ///< in the raw chunk
  uint64_t ordinal = 0;
  ObjectBegin begin;    ///< OBJECT_BEGIN, WHOLE, TOMBSTONE, EXCLUDED
  ObjectEnd end;        ///< OBJECT_END, WHOLE
  Reference reference;  ///< REFERENCE
  DataHead data;        ///< DATA
  ByteSpan bytes;       ///< contents of a WHOLE or DATA, body of an opaque record
  ByteSpan begin_payload;
  ByteSpan end_payload;

  bool is(ItemType wanted) const { return type == static_cast<uint16_t>(wanted); }
};

struct ParseOptions {
  /// Compute digests of the contents of WHOLE records and compare them.
  bool check_digests = true;
};

/// The records of a chunk in order, and what is wrong with it. Records that cannot be read are left
/// out; if `object` of their damage is known it is lost by that. Views point into the chunk.
struct ParsedChunk {
  std::vector<ParsedRecord> records;
  std::vector<Damage> damages;
};
ParsedChunk ParseRecords(const RawChunk& chunk, const ParseOptions& options);

}  // namespace tapir
