#pragma once

#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "tapir/base/status.h"
#include "tapir/catalog/store.h"

namespace tapir::catalog {

/// Paths of directories by their keys; keeps those it has found. Single-thread.
class DirectoryPaths {
 public:
  /// `store` must outlive this.
  explicit DirectoryPaths(Store& store) : store_(store) {}

  /// In the order of `keys`; "." for the root. kCorrupt if the tree is broken.
  Result<std::vector<std::string>> Find(std::span<const DirectoryKey> keys);

 private:
  Status Learn(std::set<DirectoryKey> unknown);

  struct Known {
    DirectoryKey parent = kRootDirectory;
    std::string name;
  };
  Result<std::string> PathOf(DirectoryKey key) const;

  Store& store_;
  std::unordered_map<DirectoryKey, Known> known_;
};

/// `name` in the directory `path`, "." being the root; the root's own name is ".".
std::string JoinPath(std::string_view path, std::string_view name);

/// The directory of this path. Nothing if no session has anything below it.
Result<std::optional<DirectoryKey>> FindDirectory(Store& store, std::string_view path);

}  // namespace tapir::catalog
