#pragma once

#include <string>

#include "tapir/target/posix_target.h"
#include "target/directory_cache.h"
#include "target/file_writer.h"
#include "target/metadata_setter.h"
#include "target/path_hash.h"
#include "target/placing.h"
#include "target/restored_paths.h"

namespace tapir::target {

/// What the target and the files it opens work with. Thread-safe.
struct Shared {
  Shared(const PosixTargetOptions& options, Descriptor root);

  /// Checks the path and opens the directory it lies in. `path` must outlive the place; "." has
  /// no place.
  Result<Place> Locate(const std::string& path, DirectoryCache::Missing missing);

  /// Opens a regular file that this run made for reading; kNotFound if it is not one.
  Result<Descriptor> OpenMade(const std::string& path);

  PathHasher hasher;
  RestoredPaths paths;
  DirectoryCache directories;
  MetadataSetter setter;
  InTheWay in_the_way;
  BufferPool write_buffers{FileWriter::kPoolBufferBytes};
};

/// kNotFound.
Status WasNotRestored(const std::string& path);

}  // namespace tapir::target
