#include "ntfs/image.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include <cerrno>
#include <utility>

#include "base/descriptor.h"
#include "ntfs/disk_image.h"
#include "ntfs/partitions.h"

namespace tapir::ntfs {
namespace {

class RawImage : public Image {
 public:
  RawImage(Descriptor file, uint64_t size_bytes)
      : file_(std::move(file)), size_bytes_(size_bytes) {}

  Status ReadAt(uint64_t offset_bytes, std::span<std::byte> buffer) override {
    while (!buffer.empty()) {
      const ssize_t got =
          ::pread(file_.get(), buffer.data(), buffer.size(), static_cast<off_t>(offset_bytes));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return Status::FromErrno(errno, "the image cannot be read");
      if (got == 0) return Status::FromErrno(EIO, "the image ends too early");
      buffer = buffer.subspan(static_cast<size_t>(got));
      offset_bytes += static_cast<uint64_t>(got);
    }
    return OkStatus();
  }

  Status WriteAt(uint64_t offset_bytes, std::span<const std::byte> data) override {
    while (!data.empty()) {
      const ssize_t put =
          ::pwrite(file_.get(), data.data(), data.size(), static_cast<off_t>(offset_bytes));
      if (put < 0 && errno == EINTR) continue;
      if (put < 0)
        return Status::FromErrno(errno == EBADF ? EROFS : errno, "the image cannot be written");
      data = data.subspan(static_cast<size_t>(put));
      offset_bytes += static_cast<uint64_t>(put);
    }
    return OkStatus();
  }

  Status Sync() override {
    return ::fsync(file_.get()) == 0 ? OkStatus()
                                     : Status::FromErrno(errno, "the image cannot be synced");
  }
  uint64_t size_bytes() const override { return size_bytes_; }

 private:
  Descriptor file_;
  uint64_t size_bytes_;
};

class WindowImage : public Image {
 public:
  WindowImage(std::unique_ptr<Image> whole, uint64_t offset_bytes, uint64_t size_bytes)
      : whole_(std::move(whole)), offset_bytes_(offset_bytes), size_bytes_(size_bytes) {}

  Status ReadAt(uint64_t offset_bytes, std::span<std::byte> buffer) override {
    if (!Fits(offset_bytes, buffer.size()))
      return Status::FromErrno(EIO, "the volume ends too early");
    return whole_->ReadAt(offset_bytes_ + offset_bytes, buffer);
  }
  Status WriteAt(uint64_t offset_bytes, std::span<const std::byte> data) override {
    if (!Fits(offset_bytes, data.size()))
      return Status::FromErrno(EIO, "the volume ends too early");
    return whole_->WriteAt(offset_bytes_ + offset_bytes, data);
  }
  Status Sync() override { return whole_->Sync(); }
  uint64_t size_bytes() const override { return size_bytes_; }

 private:
  bool Fits(uint64_t offset_bytes, size_t count) const {
    return offset_bytes <= size_bytes_ && count <= size_bytes_ - offset_bytes;
  }

