#include "catalog/directory_paths.h"

#include <algorithm>

#include "tapir/base/limits.h"

namespace tapir::catalog {
namespace {

// About what is kept: a directory takes some 100 bytes.
constexpr size_t kMostKnown = 500'000;
// No path of the format has more components.
constexpr size_t kMostLevels = limits::kMaxPathBytes / 2 + 1;

constexpr const char* kInEachOther = "directories of the catalogue lie in each other";

}  // namespace

std::string JoinPath(std::string_view path, std::string_view name) {
  if (path == ".") return std::string(name);
  std::string joined(path);
  joined += '/';
  joined += name;
  return joined;
}

std::vector<std::string_view> ComponentsOf(std::string_view path) {
  std::vector<std::string_view> components;
  for (;;) {
    const size_t end = path.find('/');
    components.push_back(path.substr(0, end));
    if (end == std::string_view::npos) return components;
    path.remove_prefix(end + 1);
  }
}

Status WalkedPath::Enter(std::string_view name) {
  const bool is_root = path_ == ".";
  const size_t bytes = name.size() + (is_root ? 0 : path_.size() + 1);
  if (bytes > limits::kMaxPathBytes) return Corrupt(kInEachOther);
  before_.push_back(is_root ? 0 : path_.size());
  if (is_root) {
    path_ = name;
    return OkStatus();
  }
  path_ += '/';
  path_ += name;
  return OkStatus();
}

void WalkedPath::Leave() {
  if (before_.back() == 0) {
    path_ = ".";
  } else {
    path_.resize(before_.back());
  }
  before_.pop_back();
}

Result<std::vector<std::string>> DirectoryPaths::Find(std::span<const DirectoryKey> keys) {
  if (known_.size() > kMostKnown) known_.clear();
  std::set<DirectoryKey> unknown;
  for (DirectoryKey key : keys) {
    if (key != kRootDirectory && !known_.contains(key)) unknown.insert(key);
  }
  TAPIR_RETURN_IF_ERROR(Learn(std::move(unknown)));
  std::vector<std::string> paths;
  paths.reserve(keys.size());
  for (DirectoryKey key : keys) {
    TAPIR_ASSIGN_OR_RETURN(paths.emplace_back(), PathOf(key));
  }
  return paths;
}

// Level by level upwards.
Status DirectoryPaths::Learn(std::set<DirectoryKey> unknown) {
  while (!unknown.empty()) {
    const std::vector<DirectoryKey> keys(unknown.begin(), unknown.end());
    TAPIR_ASSIGN_OR_RETURN(const std::vector<DirectoryPlace> places, store_.Directories(keys));
    std::vector<NameKey> names;
    for (const DirectoryPlace& place : places) names.push_back(place.name);
    TAPIR_ASSIGN_OR_RETURN(std::vector<std::string> texts, store_.Names(names));
    unknown.clear();
    for (size_t i = 0; i < keys.size(); ++i) {
      known_[keys[i]] = {places[i].parent, std::move(texts[i])};
    }
    for (const DirectoryPlace& place : places) {
      const bool is_new = place.parent != kRootDirectory && !known_.contains(place.parent);
      if (is_new) unknown.insert(place.parent);
    }
  }
  return OkStatus();
}

Result<std::string> DirectoryPaths::PathOf(DirectoryKey key) const {
  if (key == kRootDirectory) return std::string(".");
  std::vector<const std::string*> names;
  for (; key != kRootDirectory && names.size() < kMostLevels; key = known_.at(key).parent) {
    names.push_back(&known_.at(key).name);
  }
  if (key != kRootDirectory) return Corrupt(kInEachOther);
  std::string path;
  for (auto name = names.rbegin(); name != names.rend(); ++name) {
    if (!path.empty()) path += '/';
    path += **name;
  }
  return path;
}

Result<std::optional<DirectoryKey>> FindDirectory(Store& store, std::string_view path) {
  std::optional<DirectoryKey> key = kRootDirectory;
  if (path == ".") return key;
  TAPIR_ASSIGN_OR_RETURN(const auto names, store.FindNames(ComponentsOf(path)));
  for (size_t i = 0; i < names.size() && key; ++i) {
    if (!names[i]) return std::optional<DirectoryKey>();
    const DirectoryPlace place{*key, *names[i]};
    TAPIR_ASSIGN_OR_RETURN(const auto found, store.FindDirectories({&place, 1}));
    key = found.front();
  }
  return key;
}

}  // namespace tapir::catalog
