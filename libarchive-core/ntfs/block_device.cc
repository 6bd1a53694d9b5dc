#include "ntfs/block_device.h"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace tapir::ntfs {
namespace {

BlockDevice& Of(ntfs_device* device) { return *static_cast<BlockDevice*>(device->d_private); }

constexpr unsigned long kOpen = 1ul << ND_Open;
constexpr unsigned long kDirty = 1ul << ND_Dirty;
constexpr unsigned long kReadOnly = 1ul << ND_ReadOnly;

bool Has(const ntfs_device* device, unsigned long flag) { return (device->d_state & flag) != 0; }

int64_t Fail(int error) {
  errno = error;
  return -1;
}

int64_t FailBy(ntfs_device* device, const Status& status) {
  Of(device).NoteFailure(status);
  return Fail(status.sys_errno() != 0 ? status.sys_errno() : EIO);
}

bool SyncImage(ntfs_device* device) {
  const Status synced = Of(device).image().Sync();
  if (!synced.ok()) FailBy(device, synced);
  return synced.ok();
}

int Open(ntfs_device* device, int flags) {
  if (Has(device, kOpen)) return static_cast<int>(Fail(EBUSY));
  device->d_state |= kOpen;
  if ((flags & O_ACCMODE) == O_RDONLY) device->d_state |= kReadOnly;
  return 0;
}

int Close(ntfs_device* device) {
  if (!Has(device, kOpen)) return static_cast<int>(Fail(EBADF));
  const bool synced = !Has(device, kDirty) || SyncImage(device);
  device->d_state &= ~kOpen;
  return synced ? 0 : -1;
}

s64 Pread(ntfs_device* device, void* buffer, s64 count, s64 offset) {
  Image& image = Of(device).image();
  if (count < 0 || offset < 0) return Fail(EINVAL);
  const auto at = static_cast<uint64_t>(offset);
  if (at >= image.size_bytes()) return 0;
  const auto present =
      static_cast<size_t>(std::min(static_cast<uint64_t>(count), image.size_bytes() - at));
  const Status read = image.ReadAt(at, {static_cast<std::byte*>(buffer), present});
  if (!read.ok()) return FailBy(device, read);
  return static_cast<s64>(present);
}

s64 Pwrite(ntfs_device* device, const void* buffer, s64 count, s64 offset) {
  if (Has(device, kReadOnly)) return Fail(EROFS);
  if (count < 0 || offset < 0) return Fail(EINVAL);
  device->d_state |= kDirty;
  const Status written = Of(device).image().WriteAt(
      static_cast<uint64_t>(offset),
      {static_cast<const std::byte*>(buffer), static_cast<size_t>(count)});
  if (!written.ok()) return FailBy(device, written);
  return count;
}

s64 Seek(ntfs_device* device, s64 offset, int whence) {
  BlockDevice& state = Of(device);
  const auto size = static_cast<int64_t>(state.image().size_bytes());
  const int64_t base = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? state.position : size;
  if (offset < -base || offset > size - base) return Fail(EINVAL);
  return state.position = base + offset;
}

s64 Read(ntfs_device* device, void* buffer, s64 count) {
  BlockDevice& state = Of(device);
  const s64 got = Pread(device, buffer, count, state.position);
  if (got > 0) state.position += got;
  return got;
}

s64 Write(ntfs_device* device, const void* buffer, s64 count) {
  BlockDevice& state = Of(device);
  const s64 put = Pwrite(device, buffer, count, state.position);
  if (put > 0) state.position += put;
  return put;
}

int Sync(ntfs_device* device) {
  if (Has(device, kReadOnly) || !Has(device, kDirty)) return 0;
  if (!SyncImage(device)) return -1;
  device->d_state &= ~kDirty;
  return 0;
}

int Stat(ntfs_device* device, struct stat* info) {
  std::memset(info, 0, sizeof *info);
  info->st_mode = S_IFREG;
  info->st_size = static_cast<off_t>(Of(device).image().size_bytes());
  return 0;
}

// Geometry comes from the boot sector then.
int Ioctl(ntfs_device*, unsigned long, void*) { return static_cast<int>(Fail(EOPNOTSUPP)); }

ntfs_device_operations kOperations = {Open,  Close,  Seek, Read, Write,
                                      Pread, Pwrite, Sync, Stat, Ioctl};

}  // namespace

ntfs_device* BlockDevice::Make(const char* name) {
  return ntfs_device_alloc(name, 0, &kOperations, this);
}

}  // namespace tapir::ntfs
