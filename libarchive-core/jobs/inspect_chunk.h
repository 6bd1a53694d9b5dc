#pragma once

#include <vector>

#include "container/chunk_reader.h"
#include "tapir/jobs/inspect_job.h"

namespace tapir {

InspectedItem InspectDamage(const Damage& damage);
InspectedItem InspectBlock(const Block& block);
InspectedItem InspectChunkHeader(const Chunk& chunk);

/// What a chunk holds: its records, or the parts of its index page, and what is wrong with them.
std::vector<InspectedItem> InspectChunkContents(const Chunk& chunk);

}  // namespace tapir
