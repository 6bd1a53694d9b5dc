#include "source/file_state.h"

#include <algorithm>
#include <limits>

namespace tapir::source {
namespace {

constexpr off_t kStatBlockBytes = 512;  // whatever the block size of the file system

}  // namespace

Timestamp ToTimestamp(const timespec& time) {
  return {time.tv_sec, static_cast<uint32_t>(time.tv_nsec)};
}

SourceIdentity IdentityOf(const struct stat& info) {
  return {.device = info.st_dev,
          .inode = info.st_ino,
          .mtime = ToTimestamp(info.st_mtim),
          .ctime = ToTimestamp(info.st_ctim),
          .size = static_cast<uint64_t>(info.st_size)};
}

uint32_t LinkCountOf(const struct stat& info) {
  if (S_ISDIR(info.st_mode)) return 1;
  return static_cast<uint32_t>(
      std::min<uint64_t>(info.st_nlink, std::numeric_limits<uint32_t>::max()));
}

std::optional<ObjectType> TypeOf(const struct stat& info) {
  switch (info.st_mode & S_IFMT) {
    case S_IFREG: return ObjectType::kRegular;
    case S_IFDIR: return ObjectType::kDirectory;
    case S_IFLNK: return ObjectType::kSymlink;
    case S_IFIFO: return ObjectType::kFifo;
    case S_IFCHR: return ObjectType::kCharDevice;
    case S_IFBLK: return ObjectType::kBlockDevice;
    default: return std::nullopt;
  }
}

bool MayHaveHoles(const struct stat& info) {
  return S_ISREG(info.st_mode) && info.st_blocks < info.st_size / kStatBlockBytes;
}

}  // namespace tapir::source
