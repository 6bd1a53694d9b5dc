#include "target/restored_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace tapir::target {

namespace {

constexpr std::string_view kPartialSuffix = ".tapir-partial";

// The suffix is worth more than the end of a very long name.
std::string PartialPath(const std::string& path) {
  constexpr size_t kLongestNameBytes = 255;
  const size_t slash = path.rfind('/');
  const size_t name_begin = slash == std::string::npos ? 0 : slash + 1;
  const size_t kept_bytes =
      std::min(path.size() - name_begin, kLongestNameBytes - kPartialSuffix.size());
  return path.substr(0, name_begin + kept_bytes).append(kPartialSuffix);
}

// Half a program must not run with somebody's rights.
Metadata WithoutPrivileges(Metadata metadata) {
  metadata.mode &= 0777;
  std::erase_if(metadata.xattrs,
                [](const Xattr& xattr) { return xattr.name == "security.capability"; });
  return metadata;
}

}  // namespace

Result<std::unique_ptr<TargetFile>> RestoredFile::Create(Shared& shared, const std::string& path) {
  std::unique_ptr<RestoredFile> file(new RestoredFile(shared, path));
  TAPIR_ASSIGN_OR_RETURN(file->place_, shared.Locate(file->path_, DirectoryCache::Missing::kMake));
  const int parent = file->place_.parent_fd();
  struct stat found {};
  if (!shared.in_the_way.may_be_replaced &&
      ::fstatat(parent, file->place_.name, &found, AT_SYMLINK_NOFOLLOW) == 0) {
    return CannotCreate(path, EEXIST);  // at once, not after everything was written
  }
  TAPIR_ASSIGN_OR_RETURN(file->temporary_, MakeTemporary(file->place_, [&](const char* name) {
                           constexpr int kFlags =
                               O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
                           file->fd_ = Descriptor(::openat(parent, name, kFlags, 0600));
                           return file->fd_ ? 0 : errno;
                         }));
  file->writer_.emplace(file->fd_.get(), shared.write_buffers);
  return std::unique_ptr<TargetFile>(std::move(file));
}

RestoredFile::~RestoredFile() { Discard(); }

Status RestoredFile::WriteAt(uint64_t offset_bytes, std::span<const std::byte> data) {
  const int error = writer_->WriteAt(offset_bytes, data);
  return error == 0 ? OkStatus() : CannotWrite(error);
}

Status RestoredFile::Commit(const Metadata& metadata, uint64_t size_bytes) {
  TAPIR_RETURN_IF_ERROR(Complete(metadata, size_bytes, place_));
  shared_.paths.Add(place_.hash, Made::kFile);
  return OkStatus();
}

Status RestoredFile::KeepPartial(const Metadata& metadata, uint64_t size_bytes) {
  const std::string path = PartialPath(path_);
  Place place = place_;
  place.path = &path;
  place.name = path.c_str() + (place_.name - path_.c_str());
  return Complete(WithoutPrivileges(metadata), size_bytes, place);
}

Status RestoredFile::Complete(const Metadata& metadata, uint64_t size_bytes, const Place& place) {
  if (temporary_.empty()) return Internal("'" + path_ + "' was completed before");
  // Without a descriptor it is complete, and its place was refused: it may get another one.
  if (fd_) {
    Status completed = CompleteContents(metadata, size_bytes, place);
    if (!completed.ok()) {
      Discard();
      temporary_.clear();
      return completed;
    }
  }
  TAPIR_RETURN_IF_ERROR(TryToMoveIntoPlace(place, temporary_, shared_.in_the_way));
  temporary_.clear();
  return OkStatus();
}

Status RestoredFile::CompleteContents(const Metadata& metadata, uint64_t size_bytes,
                                      const Place& place) {
  struct stat now {};
  if (::fstat(fd_.get(), &now) != 0) return CannotWrite(errno);
  const auto size = static_cast<off_t>(size_bytes);
  if (now.st_size != size && ::ftruncate(fd_.get(), size) != 0) return CannotWrite(errno);
  shared_.setter.Apply({.fd = fd_.get()}, now, shared_.setter.Resolve(metadata),
                       place.parent->has_default_acl, *place.path);
  const int error = fd_.Close();
  return error == 0 ? OkStatus() : CannotWrite(error);
}

Status RestoredFile::CannotWrite(int sys_errno) const {
  return Status::FromErrno(sys_errno, "cannot write '" + path_ + "'");
}

void RestoredFile::Discard() {
  if (!temporary_.empty()) ::unlinkat(place_.parent_fd(), temporary_.c_str(), 0);
}

}  // namespace tapir::target
