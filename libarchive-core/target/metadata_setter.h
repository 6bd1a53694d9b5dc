#pragma once

#include <sys/stat.h>

#include <optional>
#include <span>
#include <string_view>

#include "tapir/object/metadata.h"
#include "tapir/target/posix_target.h"
#include "target/losses.h"
#include "target/object_handle.h"
#include "target/owners.h"

namespace tapir::target {

/// The metadata that an object is to have, with the ids of this system.
struct Wanted {
  uid_t uid = 0;
  gid_t gid = 0;
  mode_t mode = 0;  ///< 07777 only; not used for symbolic links
  Timestamp mtime;
  std::optional<Timestamp> access_time;
  std::span<const Xattr> xattrs;  ///< borrowed
};

/// Sets owner, attributes, mode, ACLs and times through descriptors, in the order in which none
/// undoes another. What cannot be set is counted as a loss. Thread-safe.
class MetadataSetter {
 public:
  explicit MetadataSetter(const PosixTargetOptions& options);

  /// What `metadata` means here. Borrows its xattrs.
  Wanted Resolve(const Metadata& metadata);

  /// Permission bits to create a file with: `wanted.mode` as far as nobody gets in by them before
  /// the owner is set, and writable if attributes are to come.
  mode_t InitialFileMode(const Wanted& wanted) const;

  /// `now` is what fstat says. `inherited_acl`: the object may have got one from its directory.
  void Apply(ObjectHandle handle, const struct stat& now, const Wanted& wanted, bool inherited_acl,
             std::string_view path);

  /// Removes the ACLs of a new object that inherited them.
  static void RemoveAcls(int fd);

  Losses& losses() { return losses_; }

 private:
  struct Ids {
    uid_t uid = 0;
    gid_t gid = 0;
  };

  Ids SetOwner(ObjectHandle handle, const struct stat& now, const Wanted& wanted,
               std::string_view path);
  void SetMode(ObjectHandle handle, mode_t now, mode_t wanted, std::string_view path);
  void SetXattr(ObjectHandle handle, const Xattr& xattr, std::string_view path);
  void SetTimes(ObjectHandle handle, const Wanted& wanted, std::string_view path);

  const PosixTargetOptions options_;
  const uid_t user_;
  const gid_t group_;
  Owners owners_;
  Losses losses_;
};

}  // namespace tapir::target
