#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "tapir/base/status.h"
#include "tapir/catalog/store.h"

namespace tapir::catalog {

/// Keys of names that came lately, so that a store is not asked for each again. Bounded; kept from
/// session to session. Single-thread.
class NameCache {
 public:
  /// Keys in the order of `names`, which may repeat.
  Result<std::vector<NameKey>> Intern(Store& store, std::span<const std::string_view> names);

 private:
  struct Hash {
    using is_transparent = void;
    size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  std::unordered_map<std::string, NameKey, Hash, std::equal_to<>> keys_;
  size_t bytes_ = 0;
};

}  // namespace tapir::catalog
