#pragma once

#include <string>
#include <vector>

#include "tapir/jobs/compare_job.h"
#include "tapir/object/metadata.h"

namespace tapir {

/// "a regular file", "a directory", ...
std::string TypeInWords(ObjectType type);

/// Appends where the metadata of a live object differ from those archived: mode, owner, time,
/// target of a symbolic link, device number.
void CompareMetadata(const Metadata& archived, const Metadata& live, std::vector<Difference>& out);
void CompareXattrs(const Metadata& archived, const Metadata& live, std::vector<Difference>& out);

}  // namespace tapir
