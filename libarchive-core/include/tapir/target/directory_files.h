#pragma once

#include <memory>
#include <string>

#include "tapir/base/status.h"
#include "tapir/object/volume_files.h"

namespace tapir {

/// Files of a Windows volume below a directory: a mounted one, or a copy. Directories on the way
/// are opened one by one and never through a symbolic link, so nothing outside is reached.
///
/// Nobody else may change names below it meanwhile. Memory: the names of four directories.
///
/// A file written is complete under another name before it takes the place of the old one, with
/// owner, mode and extended attributes of that; further hard links of the old one keep its
/// contents. SetShortName is kUnsupported: directories have none.
///
/// A device error, or kInvalidArgument if `directory` is none.
Result<std::unique_ptr<VolumeFiles>> OpenDirectoryFiles(const std::string& directory);

}  // namespace tapir
