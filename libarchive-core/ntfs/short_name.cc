#include "ntfs/short_name.h"

#include <cerrno>
#include <cstddef>
#include <memory>

#include "ntfs/directories.h"
#include "ntfs/names.h"

namespace tapir::ntfs {
namespace {

constexpr size_t kMostShortUnits = 12;

struct IndexCloser {
  void operator()(ntfs_index_context* index) const { ntfs_index_ctx_put(index); }
};

// The file's own copy of a name in a directory.
FILE_NAME_ATTR* FindName(ntfs_attr_search_ctx* search, const ntfs_inode* directory,
                         std::u16string_view name) {
  while (ntfs_attr_lookup(AT_FILE_NAME, nullptr, 0, CASE_SENSITIVE, 0, nullptr, 0, search) == 0) {
    auto* bytes =
        reinterpret_cast<std::byte*>(search->attr) + le16_to_cpu(search->attr->value_offset);
    auto* found = reinterpret_cast<FILE_NAME_ATTR*>(bytes);
    if (MREF_LE(found->parent_directory) == directory->mft_no &&
        NameFrom(bytes + offsetof(FILE_NAME_ATTR, file_name), found->file_name_length) == name) {
      return found;
    }
  }
  return nullptr;
}

// In the file and in the directory's index.
Status SetNamespace(ntfs_inode* directory, ntfs_inode* file, std::u16string_view name,
                    FILE_NAME_TYPE_FLAGS kind) {
  const Search search(ntfs_attr_get_search_ctx(file, nullptr));
  FILE_NAME_ATTR* own = search ? FindName(search.get(), directory, name) : nullptr;
  if (own == nullptr) return NotFound("the name is not in its file");
  const std::unique_ptr<ntfs_index_context, IndexCloser> index(
      ntfs_index_ctx_get(directory, NTFS_INDEX_I30, 4));
  errno = 0;
  if (!index || ntfs_index_lookup(own, static_cast<int>(name.size()), index.get()) != 0) {
    return LastError("the name is not in its directory");
  }
  own->file_name_type = kind;
  static_cast<FILE_NAME_ATTR*>(index->data)->file_name_type = kind;
  ntfs_index_entry_mark_dirty(index.get());
  ntfs_inode_mark_dirty(search->ntfs_ino);
  return OkStatus();
}

Status AddShortName(Volume& volume, ntfs_inode* directory, ntfs_inode* file,
                    std::u16string_view name, std::u16string_view short_name) {
  if (name == short_name) return SetNamespace(directory, file, name, FILE_NAME_WIN32_AND_DOS);
  LibraryName units(short_name);
  const bool usable = !short_name.empty() && short_name.size() <= kMostShortUnits &&
                      ntfs_forbidden_names(volume.get(), units.get(), units.size(), TRUE) == FALSE;
  if (!usable) return InvalidArgument("is no short name");
  errno = 0;
  if (ntfs_link(file, directory, units.get(), units.size()) != 0) return LastError("the directory");
  TAPIR_RETURN_IF_ERROR(SetNamespace(directory, file, short_name, FILE_NAME_DOS));
  return SetNamespace(directory, file, name, FILE_NAME_WIN32);
}

}  // namespace

Status SetShortName(Volume& volume, uint64_t directory, uint64_t file, std::u16string_view name,
                    std::u16string_view short_name) {
  TAPIR_ASSIGN_OR_RETURN(const Inode parent, OpenInode(volume, directory));
  TAPIR_ASSIGN_OR_RETURN(Inode inode, OpenInode(volume, file));
  Status set = AddShortName(volume, parent.get(), inode.get(), name, short_name);
  if (ntfs_inode_close_in_dir(inode.release(), parent.get()) != 0 && set.ok()) {
    set = LastError("cannot be written");
  }
  return set;
}

}  // namespace tapir::ntfs
