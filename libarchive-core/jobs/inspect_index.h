#pragma once

#include <vector>

#include "container/chunk_reader.h"
#include "tapir/base/status.h"
#include "tapir/jobs/inspect_job.h"

namespace tapir {

/// The parts of an index page (format chapter 7): its head, then its entries. The failure with
/// which reading it ended, if it did.
Status InspectLeaf(const RawChunk& page, std::vector<InspectedItem>& out);
Status InspectInner(const RawChunk& page, std::vector<InspectedItem>& out);

}  // namespace tapir
