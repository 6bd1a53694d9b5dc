#pragma once

#include <vector>

#include "tapir/jobs/compare_job.h"
#include "tapir/object/metadata.h"

namespace tapir {

/// Appends where what NTFS keeps of a live object differs from what was archived. Of an object from
/// elsewhere only the modification time counts.
void CompareNtfs(const Metadata& archived, const Metadata& live, std::vector<Difference>& out);

}  // namespace tapir