  std::unique_ptr<Image> whole_;
  uint64_t offset_bytes_;
  uint64_t size_bytes_;
};

Result<uint64_t> SizeOf(int file) {
  struct stat info;
  if (::fstat(file, &info) != 0) return Status::FromErrno(errno, "cannot be looked at");
  if (S_ISREG(info.st_mode)) return static_cast<uint64_t>(info.st_size);
  if (!S_ISBLK(info.st_mode)) return InvalidArgument("is neither a file nor a block device");
  uint64_t size_bytes = 0;
  if (::ioctl(file, BLKGETSIZE64, &size_bytes) != 0) return Status::FromErrno(errno, "has no size");
  return size_bytes;
}

Result<Partition> OnlyNtfs(Image& disk, const std::vector<Partition>& partitions) {
  std::vector<Partition> found;
  for (const Partition& partition : partitions) {
    if (HoldsNtfs(disk, partition.offset_bytes)) found.push_back(partition);
  }
  if (found.size() == 1) return found.front();
  if (found.empty()) return InvalidArgument("holds no NTFS volume");
  std::string numbers;
  for (const Partition& partition : found) numbers += " #" + std::to_string(partition.number);
  return InvalidArgument("holds several NTFS volumes; name one of" + numbers);
}

// By its number, else the only one that holds an NTFS volume.
Result<Partition> ChosenPartition(Image& disk, const NtfsAddress& address) {
  TAPIR_ASSIGN_OR_RETURN(const std::vector<Partition> partitions, ReadPartitions(disk));
  if (!address.partition) return OnlyNtfs(disk, partitions);
  for (const Partition& partition : partitions) {
    if (partition.number != *address.partition) continue;
    if (HoldsNtfs(disk, partition.offset_bytes)) return partition;
    return InvalidArgument("partition " + std::to_string(partition.number) +
                           " holds no NTFS volume");
  }
  return InvalidArgument("has no partition " + std::to_string(*address.partition));
}

}  // namespace

Result<std::unique_ptr<Image>> OpenRawImage(const std::string& path, bool writable) {
  Descriptor file(::open(path.c_str(), (writable ? O_RDWR : O_RDONLY) | O_CLOEXEC));
  if (!file) return Status::FromErrno(errno, "cannot be opened");
  TAPIR_ASSIGN_OR_RETURN(const uint64_t size_bytes, SizeOf(file.get()));
  if (::flock(file.get(), (writable ? LOCK_EX : LOCK_SH) | LOCK_NB) != 0) {
    return Busy("is being written by another process");
  }
  return std::unique_ptr<Image>(new RawImage(std::move(file), size_bytes));
}

std::unique_ptr<Image> Window(std::unique_ptr<Image> whole, uint64_t offset_bytes,
                              uint64_t size_bytes) {
  return std::make_unique<WindowImage>(std::move(whole), offset_bytes, size_bytes);
}

Result<std::unique_ptr<Image>> OpenVolumeImage(const NtfsAddress& address, bool writable) {
  TAPIR_ASSIGN_OR_RETURN(std::unique_ptr<Image> disk, OpenDiskImage(address.image, writable));
  if (address.offset_bytes) {
    const uint64_t offset_bytes = *address.offset_bytes;
    if (!HoldsNtfs(*disk, offset_bytes)) {
      return InvalidArgument("no NTFS volume begins at byte " + std::to_string(offset_bytes));
    }
    const uint64_t rest = disk->size_bytes() - offset_bytes;
    return Window(std::move(disk), offset_bytes, rest);
  }
  if (!address.partition && HoldsNtfs(*disk, 0)) return disk;
  TAPIR_ASSIGN_OR_RETURN(const Partition partition, ChosenPartition(*disk, address));
  return Window(std::move(disk), partition.offset_bytes, partition.size_bytes);
}

}  // namespace tapir::ntfs

namespace tapir {

Result<std::string> MountedDeviceOf(const NtfsAddress& address) {
  TAPIR_ASSIGN_OR_RETURN(std::unique_ptr<ntfs::Image> disk,
                         ntfs::OpenDiskImage(address.image, false));
  if (!address.partition && !address.offset_bytes && ntfs::HoldsNtfs(*disk, 0)) {
    return std::string();
  }
  if (!address.offset_bytes) {
    TAPIR_ASSIGN_OR_RETURN(ntfs::Partition partition, ntfs::ChosenPartition(*disk, address));
    return partition.mounted_device;
  }
  TAPIR_ASSIGN_OR_RETURN(const std::vector<ntfs::Partition> partitions,
                         ntfs::ReadPartitions(*disk));
  for (const ntfs::Partition& partition : partitions) {
    if (partition.offset_bytes == *address.offset_bytes) return partition.mounted_device;
  }
  return std::string();
}

}  // namespace tapir
