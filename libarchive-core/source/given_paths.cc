#include "source/given_paths.h"

#include <algorithm>
#include <utility>

#include "tapir/object/path_order.h"

namespace tapir::source {
namespace {

std::string Quoted(std::string_view path) { return "'" + std::string(path) + "'"; }

Status Collision(const GivenPath& first, const GivenPath& second) {
  const GivenPath& absolute = first.from_root ? first : second;
  const GivenPath& relative = first.from_root ? second : first;
  return InvalidArgument("'/" + absolute.path + "' and " + Quoted(relative.path) +
                         " are different places but would meet in the archive; archive them in "
                         "separate runs, or all with -C /");
}

}  // namespace

Result<GivenPath> NormalisePath(std::string_view given) {
  if (given.empty()) return InvalidArgument("an empty path was given");
  GivenPath result{.path = {}, .from_root = given.front() == '/'};
  for (size_t start = 0; start < given.size();) {
    const size_t end = std::min(given.find('/', start), given.size());
    const std::string_view component = given.substr(start, end - start);
    start = end + 1;
    if (component.empty() || component == ".") continue;
    if (component == "..") {
      return InvalidArgument("path " + Quoted(given) +
                             " has a component '..'; use -C DIR to archive from another directory");
    }
    if (!result.path.empty()) result.path += '/';
    result.path += component;
  }
  if (result.path.empty()) result.path = ".";
  TAPIR_RETURN_IF_ERROR(CheckPath(result.path).Annotate("path " + Quoted(given)));
  return result;
}

Result<std::vector<GivenPath>> PreparePaths(const std::vector<std::string>& given, bool recursive,
                                            bool base_is_root) {
  std::vector<GivenPath> paths;
  paths.reserve(given.size());
  for (const std::string& text : given) {
    TAPIR_ASSIGN_OR_RETURN(GivenPath path, NormalisePath(text));
    if (base_is_root) path.from_root = true;
    paths.push_back(std::move(path));
  }
  std::stable_sort(paths.begin(), paths.end(), [](const GivenPath& a, const GivenPath& b) {
    return ComparePaths(a.path, b.path) < 0;
  });
  std::vector<GivenPath> kept;
  size_t top = 0;  // in `kept`: the last one that is not covered
  for (GivenPath& path : paths) {
    const bool below = !kept.empty() && IsBelow(path.path, kept[top].path);
    const bool same = !kept.empty() && path.path == kept.back().path;
    if (below || same) {
      const GivenPath& other = same ? kept.back() : kept[top];
      if (path.from_root != other.from_root) return Collision(path, other);
    }
    if (same) continue;
    path.covered = below && recursive;
    if (!below) top = kept.size();
    kept.push_back(std::move(path));
  }
  return kept;
}

const GivenPath* FindGiven(const std::vector<GivenPath>& paths, std::string_view path) {
  const auto it = std::lower_bound(paths.begin(), paths.end(), path,
                                   [](const GivenPath& at, std::string_view wanted) {
                                     return ComparePaths(at.path, wanted) < 0;
                                   });
  return it != paths.end() && it->path == path ? &*it : nullptr;
}

const GivenPath* FindStart(const std::vector<GivenPath>& paths, std::string_view path) {
  while (path != ".") {
    const GivenPath* given = FindGiven(paths, path);
    if (given != nullptr && !given->covered) return given;
    const size_t slash = path.rfind('/');
    path = slash == std::string_view::npos ? std::string_view(".") : path.substr(0, slash);
  }
  return FindGiven(paths, path);
}

size_t FollowedBytes(const GivenPath& given) {
  const size_t slash = given.path.rfind('/');
  return slash == std::string::npos ? 0 : slash;
}

DirectoryRef PathResolver::ParentOf(std::string_view path, size_t followed_bytes) {
  const size_t slash = path.rfind('/');
  const size_t parent_bytes = slash == std::string_view::npos ? 0 : slash;
  // Keep what both paths have in common, by whole components.
  size_t same = 0;
  while (same < passed_.size()) {
    const Passed& passed = passed_[same];
    const bool fits = passed.end <= parent_bytes &&
                      path.starts_with(std::string_view(last_path_).substr(0, passed.end)) &&
                      path[passed.end] == '/' && passed.follows == (passed.end <= followed_bytes);
    if (!fits) break;
    ++same;
  }
  passed_.resize(same);
  DirectoryRef directory = passed_.empty() ? start_ : passed_.back().directory;
  size_t start = passed_.empty() ? 0 : passed_.back().end + 1;
  while (start < parent_bytes) {
    const size_t end = std::min(path.find('/', start), parent_bytes);
    const bool follows = end <= followed_bytes;
    directory = cache_.Make(directory, path.substr(start, end - start),
                            follows ? Directory::Use::kPassed : Directory::Use::kFound);
    passed_.push_back({end, follows, directory});
    start = end + 1;
  }
  last_path_ = path;
  return directory;
}

}  // namespace tapir::source
