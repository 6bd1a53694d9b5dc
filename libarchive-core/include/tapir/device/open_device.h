#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "tapir/base/status.h"
#include "tapir/device/block_device.h"
#include "tapir/device/file_device.h"
#include "tapir/device/file_identity.h"

namespace tapir {

/// Opens what a command names as VOLUME: `PATH` or `file:PATH` (a regular file, or a FIFO as a
/// stream), or `-` (standard input when reading, standard output in all other modes).
///
/// kNotFound and kExists as the mode says; kBusy if another process writes; kInvalidArgument for
/// names and files that cannot hold a volume, with advice; kUnsupported for devices this build
/// does not have. The text names the volume as given.
Result<std::unique_ptr<BlockDevice>> OpenDevice(std::string_view volume, OpenMode mode);

/// The file behind a device that OpenDevice returned, if there is one.
std::optional<FileIdentity> IdentityOf(const BlockDevice& device);

/// The process that writes to the file behind a device opened to read, if there is one.
std::optional<LockHolder> WriterAtWork(const BlockDevice& device);

}  // namespace tapir
