#include "ntfs/short_name.h"

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

#include "ntfs/directories.h"
#include "ntfs/name_calls.h"
#include "ntfs/names.h"
#include "tapir/windows/upcase.h"

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

bool IsUsable(Volume& volume, std::u16string_view short_name) {
  LibraryName units(short_name);
  return !short_name.empty() && short_name.size() <= kMostShortUnits &&
         ntfs_forbidden_names(volume.get(), units.get(), units.size(), TRUE) == FALSE;
}

Status AddShortName(Volume& volume, ntfs_inode* directory, ntfs_inode* file,
                    std::u16string_view name, std::u16string_view short_name) {
  if (name == short_name) return SetNamespace(directory, file, name, FILE_NAME_WIN32_AND_DOS);
  if (!IsUsable(volume, short_name)) return InvalidArgument("is no short name");
  LibraryName units(short_name);
  errno = 0;
  if (ntfs_link(file, directory, units.get(), units.size()) != 0) return LastError("the directory");
  TAPIR_RETURN_IF_ERROR(SetNamespace(directory, file, short_name, FILE_NAME_DOS));
  return SetNamespace(directory, file, name, FILE_NAME_WIN32);
}

// The names are no pair any more, so that the one can be removed without the other.
Status RemoveShortName(Volume& volume, uint64_t directory, uint64_t file, const OwnName& name,
                       const OwnName& short_name) {
  {
    TAPIR_ASSIGN_OR_RETURN(const Inode parent, OpenInode(volume, directory));
    TAPIR_ASSIGN_OR_RETURN(Inode inode, OpenInode(volume, file));
    TAPIR_RETURN_IF_ERROR(SetNamespace(parent.get(), inode.get(), name.name, FILE_NAME_POSIX));
    TAPIR_RETURN_IF_ERROR(
        SetNamespace(parent.get(), inode.get(), short_name.name, FILE_NAME_POSIX));
    if (ntfs_inode_close_in_dir(inode.release(), parent.get()) != 0) {
      return LastError("cannot be written");
    }
  }
  return RemoveName(volume, directory, short_name.name, file);
}

Status IsTaken() { return Exists("the short name is another one's"); }

}  // namespace

Status ReplaceShortName(Volume& volume, uint64_t directory, uint64_t file,
                        const std::u16string& name, std::u16string_view short_name) {
  const std::u16string wanted = Upcase(short_name);
  if (!IsUsable(volume, wanted)) return InvalidArgument("is no short name");
  Directories directories(volume);
  TAPIR_ASSIGN_OR_RETURN(const std::optional<Found> there,
                         directories.FindIn(directory, wanted, true));
  if (there && MREF(there->reference) != MREF(file)) return IsTaken();
  TAPIR_ASSIGN_OR_RETURN(const std::vector<OwnName> names, NamesOf(volume, file, directory));
  const auto by_kind = [&](FILE_NAME_TYPE_FLAGS kind) {
    return std::find_if(names.begin(), names.end(),
                        [kind](const OwnName& one) { return one.kind == kind; });
  };
  const auto own = std::find_if(names.begin(), names.end(), [&](const OwnName& one) {
    return one.name == name && one.kind != FILE_NAME_DOS;
  });
  if (own == names.end()) return NotFound("the name is not in its file");
  const auto old = by_kind(FILE_NAME_DOS);
  const bool has_pair = own->kind == FILE_NAME_WIN32 && old != names.end();
  if (has_pair && old->name == wanted) return OkStatus();
  const bool is_same = Upcase(name) == wanted;
  if (there && !is_same && !(has_pair && Upcase(old->name) == wanted)) return IsTaken();
  if (own->kind == FILE_NAME_POSIX) {
    const bool other_has = old != names.end() || by_kind(FILE_NAME_WIN32_AND_DOS) != names.end();
    if (other_has) return IsTaken();
  }
  if (has_pair) TAPIR_RETURN_IF_ERROR(RemoveShortName(volume, directory, file, *own, *old));
  return SetShortName(volume, directory, file, name, is_same ? name : wanted);
}

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
