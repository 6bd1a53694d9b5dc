#pragma once

#include <string>

#include "object/session_writer.h"
#include "tapir/base/ambient.h"
#include "tapir/jobs/archive_job.h"

namespace tapir {

/// A label for a set of its own. kInvalidArgument names what is out of range.
Result<Label> MakeLabel(const LabelOptions& options, Ambient& ambient);

/// Writes the label at the beginning of an empty medium; on a drive with blocks as long as it
/// proves to give back, which may be shorter than the label asks for.
Result<AppendPoint> LabelVolume(BlockDevice& device, Label label);

/// What is said where the drive takes smaller blocks only; else nothing.
std::string SmallerBlocks(uint32_t asked_bytes, const Label& label);

}  // namespace tapir
