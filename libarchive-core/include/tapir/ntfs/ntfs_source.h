#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tapir/base/reporter.h"
#include "tapir/base/status.h"
#include "tapir/ntfs/ntfs_address.h"
#include "tapir/object/object_lookup.h"
#include "tapir/object/object_source.h"

namespace tapir {

struct NtfsSourceOptions {
  NtfsAddress address;
  /// PathPatterns, tied nowhere: an entry is left out if one of them matches it or a directory
  /// above it.
  std::vector<std::string> excludes;
  /// Patterns of what will be taken from it (as Selection::patterns); none: all. It gives the rest,
  /// too, but of a Single Instance Store only what these need.
  std::vector<std::string> selects;
  Reporter* reporter = nullptr;  ///< not owned, outlives the source; required
};

/// An NTFS volume in an image, read without mounting it. Needs no privileges but to read the image.
///
/// Paths are WTF-8. All that NtfsMetadata holds is read; the files of NTFS itself are not. What
/// cannot be read is named as a warning: a damaged directory is stored with the names that can be
/// read, a damaged record as unreadable, and the rest goes on.
/// Of a volume with a Single Instance Store, links come as links, with the paths of their
/// common-store files; of the store come those files, its internal files, and all of it while a
/// link is not paired with a file. Orphaned links are warnings, files without links notes.
///
/// Find takes paths without the prefix.
class NtfsSource : public ObjectSource, public ObjectLookup {
 public:
  /// kInvalidArgument if no NTFS volume is there, kCorrupt if it cannot be mounted, kBusy if it is
  /// being written, device errors.
  static Result<std::unique_ptr<NtfsSource>> Open(NtfsSourceOptions options);

  /// The label of the volume, WTF-8; may be empty.
  virtual std::string label() const = 0;
  /// Puts a component before every path, which begin in the volume's root, ".", else. Before Next.
  virtual void SetPrefix(const std::string& component) = 0;
};

}  // namespace tapir
