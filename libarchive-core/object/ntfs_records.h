#pragma once

#include <memory>
#include <string>

#include "container/item.h"
#include "tapir/object/ntfs_metadata.h"

namespace tapir {

/// The attributes of OBJECT_BEGIN that an object of an NTFS volume has (format chapter 11.2).
void AppendNtfs(std::string& out, const NtfsMetadata& ntfs);

/// Whether the attribute is one of those.
bool IsNtfsAttribute(const Item& item);

/// Takes one of them into `ntfs`, which the first of them makes. False: it is malformed or out of
/// its place.
bool TakeNtfsAttribute(const Item& item, std::shared_ptr<NtfsMetadata>& ntfs, bool& known);

}  // namespace tapir
