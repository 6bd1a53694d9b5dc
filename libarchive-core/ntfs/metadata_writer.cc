#include "ntfs/metadata_writer.h"

#include <cerrno>

#include "ntfs/names.h"
#include "ntfs/volume_flag.h"
#include "tapir/windows/ea_list.h"
#include "windows/file_time.h"

namespace tapir::ntfs {
namespace {

constexpr uint32_t kArchive = 0x20;
constexpr uint32_t kRecallOnOpen = 0x40000;
// Bits that say what the object is: they are there if it became so.
constexpr uint32_t kByItself = kWindowsDirectory | kWindowsSparse | kWindowsReparsePoint |
                               kWindowsCompressed | kWindowsEncrypted;

void Note(bool done, const char* what, std::vector<std::string>& losses) {
  if (!done) losses.push_back(LastError(what).message());
}

}  // namespace

bool EfsFits(Volume& volume, size_t size_bytes) {
  return size_bytes > 0 && ntfs_attr_size_bounds_check(volume.get(), AT_LOGGED_UTILITY_STREAM,
                                                       static_cast<s64>(size_bytes)) == 0;
}

Status WriteEfs(ntfs_inode* inode, const std::string& metadata) {
  LibraryName name(u"$EFS");
  errno = 0;
  if (ntfs_attr_add(inode, AT_LOGGED_UTILITY_STREAM, name.get(), name.size(),
                    reinterpret_cast<const u8*>(metadata.data()),
                    static_cast<s64>(metadata.size())) != 0) {
    return LastError("its encryption metadata: without them nobody can read it");
  }
  inode->flags = static_cast<FILE_ATTR_FLAGS>(inode->flags | FILE_ATTR_ENCRYPTED);
  NInoFileNameSetDirty(inode);
  ntfs_inode_mark_dirty(inode);
  return OkStatus();
}

void WriteMetadata(Volume& volume, ntfs_inode* inode, const NtfsMetadata& ntfs,
                   std::vector<std::string>& losses) {
  const bool is_directory = (inode->mrec->flags & MFT_RECORD_IS_DIRECTORY) != 0;
  const VolumeFlag compressing(volume.get(), NV_Compression, true);
  errno = 0;
  if (!ntfs.efs_metadata.empty()) {
    const Status written = WriteEfs(inode, ntfs.efs_metadata);
    if (!written.ok()) losses.push_back(written.message());
  }
  const std::string attributes = EaVolumeForm(ntfs.extended_attributes);
  if (!attributes.empty()) {
    Note(ntfs_set_ntfs_ea(inode, attributes.data(), attributes.size(), 0) == 0,
         "its extended attributes", losses);
  }
  if (!ntfs.object_id.empty()) {
    Note(ntfs_set_ntfs_object_id(inode, ntfs.object_id.data(), ntfs.object_id.size(), 0) == 0,
         "its object id", losses);
  }
  if (!ntfs.reparse_data.empty()) {
    // The library takes sockets and nodes of WSL only where this stands.
    const uint32_t recalled = cpu_to_le32(ntfs.file_attributes & kRecallOnOpen);
    inode->flags = static_cast<FILE_ATTR_FLAGS>(static_cast<uint32_t>(inode->flags) | recalled);
    Note(ntfs_set_ntfs_reparse_data(inode, ntfs.reparse_data.data(), ntfs.reparse_data.size(), 0) ==
             0,
         "its reparse data", losses);
  }
  if (!ntfs.security_descriptor.empty()) {
    SECURITY_CONTEXT context{};
    context.vol = volume.get();
    Note(ntfs_set_ntfs_acl(&context, inode, ntfs.security_descriptor.data(),
                           ntfs.security_descriptor.size(), 0) == 0,
         "its security descriptor", losses);
  }
  if (is_directory && (ntfs.file_attributes & kWindowsCompressed) != 0) {
    const le32 wanted = cpu_to_le32(ntfs.file_attributes);
    Note(ntfs_set_ntfs_attrib(inode, reinterpret_cast<const char*>(&wanted), sizeof wanted, 0) == 0,
         "that what is made in it is compressed", losses);
  }
}

void WriteTimes(ntfs_inode* inode, const NtfsMetadata& ntfs) {
  const uint32_t own = le32_to_cpu(inode->flags) & kByItself & ~kWindowsDirectory;
  // A named stream makes a file sparse too.
  const uint32_t wanted = ntfs.file_attributes & (~kByItself | kWindowsSparse);
  inode->flags = static_cast<FILE_ATTR_FLAGS>(cpu_to_le32(wanted | own));
  inode->creation_time = cpu_to_le64(ntfs.creation_time);
  inode->last_data_change_time = cpu_to_le64(ntfs.modification_time);
  inode->last_mft_change_time = cpu_to_le64(ntfs.change_time);
  inode->last_access_time = cpu_to_le64(ntfs.access_time);
  NInoFileNameSetDirty(inode);
  ntfs_inode_mark_dirty(inode);
}

NtfsMetadata PlainMetadata(const Metadata& metadata) {
  NtfsMetadata plain;
  const bool is_directory = metadata.type == ObjectType::kDirectory;
  plain.file_attributes = is_directory ? 0 : kArchive;
  plain.creation_time = plain.modification_time = plain.change_time = plain.access_time =
      ToWindowsTime(metadata.mtime);
  return plain;
}

}  // namespace tapir::ntfs
