#pragma once

#include <memory>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "ntfs/directories.h"
#include "ntfs/made_objects.h"
#include "ntfs/volume.h"
#include "tapir/base/reporter.h"
#include "tapir/object/metadata.h"

namespace tapir::ntfs {

/// A name that was made for an object on its way.
struct Placed {
  uint64_t reference = 0;
  std::string path;  ///< under which it will stand
  /// Under which it stands until it is complete, where the other one is still taken.
  std::string temporary_path;
  bool taken_over = false;  ///< a directory that was there
};

/// Makes, links and removes names on a volume. Callers hold the volume's lock. Not thread-safe.
class VolumeWriter {
 public:
  VolumeWriter(std::shared_ptr<Volume> volume, bool overwrite, Reporter& reporter)
      : volume_(std::move(volume)),
        directories_(*volume_),
        overwrite_(overwrite),
        reporter_(reporter) {}

  Volume& volume() { return *volume_; }
  Directories& directories() { return directories_; }
  MadeObjects& made() { return made_; }
  bool overwrite() const { return overwrite_; }

  /// The root is new: it gets its metadata like what is made here.
  void AdoptRoot() { bare_.insert(FILE_root); }

  /// A new file, or a directory that is new or taken over, with its short name. Missing parents are
  /// made. kExists if something is in the way and is kept.
  Result<Placed> Place(const Metadata& metadata);
  /// The object is complete: it gets its own name, if it has not.
  Status Settle(const Placed& placed, const NtfsMetadata& ntfs);
  /// Takes back what Place made.
  void Discard(const Placed& placed);
  Status Link(const std::string& primary_path, const Metadata& metadata);
  /// Gives a name its own short one, if this run made what it is of.
  Status AdoptName(const Metadata& metadata);
  Status Remove(const std::string& path);
  Status Rename(const std::string& from, const std::string& to);

  void TellLosses(const std::string& path, const std::vector<std::string>& losses);

 private:
  Result<uint64_t> MakeParent(const std::string& path);
  Status AddName(uint64_t reference, const std::string& path);
  void GiveShortName(uint64_t reference, const std::string& path, const NtfsMetadata& ntfs);
  void TellCaseClash(uint64_t parent, const std::u16string& name, const Metadata& metadata);

  std::shared_ptr<Volume> volume_;
  Directories directories_;
  MadeObjects made_;
  /// Directories made for what is below them, whose own objects have not come.
  std::unordered_set<uint64_t> bare_;
  bool overwrite_;
  Reporter& reporter_;
  uint64_t next_temporary_ = 0;
};

}  // namespace tapir::ntfs
