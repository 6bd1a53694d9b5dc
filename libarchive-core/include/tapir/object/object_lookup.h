#pragma once

#include <string>

#include "tapir/base/status.h"
#include "tapir/object/object_source.h"

namespace tapir {

/// Finds objects of a tree by their paths. Thread-safe.
class ObjectLookup {
 public:
  virtual ~ObjectLookup() = default;
  /// What stands at a path of the format, unopened. kNotFound, device errors.
  virtual Result<SourceItem> Find(const std::string& path) = 0;
};

}  // namespace tapir
