#pragma once

#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
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

/// "a/b" is "a" and "b".
std::vector<std::string_view> ComponentsOf(std::string_view path);

/// Where a walk is that goes into directories and out again: one path, however deep it is, for that
/// of each level would be as much memory as the depth squared. Single-thread.
class WalkedPath {
 public:
  explicit WalkedPath(std::string start = ".") : path_(std::move(start)) {}

  const std::string& get() const { return path_; }
  /// Of something in there.
  std::string Join(std::string_view name) const { return JoinPath(path_, name); }
  /// kCorrupt if no path of the format is so long: then directories lie in each other.
  Status Enter(std::string_view name);
  /// Back to where it was before the last Enter that was not left.
  void Leave();

 private:
  std::string path_;
  std::vector<size_t> before_;  ///< how long it was; 0: it was the root
};

/// The directory of this path. Nothing if no session has anything below it.
Result<std::optional<DirectoryKey>> FindDirectory(Store& store, std::string_view path);

}  // namespace tapir::catalog
