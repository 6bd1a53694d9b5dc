#include "target/metadata_setter.h"

#include <fcntl.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cerrno>

namespace tapir::target {

namespace {

constexpr char kAccessAcl[] = "system.posix_acl_access";
constexpr char kDefaultAcl[] = "system.posix_acl_default";

bool IsAcl(const Xattr& xattr) { return xattr.name == kAccessAcl || xattr.name == kDefaultAcl; }

Loss LossOf(const std::string& xattr_name) {
  if (xattr_name.starts_with("user.")) return Loss::kUserXattr;
  if (xattr_name.starts_with("trusted.")) return Loss::kTrustedXattr;
  if (xattr_name.starts_with("security.")) return Loss::kSecurityXattr;
  if (xattr_name.starts_with("system.posix_acl_")) return Loss::kAcl;
  return Loss::kOtherXattr;
}

bool ChangeOwner(int fd, uid_t uid, gid_t gid) {
  return ::fchownat(fd, "", uid, gid, AT_EMPTY_PATH) == 0;
}

// Larger ones have meanings of their own to the system (UTIME_NOW).
bool IsValid(const Timestamp& time) { return time.nanoseconds < kNanosecondsPerSecond; }

timespec ToTimespec(const Timestamp& time) {
  return {.tv_sec = time.seconds, .tv_nsec = time.nanoseconds};
}

// The number that means "no change" to chown cannot be an owner.
constexpr uid_t kUnchanged = static_cast<uid_t>(-1);

}  // namespace

MetadataSetter::MetadataSetter(const PosixTargetOptions& options)
    : options_(options),
      user_(::geteuid()),
      group_(::getegid()),
      owners_(options.numeric_owner),
      losses_(options.reporter) {}

Wanted MetadataSetter::Resolve(const Metadata& metadata) {
  Wanted wanted{.uid = owners_.UserOf(metadata),
                .gid = owners_.GroupOf(metadata),
                .mode = metadata.mode & 07777,
                .mtime = metadata.mtime,
                .xattrs = metadata.xattrs};
  if (metadata.has_access_time) wanted.access_time = metadata.access_time;
  return wanted;
}

mode_t MetadataSetter::InitialFileMode(const Wanted& wanted) const {
  mode_t mode = wanted.mode & 0777;
  if (wanted.uid != user_ || wanted.gid != group_) mode &= 0707 | ((mode & 07) << 3);
  if (!wanted.xattrs.empty()) mode |= 0200;
  return mode;
}

void MetadataSetter::RemoveAcls(int fd) {
  // Failure means there is none to remove, or a file system without ACLs.
  const std::string path = ProcPath(fd);
  ::removexattr(path.c_str(), kAccessAcl);
  ::removexattr(path.c_str(), kDefaultAcl);
}

void MetadataSetter::Apply(ObjectHandle handle, const struct stat& now, const Wanted& wanted,
                           bool inherited_acl, std::string_view path) {
  // chown clears set-id bits and capabilities, so it comes before both. chmod may take the right
  // to set user attributes, so it comes after them; it changes an ACL, so before that.
  const Ids ids = SetOwner(handle, now, wanted, path);
  if (options_.restore_xattrs) {
    for (const Xattr& xattr : wanted.xattrs) {
      if (!IsAcl(xattr)) SetXattr(handle, xattr, path);
    }
  }
  if (!S_ISLNK(now.st_mode)) {
    if (inherited_acl) RemoveAcls(handle.fd);
    mode_t mode = wanted.mode;
    if (ids.uid != wanted.uid) mode &= ~mode_t{S_ISUID};
    if (ids.gid != wanted.gid) mode &= ~mode_t{S_ISGID};
    if (mode != wanted.mode) losses_.Add(Loss::kSetId, path, 0);
    SetMode(handle, now.st_mode & 07777, mode, path);
  }
  if (options_.restore_acls) {
    for (const Xattr& xattr : wanted.xattrs) {
      if (IsAcl(xattr)) SetXattr(handle, xattr, path);
    }
  }
  SetTimes(handle, wanted, path);
}

MetadataSetter::Ids MetadataSetter::SetOwner(ObjectHandle handle, const struct stat& now,
                                             const Wanted& wanted, std::string_view path) {
  Ids ids{.uid = now.st_uid, .gid = now.st_gid};
  if (!options_.set_owner || (ids.uid == wanted.uid && ids.gid == wanted.gid)) return ids;
  if (wanted.uid == kUnchanged || wanted.gid == kUnchanged) {
    losses_.Add(Loss::kOwner, path, EINVAL);
    return ids;
  }
  if (ChangeOwner(handle.fd, wanted.uid, wanted.gid)) {
    return {.uid = wanted.uid, .gid = wanted.gid};
  }
  const int error = errno;
  if (ids.gid != wanted.gid && ChangeOwner(handle.fd, kUnchanged, wanted.gid)) ids.gid = wanted.gid;
  if (ids.uid != wanted.uid || ids.gid != wanted.gid) losses_.Add(Loss::kOwner, path, error);
  return ids;
}

void MetadataSetter::SetMode(ObjectHandle handle, mode_t now, mode_t wanted,
                             std::string_view path) {
  // A set-id bit that is there now may be gone since the owner was set.
  if (now == wanted && (wanted & (S_ISUID | S_ISGID)) == 0) return;
  const int failed = handle.is_path_only ? ::chmod(ProcPath(handle.fd).c_str(), wanted)
                                         : ::fchmod(handle.fd, wanted);
  if (failed != 0) losses_.Add(Loss::kMode, path, errno);
}

void MetadataSetter::SetXattr(ObjectHandle handle, const Xattr& xattr, std::string_view path) {
  if (xattr.name.find('\0') != std::string::npos) {
    losses_.Add(Loss::kOtherXattr, path, EINVAL);
    return;
  }
  const char* name = xattr.name.c_str();
  const char* value = xattr.value.data();
  const int failed =
      handle.is_path_only
          ? ::setxattr(ProcPath(handle.fd).c_str(), name, value, xattr.value.size(), 0)
          : ::fsetxattr(handle.fd, name, value, xattr.value.size(), 0);
  if (failed != 0) losses_.Add(LossOf(xattr.name), path, errno);
}

void MetadataSetter::SetTimes(ObjectHandle handle, const Wanted& wanted, std::string_view path) {
  const bool is_valid = IsValid(wanted.mtime) && IsValid(wanted.access_time.value_or(Timestamp{}));
  if (!is_valid) {
    losses_.Add(Loss::kTimes, path, EINVAL);
    return;
  }
  timespec times[2] = {{.tv_sec = 0, .tv_nsec = UTIME_OMIT}, ToTimespec(wanted.mtime)};
  if (wanted.access_time) times[0] = ToTimespec(*wanted.access_time);
  const int failed = handle.is_path_only
                         ? ::utimensat(AT_FDCWD, ProcPath(handle.fd).c_str(), times, 0)
                         : ::futimens(handle.fd, times);
  if (failed != 0) losses_.Add(Loss::kTimes, path, errno);
}

}  // namespace tapir::target
