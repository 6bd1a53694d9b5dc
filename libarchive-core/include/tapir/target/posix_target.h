#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "tapir/base/reporter.h"
#include "tapir/base/status.h"
#include "tapir/object/object_target.h"

namespace tapir {

/// What becomes of what only NTFS has, of objects from there.
struct WindowsOnPosix {
  enum class Streams : uint8_t {
    kLeaveBehind,
    kFiles,   ///< NAME:STREAM beside the file
    kXattrs,  ///< user.STREAM, up to 64 KiB each
  };
  Streams streams = Streams::kLeaveBehind;
  /// A file ".tapir-windows.json" in each directory tells the rest of the metadata.
  bool metadata = false;
};

struct PosixTargetOptions {
  std::string directory;         ///< made if missing, with its parents
  bool overwrite = false;        ///< replace what is in the way; see PosixTarget
  bool set_owner = true;         ///< false: all belongs to who runs this, without set-id bits
  bool numeric_owner = false;    ///< ids from the volume even where its names are known here
  bool restore_xattrs = true;    ///< extended attributes but ACLs
  bool restore_acls = true;      ///< POSIX ACLs
  WindowsOnPosix windows;        ///< read by who opens the target for a restore
  Reporter* reporter = nullptr;  ///< may be null; must outlive the target
};

/// Restores a tree below a directory of the file system.
///
/// Safety: every path is checked again (format chapter 5.1) and walked by descriptors, one
/// component at a time. No symbolic link below the target is followed, whether it was there before,
/// came from the volume or is swapped in while this runs; whoever can move directories out of the
/// target meanwhile moves what is being written with them.
///
/// What is in the way: a file, link or node that exists is kept (kExists). With `overwrite` the
/// name is replaced by renaming, so the old contents stay whole under their other names, and until
/// the new ones are complete; a non-directory makes place for a directory, a directory for another
/// type only if it is empty. A directory that exists is taken over, its contents stay; its own
/// metadata is set only with `overwrite`, or if this run made it (tar: --no-overwrite-dir). Parents
/// that are missing are made by the umask and keep that unless their own object comes.
///
/// Losses: owners, set-id bits whose owner could not be set, attributes, ACLs, device nodes and
/// hard links that the system refuses are reported as kWarning, the first of each kind with its
/// path, the number at Finish; the call itself succeeds. Without root the group is still set where
/// the user is a member of it.
///
/// Errors: kInvalidArgument for a path that breaks the rules, kExists as above, kNotFound as in
/// ObjectTarget, else a device error with errno (ENOSPC, EROFS, EACCES, ENAMETOOLONG...). MakeFile
/// leaves nothing behind when it fails. Files from OpenFile must not outlive the target; killed
/// runs may leave ".tapir-" files. Pieces of a MiB and more are written past the page cache.
/// Nothing is synced to the medium.
class PosixTarget final : public ObjectTarget {
 public:
  /// kInvalidArgument if the directory is something else; EROFS or EACCES if it cannot be written.
  static Result<std::unique_ptr<PosixTarget>> Open(const PosixTargetOptions& options);
  ~PosixTarget() override;

  Status MakeDirectory(const Metadata& metadata) override;
  Status MakeFile(const Metadata& metadata, std::span<const std::byte> contents) override;
  Result<std::unique_ptr<TargetFile>> OpenFile(const Metadata& metadata) override;
  Status MakeNode(const Metadata& metadata) override;
  Status MakeHardLink(const std::string& primary_path, const Metadata& metadata) override;
  Result<DataRead> ReadBack(const std::string& path, uint64_t offset_bytes,
                            std::span<std::byte> buffer) override;
  Result<uint64_t> FreeBytes() override;
  Status Remove(const std::string& path) override;
  Status Finish() override;

 private:
  struct State;
  explicit PosixTarget(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace tapir
