#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tapir/base/status.h"
#include "tapir/device/block_device.h"
#include "tapir/device/file_device.h"
#include "tapir/device/file_identity.h"
#include "tapir/device/tape_drive.h"
#include "tapir/device/virtual_tape.h"

namespace tapir {

/// Opens what a command names as VOLUME: `PATH` or `file:PATH` (a regular file, or a FIFO as a
/// stream), `vtape:PATH` (a virtual tape), `/dev/nstN`, `sg:/dev/sgN` or `iscsi://...` (a drive, by
/// SCSI commands), or `-` (standard input when reading, standard output in all other modes).
/// `new_tape` says how a virtual tape is made that is not there yet.
///
/// kNotFound and kExists as the mode says; kBusy if another process writes; kInvalidArgument for
/// names and files that cannot hold a volume, with advice; kUnsupported for devices this build
/// does not have. The text names the volume as given.
Result<std::unique_ptr<BlockDevice>> OpenDevice(std::string_view volume, OpenMode mode,
                                                const VirtualTapeOptions& new_tape = {});

/// Opens the drive that a whole name like "iscsi://host/iqn/0" means.
using TapeOpener = std::function<Result<std::unique_ptr<TapeDrive>>(const std::string& device)>;
/// From now on names with this prefix are opened so. Not thread-safe: called at the start.
void AddTapeOpener(const std::string& prefix, TapeOpener opener);

/// From now on this is told of media that OpenDevice waits for, by the name of the volume; false:
/// opening fails as kCancelled. Not thread-safe: called at the start.
using LoadingWatch = std::function<bool(std::string_view volume, const TapeLoading& loading)>;
void WatchLoading(LoadingWatch watch);

/// Opens a tape drive by the same names. With `create` a virtual tape is made that is not there
/// yet.
Result<std::unique_ptr<TapeDrive>> OpenTapeDrive(std::string_view device, bool create = false);

/// The drive behind a device that OpenDevice returned, or nullptr.
TapeDrive* TapeDriveOf(BlockDevice& device);

/// The files that a device which OpenDevice returned lies in, e.g. to leave them out of what is
/// archived.
std::vector<FileIdentity> FilesOf(const BlockDevice& device);

/// The process that writes to the file behind a device opened to read, if there is one.
std::optional<LockHolder> WriterAtWork(const BlockDevice& device);

}  // namespace tapir
