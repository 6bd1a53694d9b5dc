#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "source/directory.h"
#include "tapir/base/status.h"

namespace tapir::source {

/// A path as the user gave it, in the form of the archive.
struct GivenPath {
  std::string path;
  bool from_root = false;  ///< began with '/': looked up from the root, not from the base
  bool covered = false;    ///< lies below another given path, whose scan comes to it
};

/// Brings one path into the form of the format: no leading, trailing or doubled '/', no component
/// '.'; what then is empty is ".". kInvalidArgument for empty paths, for '..' and for what the
/// format cannot hold.
Result<GivenPath> NormalisePath(std::string_view given);

/// Normalises all, sorts them in path order, drops duplicates and, if `recursive`, marks those
/// covered. kInvalidArgument also if two of them are of different places and would get into each
/// other's way in the archive; with `base_is_root` there is only one place.
Result<std::vector<GivenPath>> PreparePaths(const std::vector<std::string>& given, bool recursive,
                                            bool base_is_root);

/// The one of `paths` that is `path`; null if there is none.
const GivenPath* FindGiven(const std::vector<GivenPath>& paths, std::string_view path);

/// The one of `paths` whose scan comes to `path`; null if there is none.
const GivenPath* FindStart(const std::vector<GivenPath>& paths, std::string_view path);

/// How much of a path that is reached from `given` may lead through symbolic links.
size_t FollowedBytes(const GivenPath& given);

/// Finds the directories of paths, remembering those on the way to the path before: ask in path
/// order. One thread.
class PathResolver {
 public:
  PathResolver(DirectoryCache& cache, DirectoryRef start)
      : cache_(cache), start_(std::move(start)) {}

  /// The directory that holds the last component of `path`. Symbolic links in the first
  /// `followed_bytes` of the path are followed, later ones refused. Opens nothing.
  DirectoryRef ParentOf(std::string_view path, size_t followed_bytes);

 private:
  struct Passed {
    size_t end;  ///< where its component ends in the path
    bool follows;
    DirectoryRef directory;
  };

  DirectoryCache& cache_;
  const DirectoryRef start_;
  std::string last_path_;
  std::vector<Passed> passed_;
};

}  // namespace tapir::source
