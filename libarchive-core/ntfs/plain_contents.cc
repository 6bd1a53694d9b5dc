#include "ntfs/plain_contents.h"

#include <algorithm>
#include <cerrno>

#include "bytes/cursor.h"
#include "ntfs/directories.h"
#include "ntfs/volume_flag.h"
#include "tapir/object/volume_files.h"

namespace tapir::ntfs {
namespace {

constexpr size_t kPieceBytes = 1u << 20;

Status CheckReadable(const ntfs_inode* inode) {
  if ((inode->mrec->flags & MFT_RECORD_IS_DIRECTORY) != 0) {
    return FileFailed(FileFailure::kIsDirectory, "it is a directory");
  }
  if ((inode->flags & FILE_ATTR_REPARSE_POINT) != 0) {
    return FileFailed(FileFailure::kUnsupported, "it is a reparse point");
  }
  if ((inode->flags & FILE_ATTR_ENCRYPTED) != 0) {
    return FileFailed(FileFailure::kUnsupported, "it is encrypted");
  }
  return OkStatus();
}

Result<Attribute> OpenPlainContents(ntfs_inode* inode) {
  errno = 0;
  Attribute contents(ntfs_attr_open(inode, AT_DATA, AT_UNNAMED, 0));
  if (!contents) return LastError("its contents cannot be opened");
  return contents;
}

Status WriteWhole(ntfs_attr* attribute, std::span<const std::byte> contents) {
  s64 offset = 0;
  while (!contents.empty()) {
    errno = 0;
    const size_t piece = std::min(contents.size(), kPieceBytes);
    const s64 put = ntfs_attr_pwrite(attribute, offset, static_cast<s64>(piece), contents.data());
    if (put <= 0) return LastError("its contents cannot be written");
    contents = contents.subspan(static_cast<size_t>(put));
    offset += put;
  }
  return OkStatus();
}

// Clusters that become free when the contents go count as well.
Status CheckRoom(Volume& volume, const ntfs_attr* attribute, uint64_t size_bytes) {
  ntfs_volume* library = volume.get();
  if (ntfs_volume_get_free_space(library) != 0) return LastError("the volume's bitmap");
  const uint64_t free_bytes =
      static_cast<uint64_t>(library->free_clusters) * volume.cluster_bytes() +
      static_cast<uint64_t>(attribute->compressed_size);
  if (RoundUp(size_bytes, volume.cluster_bytes()) <= free_bytes) return OkStatus();
  return Status::FromErrno(ENOSPC, "its contents cannot be written");
}

Status Resize(ntfs_attr* attribute, uint64_t size_bytes) {
  errno = 0;
  if (ntfs_attr_truncate_solid(attribute, static_cast<s64>(size_bytes)) == 0) return OkStatus();
  return LastError("it cannot be given its size");
}

// What has holes or is compressed is written anew, since where is written room may be wanted.
Status ReplaceHoled(Volume& volume, ntfs_attr* attribute, std::span<const std::byte> contents) {
  TAPIR_RETURN_IF_ERROR(CheckRoom(volume, attribute, contents.size()));
  const bool compressed = (attribute->data_flags & ATTR_COMPRESSION_MASK) != 0;
  const VolumeFlag compressing(volume.get(), NV_Compression, compressed);
  errno = 0;
  if (ntfs_attr_truncate(attribute, 0) != 0) return LastError("its contents cannot be written");
  TAPIR_RETURN_IF_ERROR(WriteWhole(attribute, contents));
  if (!compressed || contents.empty() || ntfs_attr_pclose(attribute) == 0) return OkStatus();
  return LastError("compression cannot be ended");
}

Status ReplaceSolid(ntfs_attr* attribute, std::span<const std::byte> contents) {
  const auto old_bytes = static_cast<uint64_t>(attribute->data_size);
  if (contents.size() > old_bytes) {
    const Status longer = Resize(attribute, contents.size());
    if (!longer.ok()) {
      (void)Resize(attribute, old_bytes).ok();
      return longer;
    }
  }
  TAPIR_RETURN_IF_ERROR(WriteWhole(attribute, contents));
  return contents.size() < old_bytes ? Resize(attribute, contents.size()) : OkStatus();
}

}  // namespace

Result<std::string> ReadContents(Volume& volume, uint64_t reference, uint64_t most_bytes) {
  TAPIR_ASSIGN_OR_RETURN(const Inode inode, OpenInode(volume, reference));
  TAPIR_RETURN_IF_ERROR(CheckReadable(inode.get()));
  TAPIR_ASSIGN_OR_RETURN(const Attribute attribute, OpenPlainContents(inode.get()));
  const auto size = static_cast<uint64_t>(attribute->data_size);
  if (size > most_bytes) {
    return LimitExceeded("it has " + std::to_string(size) + " bytes, more than " +
                         std::to_string(most_bytes));
  }
  std::string contents;
  while (contents.size() < size) {
    const size_t filled = contents.size();
    contents.resize(std::min<uint64_t>(size, filled + kPieceBytes));
    errno = 0;
    const s64 got = ntfs_attr_pread(attribute.get(), static_cast<s64>(filled),
                                    static_cast<s64>(contents.size() - filled), &contents[filled]);
    if (got <= 0) return LastError("its contents cannot be read");
    contents.resize(filled + static_cast<size_t>(got));
  }
  return contents;
}

Status ReplaceContents(Volume& volume, uint64_t reference, std::span<const std::byte> contents) {
  TAPIR_ASSIGN_OR_RETURN(Inode inode, OpenInode(volume, reference));
  TAPIR_RETURN_IF_ERROR(CheckReadable(inode.get()));
  {
    TAPIR_ASSIGN_OR_RETURN(const Attribute attribute, OpenPlainContents(inode.get()));
    const bool holed =
        (attribute->data_flags & (ATTR_COMPRESSION_MASK | ATTR_IS_SPARSE)) != const_cpu_to_le16(0);
    TAPIR_RETURN_IF_ERROR(holed ? ReplaceHoled(volume, attribute.get(), contents)
                                : ReplaceSolid(attribute.get(), contents));
  }
  inode->flags = static_cast<FILE_ATTR_FLAGS>(inode->flags | FILE_ATTR_ARCHIVE);
  ntfs_inode_update_times(inode.get(), static_cast<ntfs_time_update_flags>(NTFS_UPDATE_MCTIME));
  NInoFileNameSetDirty(inode.get());
  errno = 0;
  if (ntfs_inode_close(inode.release()) != 0) return LastError("it cannot be written");
  return OkStatus();
}

}  // namespace tapir::ntfs
