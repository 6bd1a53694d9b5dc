#pragma once

#include <string>

#include "container/session_records.h"
#include "tapir/base/status.h"
#include "tapir/base/timestamp.h"
#include "tapir/device/tape_drive.h"

namespace tapir {

/// Writes who uses the medium into its cartridge memory: application, its version, the volume's
/// label and UUID, the format, and when it was last written. OK where the drive has no such memory.
Status DescribeCartridge(TapeDrive& drive, const Label& label, const Timestamp& now);

/// What the cartridge memory says against the label that was read, in words; empty if nothing.
std::string CartridgeContradiction(TapeDrive& drive, const Label& label);

/// A text attribute without what fills it up; empty if there is none.
std::string ReadAttributeText(TapeDrive& drive, TapeAttribute attribute);

}  // namespace tapir
