#include "ntfs/volume.h"

#include <cerrno>
#include <mutex>
#include <utility>

#include "ntfs/volume_flag.h"

namespace tapir::ntfs {
namespace {

void PrepareLibrary() {
  static std::once_flag once;
  std::call_once(once, [] {
    // What goes wrong is told by who called.
    ntfs_log_set_handler(ntfs_log_handler_null);
    ntfs_set_char_encoding("UTF-8");
  });
}

Status MountFailure(const std::string& name) {
  switch (errno) {
    case EPERM:
    case EBUSY:
      return Busy(name +
                  ": Windows left it hibernated or not unmounted; let Windows shut down "
                  "completely, or run ntfsfix");
    case EIO:
    case EINVAL: return Corrupt(name + ": the NTFS volume is damaged");
    default: return LastError((name + ": cannot be mounted").c_str());
  }
}

}  // namespace

Status LastError(const char* doing_what) {
  return Status::FromErrno(errno != 0 ? errno : EIO, doing_what);
}

Result<std::shared_ptr<Volume>> Volume::Mount(std::unique_ptr<Image> image, const std::string& name,
                                              bool writable) {
  PrepareLibrary();
  std::shared_ptr<Volume> volume(new Volume(std::move(image)));
  ntfs_device* device = volume->device_.Make(name.c_str());
  if (device == nullptr) return LastError("no memory");
  volume->volume_ = ntfs_device_mount(device, writable ? NTFS_MNT_NONE : NTFS_MNT_RDONLY);
  if (volume->volume_ == nullptr) {
    Status failure = MountFailure(name);
    ntfs_device_free(device);
    return failure;
  }
  volume->volume_->efs_raw = TRUE;
  volume->MakeCaches();
  // What is made in a compressed directory would become so, and could not be encrypted then.
  VolumeFlag::Clear(volume->volume_, NV_Compression);
  ntfs_set_shown_files(volume->volume_, FALSE, TRUE, FALSE);
  if (ntfs_open_secure(volume->volume_) != 0 && writable) {
    return LastError((name + ": $Secure cannot be opened").c_str());
  }
  return volume;
}

// As the library does where it mounts by a file's name. Without the one of lookups it loses memory
// wherever it looks for its own index files, and finds these by names of any case only. That of
// records does not look at sequence numbers, which tell damage.
void Volume::MakeCaches() {
  ntfs_create_lru_caches(volume_);
  record_cache_ = std::exchange(volume_->nidata_cache, nullptr);
}

Volume::~Volume() {
  if (volume_ != nullptr) (void)Unmount().ok();
}

Status Volume::Judge(Status failure) const {
  if (failure.ok()) return failure;
  if (!device_.failure().ok()) return device_.failure();
  return failure.sys_errno() == EIO ? DeviceError(failure.message()) : failure;
}

Status Volume::Unmount() {
  volume_->nidata_cache = record_cache_;
  ntfs_close_secure(volume_);
  const int failed = ntfs_umount(std::exchange(volume_, nullptr), FALSE);
  if (!device_.failure().ok()) return device_.failure();
  return failed == 0 ? OkStatus() : LastError("the NTFS volume cannot be unmounted");
}

}  // namespace tapir::ntfs
