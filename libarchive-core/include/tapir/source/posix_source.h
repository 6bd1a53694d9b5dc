#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tapir/base/reporter.h"
#include "tapir/base/status.h"
#include "tapir/object/object_source.h"

namespace tapir {

/// A file that must not get into the archive, and why.
struct LeftOutFile {
  uint64_t device = 0;  ///< st_dev
  uint64_t inode = 0;   ///< st_ino
  std::string reason;   ///< after "is ": "the volume being written"
};

struct PosixSourceOptions {
  std::string base_directory = ".";  ///< where relative paths begin (-C)

  /// What to archive, in any order; any bytes. A leading '/' is removed from the name in the
  /// archive, but such a path is looked up from the root. Components of a given path before its
  /// last one may be symbolic links; the last one, and everything below, is archived as what it is.
  std::vector<std::string> paths;

  /// PathPatterns (see there), tied nowhere: an entry is left out if one of them matches it or a
  /// directory above it, also one given by name.
  std::vector<std::string> excludes;

  /// Of directories with a valid CACHEDIR.TAG, archive only themselves and the tag.
  bool exclude_caches = false;
  /// Archive mount points without what is below them, unless they are given by name.
  bool one_file_system = false;
  bool recursive = true;  ///< what is below the directories given, too

  std::vector<LeftOutFile> left_out;
  bool access_times = false;  ///< fill Metadata::access_time

  /// Threads that list directories ahead of Next; 0: Next does it. What Next yields does not depend
  /// on it.
  unsigned io_threads = 16;

  Reporter* reporter = nullptr;  ///< not owned, outlives the source; required
};

/// A tree of this machine's file systems.
///
/// Paths come in path order, each once. Directories are listed and their entries looked at some way
/// ahead, by several threads, with memory bounded by that way and by the names of the directories
/// from the root to the current object. There may be more levels than descriptors, and paths longer
/// than PATH_MAX.
///
/// Reported while Next runs, with the path as subject: as notes, sockets, `left_out` files and a
/// removed '/'; as warnings, what vanished, could not be listed or looked at, or has a name too
/// long for the format. Statuses and warnings of the objects do not repeat the path.
///
/// Reopen gives an object that is open already; its Open is not to be called.
///
/// Objects may outlive their source. One thread; the objects as SourceObject says.
class PosixSource : public ObjectSource {
 public:
  /// Raises the limit of open descriptors of this process to what it may have. kInvalidArgument for
  /// paths that cannot be archived ('..', or two that would meet in the archive), device error if
  /// the base directory cannot be opened.
  static Result<std::unique_ptr<PosixSource>> Create(PosixSourceOptions options);

  /// Counts entries left out by excludes, cache tags and file system borders.
  uint64_t left_out_count() const override = 0;
};

}  // namespace tapir
