#include "tapir/target/posix_target.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

#include "tapir/object/path_order.h"
#include "target/linking.h"
#include "target/nodes.h"
#include "target/restored_file.h"
#include "target/shared.h"

namespace tapir {

using target::CannotCreate;
using target::DirectoryCache;
using target::Made;
using target::Place;
using target::Wanted;

struct PosixTarget::State : target::Shared {
  State(const PosixTargetOptions& options, Descriptor root_fd, bool made_root)
      : Shared(options, std::move(root_fd)), root_is_made(made_root) {}

  Status MakeDirectoryAt(const Place& place, bool& was_there);
  Status CorrectDirectory(const std::string& path, const Wanted& wanted, bool taken_over);

  const bool root_is_made;
};

namespace {

Result<Place> PlaceFor(target::Shared& shared, const std::string& path) {
  Result<Place> place = shared.Locate(path, DirectoryCache::Missing::kMake);
  if (!place.ok()) return std::move(place).status().Annotate("cannot create '" + path + "'");
  return place;
}

}  // namespace

Result<std::unique_ptr<PosixTarget>> PosixTarget::Open(const PosixTargetOptions& options) {
  const std::string& directory = options.directory;
  const std::string quoted = "'" + directory + "'";
  std::error_code failed;
  const bool is_made = std::filesystem::create_directories(directory, failed);
  if (failed && failed.value() != ENOTDIR && failed.value() != EEXIST) {
    return Status::FromErrno(failed.value(), "cannot create target directory " + quoted);
  }
  Descriptor root(::open(directory.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!root && errno == ENOTDIR) return InvalidArgument("target " + quoted + " is not a directory");
  if (!root) return Status::FromErrno(errno, "cannot open target directory " + quoted);
  if (::faccessat(AT_FDCWD, directory.c_str(), W_OK | X_OK, AT_EACCESS) != 0) {
    return Status::FromErrno(errno, "cannot restore into " + quoted);
  }
  return std::unique_ptr<PosixTarget>(
      new PosixTarget(std::make_unique<State>(options, std::move(root), is_made)));
}

PosixTarget::PosixTarget(std::unique_ptr<State> state) : state_(std::move(state)) {}
PosixTarget::~PosixTarget() = default;

Status PosixTarget::MakeDirectory(const Metadata& metadata) {
  const std::string& path = metadata.path;
  bool was_there = false;
  if (path == ".") {
    was_there = !state_->root_is_made;
  } else {
    TAPIR_ASSIGN_OR_RETURN(const Place place, PlaceFor(*state_, path));
    TAPIR_RETURN_IF_ERROR(state_->MakeDirectoryAt(place, was_there));
    if (state_->paths.Find(place.hash) == Made::kDirectory) was_there = false;
  }
  if (!was_there || state_->in_the_way.may_be_replaced) {
    state_->paths.SetDirectoryMetadata(path, state_->setter.Resolve(metadata), was_there);
  }
  return OkStatus();
}

Status PosixTarget::State::MakeDirectoryAt(const Place& place, bool& was_there) {
  const int parent = place.parent_fd();
  // Others get in when the owner is set; until then the owner may write whatever the mode.
  constexpr mode_t kMeanwhile = 0700;
  int error = ::mkdirat(parent, place.name, kMeanwhile) == 0 ? 0 : errno;
  if (error == EEXIST) {
    struct stat found {};
    if (::fstatat(parent, place.name, &found, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(found.st_mode)) {
      was_there = true;
      return OkStatus();
    }
    if (!in_the_way.may_be_replaced) return CannotCreate(*place.path, EEXIST);
    error = ::unlinkat(parent, place.name, 0) == 0 || errno == ENOENT ? 0 : errno;
    if (error == 0) error = ::mkdirat(parent, place.name, kMeanwhile) == 0 ? 0 : errno;
  }
  if (error != 0) return CannotCreate(*place.path, error);
  directories.Forget(place.hash);
  if (place.parent->has_default_acl) {
    const Descriptor made(
        ::openat(parent, place.name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (made) setter.RemoveAcls(made.get());
  }
  return OkStatus();
}

Status PosixTarget::MakeFile(const Metadata& metadata, std::span<const std::byte> contents) {
  TAPIR_ASSIGN_OR_RETURN(const Place place, PlaceFor(*state_, metadata.path));
  const Wanted wanted = state_->setter.Resolve(metadata);
  constexpr int kFlags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
  Descriptor fd(
      ::openat(place.parent_fd(), place.name, kFlags, state_->setter.InitialFileMode(wanted)));
  if (!fd) {
    if (errno != EEXIST || !state_->in_the_way.may_be_replaced) {
      return CannotCreate(metadata.path, errno);
    }
    TAPIR_ASSIGN_OR_RETURN(const std::unique_ptr<TargetFile> file, OpenFile(metadata));
    TAPIR_RETURN_IF_ERROR(file->WriteAt(0, contents));
    return file->Commit(metadata, contents.size());
  }
  int error = target::FileWriter(fd.get(), state_->write_buffers).WriteAt(0, contents);
  struct stat now {};
  if (error == 0 && ::fstat(fd.get(), &now) != 0) error = errno;
  if (error == 0) {
    state_->setter.Apply({.fd = fd.get()}, now, wanted, place.parent->has_default_acl,
                         metadata.path);
    error = fd.Close();
  }
  if (error != 0) {
    ::unlinkat(place.parent_fd(), place.name, 0);
    return Status::FromErrno(error, "cannot write '" + metadata.path + "'");
  }
  state_->paths.Add(place.hash, Made::kFile);
  return OkStatus();
}

Result<std::unique_ptr<TargetFile>> PosixTarget::OpenFile(const Metadata& metadata) {
  return target::RestoredFile::Create(*state_, metadata.path);
}

Status PosixTarget::MakeNode(const Metadata& metadata) {
  TAPIR_ASSIGN_OR_RETURN(const Place place, PlaceFor(*state_, metadata.path));
  return target::MakeNode(*state_, place, metadata);
}

Status PosixTarget::MakeHardLink(const std::string& primary_path, const Metadata& metadata) {
  TAPIR_RETURN_IF_ERROR(CheckPath(primary_path));
  TAPIR_ASSIGN_OR_RETURN(const Place place, PlaceFor(*state_, metadata.path));
  return target::MakeHardLink(*state_, primary_path, place, metadata);
}

Result<DataRead> PosixTarget::ReadBack(const std::string& path, uint64_t offset_bytes,
                                       std::span<std::byte> buffer) {
  TAPIR_ASSIGN_OR_RETURN(const Descriptor fd, state_->OpenMade(path));
  return target::ReadNextData(fd.get(), buffer, offset_bytes, path);
}

Result<uint64_t> PosixTarget::FreeBytes() {
  TAPIR_ASSIGN_OR_RETURN(const auto root, state_->directories.Open(".", state_->hasher.Hash("."),
                                                                   DirectoryCache::Missing::kFail));
  struct statvfs found {};
  if (::fstatvfs(root->fd.get(), &found) != 0) {
    return Status::FromErrno(errno, "cannot see how much room is left");
  }
  return uint64_t{found.f_bavail} * found.f_frsize;
}

Status PosixTarget::Remove(const std::string& path) {
  TAPIR_RETURN_IF_ERROR(CheckPath(path));
  const uint64_t hash = state_->hasher.Hash(path);
  const Made made = state_->paths.Find(hash);
  if (path == "." || made == Made::kNothing) return target::WasNotRestored(path);
  if (made != Made::kSkippedNode) {
    TAPIR_ASSIGN_OR_RETURN(const Place place, state_->Locate(path, DirectoryCache::Missing::kFail));
    const int flags = made == Made::kDirectory ? AT_REMOVEDIR : 0;
    if (::unlinkat(place.parent_fd(), place.name, flags) != 0 && errno != ENOENT) {
      return Status::FromErrno(errno, "cannot remove '" + path + "'");
    }
  }
  state_->directories.Forget(hash);
  state_->paths.Forget(hash);
  return OkStatus();
}

Status PosixTarget::Finish() {
  Status first;
  state_->paths.VisitDirectoriesDeepestFirst(
      [&](const std::string& path, const Wanted& wanted, bool taken_over) {
        Status status = state_->CorrectDirectory(path, wanted, taken_over);
        if (!status.ok() && first.ok())
          first = std::move(status).Annotate("cannot finish '" + path + "'");
      });
  state_->setter.losses().ReportTotals();
  return first;
}

Status PosixTarget::State::CorrectDirectory(const std::string& path, const Wanted& wanted,
                                            bool taken_over) {
  int parent_fd = -1;
  bool inherited_acl = taken_over;
  Place place;
  std::shared_ptr<const target::Directory> root;
  if (path == ".") {
    TAPIR_ASSIGN_OR_RETURN(
        root, directories.Open(path, hasher.Hash(path), DirectoryCache::Missing::kFail));
    parent_fd = root->fd.get();
    inherited_acl |= root->has_default_acl;
  } else {
    TAPIR_ASSIGN_OR_RETURN(place, Locate(path, DirectoryCache::Missing::kFail));
    parent_fd = place.parent_fd();
    inherited_acl |= place.parent->has_default_acl;
  }
  const char* name = path == "." ? "." : place.name;
  constexpr int kFlags = O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
  bool is_path_only = false;
  Descriptor fd(::openat(parent_fd, name, O_RDONLY | kFlags));
  if (!fd && errno == EACCES) {
    is_path_only = true;
    fd = Descriptor(::openat(parent_fd, name, O_PATH | kFlags));
  }
  struct stat now {};
  if (!fd || ::fstat(fd.get(), &now) != 0) return Status::FromErrno(errno, "cannot open");
  setter.Apply({.fd = fd.get(), .is_path_only = is_path_only}, now, wanted, inherited_acl, path);
  return OkStatus();
}

}  // namespace tapir
