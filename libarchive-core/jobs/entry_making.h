#pragma once

#include "object/object_assembler.h"
#include "tapir/object/entry.h"

namespace tapir {

/// What the index says of a WHOLE, TOMBSTONE or EXCLUDED record, made from the record itself.
Entry EntryOfRecord(const ParsedRecord& record, const DecodedChunk& chunk);

/// The same of an object in several records that has ended.
Entry EntryOfObject(const AssembledObject& object);

}  // namespace tapir
