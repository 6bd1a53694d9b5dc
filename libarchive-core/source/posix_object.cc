#include "source/posix_object.h"

#include <fcntl.h>
#include <sys/sysmacros.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "source/file_state.h"
#include "source/xattrs.h"

namespace tapir::source {
namespace {

constexpr mode_t kPermissionBits = 07777;
constexpr size_t kFirstLinkBytes = 256;

Status Replaced() { return NotFound("was replaced by something else while it was archived"); }

/// What a failed open means: gone, not what was listed, or there and not to be had.
Status OpenFailure(int error) {
  switch (error) {
    case ENOENT: return NotFound("vanished before it could be read");
    case ELOOP:
    case ENOTDIR:
    case ENXIO: return Replaced();
    default: return Status::FromErrno(error, "cannot open");
  }
}

/// A directory on the way that is gone takes the object with it.
Status ParentFailure(Status status) {
  if (status.code() == StatusCode::kNotFound) return status;
  return OpenFailure(status.sys_errno());
}

int FlagsFor(ObjectType type) {
  switch (type) {
    case ObjectType::kRegular: return O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_NOATIME;
    case ObjectType::kDirectory: return O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_NOATIME;
    default: return O_PATH | O_NOFOLLOW;
  }
}

bool IsDevice(ObjectType type) {
  return type == ObjectType::kCharDevice || type == ObjectType::kBlockDevice;
}

Result<std::string> ReadLink(int fd) {
  for (std::string target(kFirstLinkBytes, '\0');; target.resize(target.size() * 4)) {
    const ssize_t got = ::readlinkat(fd, "", target.data(), target.size());
    if (got < 0) return Status::FromErrno(errno, "cannot read the symbolic link");
    // A full buffer may have cut it.
    if (static_cast<size_t>(got) < target.size()) {
      target.resize(static_cast<size_t>(got));
      return target;
    }
  }
}

/// Keeps extents apart from each other also when the file is written to while it is asked.
void Append(std::vector<Extent>& extents, off_t begin, off_t end) {
  const auto offset = static_cast<uint64_t>(begin);
  const auto length = static_cast<uint64_t>(end - begin);
  if (!extents.empty() && extents.back().offset_bytes + extents.back().length_bytes == offset) {
    extents.back().length_bytes += length;
  } else {
    extents.push_back({offset, length});
  }
}

}  // namespace

PosixObject::PosixObject(std::shared_ptr<SourceContext> context, DirectoryRef parent,
                         std::string path, ObjectType type, const SourceIdentity& identity)
    : context_(std::move(context)),
      parent_(std::move(parent)),
      path_(std::move(path)),
      name_offset_(path_.rfind('/') + 1),
      type_(type),
      listed_(identity) {}

Status PosixObject::Open(Metadata& metadata, std::vector<std::string>& warnings) {
  metadata.path = path_;
  metadata.type = type_;
  struct stat info;
  Status status = OpenDescriptor(info);
  if (!descriptor_) return status;
  Fill(info, metadata, warnings);
  if (status.ok() && type_ == ObjectType::kSymlink) {
    TAPIR_ASSIGN_OR_RETURN(metadata.link_target, ReadLink(descriptor_.get()));
  }
  return status;
}

/// On failure there is a descriptor all the same if it is good for the metadata.
Status PosixObject::OpenDescriptor(struct stat& info) {
  Result<SharedDescriptor> parent = context_->directories->Acquire(parent_);
  if (!parent.ok()) return ParentFailure(std::move(parent).status());
  const int parent_fd = (*parent)->get();
  Status status;
  descriptor_ = context_->directories->OpenAt(parent_fd, name(), FlagsFor(type_));
  readable_ = static_cast<bool>(descriptor_);
  if (!readable_) {
    status = OpenFailure(errno);
    if (status.code() == StatusCode::kNotFound) return status;
    descriptor_ = context_->directories->OpenAt(parent_fd, name(), O_PATH | O_NOFOLLOW);
    if (!descriptor_) return status;
  }
  if (::fstat(descriptor_.get(), &info) != 0) {
    status = Status::FromErrno(errno, "cannot read its state");
    descriptor_ = Descriptor();
    return status;
  }
  opened_ = IdentityOf(info);
  if (opened_.device != listed_.device || opened_.inode != listed_.inode || TypeOf(info) != type_) {
    descriptor_ = Descriptor();
    return Replaced();
  }
  // A directory whose entries may not be listed is archived by its metadata alone.
  return type_ == ObjectType::kDirectory ? OkStatus() : status;
}

void PosixObject::Fill(const struct stat& info, Metadata& metadata,
                       std::vector<std::string>& warnings) const {
  metadata.mode = info.st_mode & kPermissionBits;
  metadata.uid = info.st_uid;
  metadata.gid = info.st_gid;
  metadata.owner_name = context_->owners.User(info.st_uid);
  metadata.group_name = context_->owners.Group(info.st_gid);
  metadata.mtime = ToTimestamp(info.st_mtim);
  metadata.link_count = LinkCountOf(info);
  metadata.size = type_ == ObjectType::kRegular ? opened_.size : 0;
  if (IsDevice(type_)) {
    metadata.device_major = major(info.st_rdev);
    metadata.device_minor = minor(info.st_rdev);
  }
  if (context_->access_times) {
    metadata.has_access_time = true;
    metadata.access_time = ToTimestamp(info.st_atim);
  }
  const bool by_path = !readable_ || (FlagsFor(type_) & O_PATH) != 0;
  metadata.xattrs = ReadXattrs(
      descriptor_.get(), by_path ? XattrAccess::kPathOnly : XattrAccess::kDescriptor, warnings);
}

Status PosixObject::OpenUnchanged() {
  struct stat info;
  TAPIR_RETURN_IF_ERROR(OpenDescriptor(info));
  if (opened_ == listed_) return OkStatus();
  descriptor_ = Descriptor();
  return NotFound("has changed since it was read");
}

Result<size_t> PosixObject::ReadAt(uint64_t offset_bytes, std::span<std::byte> buffer) {
  if (!readable_ || offset_bytes >= opened_.size) return size_t{0};
  const size_t wanted = std::min<uint64_t>(buffer.size(), opened_.size - offset_bytes);
  size_t done = 0;
  while (done < wanted) {
    const ssize_t got = ::pread(descriptor_.get(), buffer.data() + done, wanted - done,
                                static_cast<off_t>(offset_bytes + done));
    if (got < 0) {
      if (errno == EINTR) continue;
      return Status::FromErrno(errno, "cannot read at byte " + std::to_string(offset_bytes + done));
    }
    if (got == 0) {
      ended_early_ = true;
      break;
    }
    done += static_cast<size_t>(got);
  }
  return done;
}

Result<std::vector<Extent>> PosixObject::Extents(uint64_t size_bytes) {
  std::vector<Extent> extents;
  const off_t size = static_cast<off_t>(size_bytes);
  for (off_t at = 0; at < size;) {
    const off_t data = ::lseek(descriptor_.get(), at, SEEK_DATA);
    if (data < 0 && errno == ENXIO) break;  // only a hole is left
    const off_t hole = data < 0 ? -1 : ::lseek(descriptor_.get(), data, SEEK_HOLE);
    if (hole < 0) {
      if (errno != EINVAL && errno != ENOTSUP && errno != ENXIO) {
        return Status::FromErrno(errno, "cannot find its holes");
      }
      // No holes known here, or the file was cut meanwhile: the rest is read as data.
      Append(extents, at, size);
      break;
    }
    if (data >= size) break;
    Append(extents, data, std::min(hole, size));
    at = hole;
  }
  return extents;
}

ObjectStatus PosixObject::Close() {
  const Descriptor descriptor = std::move(descriptor_);
  if (!descriptor || !readable_ || type_ != ObjectType::kRegular) return ObjectStatus::kOk;
  struct stat info;
  if (::fstat(descriptor.get(), &info) != 0) return ObjectStatus::kChanged;
  const SourceIdentity now = IdentityOf(info);
  if (now.size < opened_.size || ended_early_) return ObjectStatus::kShort;
  return now == opened_ ? ObjectStatus::kOk : ObjectStatus::kChanged;
}

}  // namespace tapir::source
