#include "catalog/name_cache.h"

#include <algorithm>

namespace tapir::catalog {
namespace {

constexpr size_t kCachedNameBytes = 96u << 20;
// What an entry of the cache takes beside its text, about.
constexpr size_t kCacheOverhead = 72;

}  // namespace

Result<std::vector<NameKey>> NameCache::Intern(Store& store,
                                               std::span<const std::string_view> names) {
  if (bytes_ > kCachedNameBytes) {
    keys_.clear();
    bytes_ = 0;
  }
  std::vector<NameKey> keys(names.size());
  std::vector<size_t> missing;
  std::vector<std::string_view> unknown;
  for (size_t i = 0; i < names.size(); ++i) {
    if (const auto found = keys_.find(names[i]); found != keys_.end()) {
      keys[i] = found->second;
    } else {
      missing.push_back(i);
      unknown.push_back(names[i]);
    }
  }
  std::ranges::sort(unknown);
  unknown.erase(std::unique(unknown.begin(), unknown.end()), unknown.end());
  TAPIR_ASSIGN_OR_RETURN(const std::vector<NameKey> added, store.InternNames(unknown));
  for (size_t i = 0; i < unknown.size(); ++i) {
    keys_.emplace(unknown[i], added[i]);
    bytes_ += unknown[i].size() + kCacheOverhead;
  }
  for (size_t i : missing) keys[i] = keys_.find(names[i])->second;
  return keys;
}

}  // namespace tapir::catalog
