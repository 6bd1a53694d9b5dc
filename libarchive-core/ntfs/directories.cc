#include "ntfs/directories.h"

#include <cerrno>

#include "ntfs/volume_flag.h"
#include "tapir/windows/wtf8.h"

namespace tapir::ntfs {
namespace {

constexpr size_t kMostNameUnits = 255;
constexpr uint64_t kNone = ~uint64_t{0};

}  // namespace

Result<SplitPath> Split(const std::string& path) {
  const size_t slash = path.rfind('/');
  const std::string last = slash == std::string::npos ? path : path.substr(slash + 1);
  std::optional<std::u16string> name = Utf16(last);
  if (!name) return Unsupported("its name is not UTF-8: NTFS cannot hold it");
  if (name->size() > kMostNameUnits) return Unsupported("its name is too long for NTFS");
  return SplitPath{slash == std::string::npos ? "." : path.substr(0, slash), *std::move(name)};
}

Result<Inode> OpenInode(Volume& volume, uint64_t reference) {
  errno = 0;
  Inode inode(ntfs_inode_open(volume.get(), reference));
  if (!inode) return LastError("its record cannot be read");
  return inode;
}

Result<std::optional<Found>> Directories::FindIn(uint64_t directory, std::u16string_view name,
                                                 bool any_case) {
  TAPIR_ASSIGN_OR_RETURN(const Inode parent, OpenInode(volume_, directory));
  LibraryName units(name);
  const VolumeFlag compared(volume_.get(), NV_CaseSensitive, !any_case);
  errno = 0;
  const uint64_t reference = ntfs_inode_lookup_by_name(parent.get(), units.get(), units.size());
  if (reference == kNone) {
    if (errno == ENOENT) return std::optional<Found>();
    return LastError("the directory cannot be read");
  }
  TAPIR_ASSIGN_OR_RETURN(const Inode inode, OpenInode(volume_, reference));
  const bool is_directory = (inode->mrec->flags & MFT_RECORD_IS_DIRECTORY) != 0;
  return std::optional(Found{reference, is_directory});
}

Result<Found> Directories::Find(const std::string& path) {
  if (path == ".") return Found{FILE_root, true};
  if (const auto known = known_.find(path); known != known_.end())
    return Found{known->second, true};
  TAPIR_ASSIGN_OR_RETURN(const SplitPath split, Split(path));
  TAPIR_ASSIGN_OR_RETURN(const Found parent, Find(split.parent));
  if (!parent.is_directory) return NotFound("there is no '" + path + "'");
  TAPIR_ASSIGN_OR_RETURN(const std::optional<Found> found, FindIn(parent.reference, split.name));
  if (!found) return NotFound("there is no '" + path + "'");
  if (found->is_directory) known_.emplace(path, found->reference);
  return *found;
}

}  // namespace tapir::ntfs
