#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "tapir/base/reporter.h"
#include "tapir/base/status.h"
#include "tapir/ntfs/ntfs_address.h"
#include "tapir/object/object_target.h"

namespace tapir {

struct NtfsTargetOptions {
  NtfsAddress address;
  /// Not 0: the image is made anew with so many bytes; kExists if there is anything.
  uint64_t make_bytes = 0;
  bool overwrite = false;        ///< replace what is in the way
  Reporter* reporter = nullptr;  ///< not owned, outlives the target; required
};

/// Restores onto an NTFS volume in an image or on a block device, without mounting it.
///
/// Objects with NtfsMetadata get all of it: short names, streams with their hole maps, valid data
/// lengths, compression and ciphertext, security descriptors, extended attributes, object ids,
/// reparse data, attributes and four times. Others become plain files and directories with their
/// modification time.
///
/// What is a raw export of Windows becomes the encrypted file or directory it is of, or is refused
/// (kUnsupported) if it is malformed. So is ciphertext with holes that are no clusters here.
///
/// What the volume refuses is reported as a warning, with its path, and the call succeeds: never
/// silently. So are names that differ only in case from what is there. What libntfs-3g cannot
/// write: symbolic links, nodes and FIFOs of POSIX (kUnsupported).
///
/// What is in the way is kept (kExists); with `overwrite` a file is replaced once the new one is
/// complete. Directories that exist are taken over; their own metadata is set with `overwrite`, or
/// if this run made them.
///
/// Failures with an errno of the image, or ENOSPC, concern all that is to come; what is damaged on
/// the volume has no errno and concerns one object.
///
/// Thread-safe; calls take turns. Finish brings everything to the image; nothing may follow it.
class NtfsTarget : public ObjectTarget {
 public:
  /// kInvalidArgument, kBusy (Windows left it hibernated, or another process writes it), device
  /// errors.
  static Result<std::unique_ptr<NtfsTarget>> Open(const NtfsTargetOptions& options);

  bool keeps_further_streams() const override { return true; }
};

}  // namespace tapir
