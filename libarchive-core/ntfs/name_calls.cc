#include "ntfs/name_calls.h"

#include <cerrno>
#include <cstddef>

#include "ntfs/directories.h"
#include "ntfs/names.h"

namespace tapir::ntfs {
namespace {

le32 InheritedSecurity(Volume& volume, ntfs_inode* directory) {
  PERMISSIONS_CACHE* cache = nullptr;
  SECURITY_CONTEXT context{};
  context.vol = volume.get();
  context.pseccache = &cache;
  return ntfs_inherited_id(&context, directory, FALSE);
}

}  // namespace

Result<uint64_t> CreateName(Volume& volume, uint64_t directory, std::u16string_view name,
                            bool is_directory, Security security) {
  TAPIR_ASSIGN_OR_RETURN(Inode parent, OpenInode(volume, directory));
  LibraryName units(name);
  const le32 id = security == Security::kInherited ? InheritedSecurity(volume, parent.get())
                                                   : const_cpu_to_le32(0);
  errno = 0;
  ntfs_inode* made =
      ntfs_create(parent.get(), id, units.get(), units.size(), is_directory ? S_IFDIR : S_IFREG);
  if (made == nullptr) return LastError("it cannot be made");
  const uint64_t reference = MK_MREF(made->mft_no, le16_to_cpu(made->mrec->sequence_number));
  if (ntfs_inode_close_in_dir(made, parent.get()) != 0) return LastError("it cannot be made");
  return reference;
}

Status AddName(Volume& volume, uint64_t directory, std::u16string_view name, uint64_t reference) {
  TAPIR_ASSIGN_OR_RETURN(const Inode parent, OpenInode(volume, directory));
  TAPIR_ASSIGN_OR_RETURN(Inode inode, OpenInode(volume, reference));
  LibraryName units(name);
  errno = 0;
  if (ntfs_link(inode.get(), parent.get(), units.get(), units.size()) != 0) {
    return LastError("it cannot be linked");
  }
  if (ntfs_inode_close_in_dir(inode.release(), parent.get()) != 0) {
    return LastError("it cannot be linked");
  }
  return OkStatus();
}

Status RemoveName(Volume& volume, uint64_t directory, std::u16string_view name,
                  uint64_t reference) {
  TAPIR_ASSIGN_OR_RETURN(Inode parent, OpenInode(volume, directory));
  TAPIR_ASSIGN_OR_RETURN(Inode inode, OpenInode(volume, reference));
  LibraryName units(name);
  errno = 0;
  // The library closes both, whatever happens.
  const int failed = ntfs_delete(volume.get(), nullptr, inode.release(), parent.release(),
                                 units.get(), units.size());
  return failed == 0 ? OkStatus() : LastError("it cannot be removed");
}

Result<std::vector<OwnName>> NamesOf(Volume& volume, uint64_t reference, uint64_t directory) {
  TAPIR_ASSIGN_OR_RETURN(const Inode inode, OpenInode(volume, reference));
  const Search search(ntfs_attr_get_search_ctx(inode.get(), nullptr));
  if (!search) return LastError("its names cannot be read");
  std::vector<OwnName> names;
  while (ntfs_attr_lookup(AT_FILE_NAME, nullptr, 0, CASE_SENSITIVE, 0, nullptr, 0, search.get()) ==
         0) {
    const ATTR_RECORD* record = search->attr;
    const uint32_t length = le32_to_cpu(record->value_length);
    if (record->non_resident != 0 || length < sizeof(FILE_NAME_ATTR)) continue;
    const auto* bytes =
        reinterpret_cast<const std::byte*>(record) + le16_to_cpu(record->value_offset);
    const auto* found = reinterpret_cast<const FILE_NAME_ATTR*>(bytes);
    if (length < sizeof(FILE_NAME_ATTR) + found->file_name_length * sizeof(ntfschar)) continue;
    if (MREF_LE(found->parent_directory) != MREF(directory)) continue;
    names.push_back({NameFrom(bytes + offsetof(FILE_NAME_ATTR, file_name), found->file_name_length),
                     found->file_name_type});
  }
  return names;
}

}  // namespace tapir::ntfs
