#include "target/nodes.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <cerrno>

namespace tapir::target {

namespace {

// The S_IF* of a node; 0 if the object is none.
mode_t FileTypeOf(ObjectType type) {
  switch (type) {
    case ObjectType::kSymlink: return S_IFLNK;
    case ObjectType::kFifo: return S_IFIFO;
    case ObjectType::kCharDevice: return S_IFCHR;
    case ObjectType::kBlockDevice: return S_IFBLK;
    default: return 0;
  }
}

bool IsDevice(mode_t type) { return type == S_IFCHR || type == S_IFBLK; }

// 0 or errno.
int CreateNode(int parent, const char* name, mode_t type, mode_t mode, const Metadata& metadata) {
  const int failed =
      type == S_IFLNK
          ? ::symlinkat(metadata.link_target.c_str(), parent, name)
          : ::mknodat(parent, name, type | mode,
                      IsDevice(type) ? makedev(metadata.device_major, metadata.device_minor) : 0);
  return failed == 0 ? 0 : errno;
}

// A node cannot be opened without effects, so it is looked at through O_PATH; what another program
// put in its place meanwhile is left alone.
Status SetMetadata(Shared& shared, const Place& place, const char* name, mode_t type,
                   const Wanted& wanted) {
  const Descriptor fd(::openat(place.parent_fd(), name, O_PATH | O_NOFOLLOW | O_CLOEXEC));
  struct stat now {};
  if (!fd || ::fstat(fd.get(), &now) != 0) return CannotCreate(*place.path, errno);
  if ((now.st_mode & S_IFMT) != type || now.st_nlink > 1) {
    return Exists("cannot create '" + *place.path + "': another program replaced it");
  }
  shared.setter.Apply({.fd = fd.get(), .is_path_only = true}, now, wanted,
                      place.parent->has_default_acl, *place.path);
  return OkStatus();
}

}  // namespace

Status MakeNode(Shared& shared, const Place& place, const Metadata& metadata) {
  const mode_t type = FileTypeOf(metadata.type);
  if (type == 0) return InvalidArgument("'" + metadata.path + "' is no link, FIFO or device node");
  if (metadata.link_target.find('\0') != std::string::npos) {
    return InvalidArgument("the target of link '" + metadata.path + "' holds a NUL");
  }
  const Wanted wanted = shared.setter.Resolve(metadata);
  const auto create = [&](const char* name) {
    return CreateNode(place.parent_fd(), name, type, shared.setter.InitialFileMode(wanted),
                      metadata);
  };
  const int error = create(place.name);
  if (error == EPERM && IsDevice(type)) {
    shared.setter.losses().Add(Loss::kDeviceNode, metadata.path, error);
    shared.paths.Add(place.hash, Made::kSkippedNode);
    return OkStatus();
  }
  if (error == EEXIST && shared.in_the_way.may_be_replaced) {
    TAPIR_ASSIGN_OR_RETURN(const std::string temporary, MakeTemporary(place, create));
    TAPIR_RETURN_IF_ERROR(SetMetadata(shared, place, temporary.c_str(), type, wanted));
    TAPIR_RETURN_IF_ERROR(MoveIntoPlace(place, temporary, shared.in_the_way));
  } else {
    if (error != 0) return CannotCreate(metadata.path, error);
    TAPIR_RETURN_IF_ERROR(SetMetadata(shared, place, place.name, type, wanted));
  }
  shared.paths.Add(place.hash, Made::kNode);
  return OkStatus();
}

}  // namespace tapir::target
