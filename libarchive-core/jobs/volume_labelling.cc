#include "jobs/volume_labelling.h"

#include <utility>

#include "jobs/block_proof.h"
#include "tapir/base/limits.h"
#include "tapir/device/open_device.h"

namespace tapir {

Result<Label> MakeLabel(const LabelOptions& options, Ambient& ambient) {
  uint32_t bytes = options.max_block_bytes;
  bool block_fits = bytes >= limits::kMinMaxBlockBytes && bytes <= limits::kMaxBlockBytes &&
                    (bytes & (bytes - 1)) == 0;
  if (!block_fits) {
    return InvalidArgument("the block size must be a power of two from 64 KiB to 8 MiB");
  }
  if (options.name.size() > limits::kMaxLabelNameBytes) {
    return InvalidArgument("the label is longer than 255 bytes");
  }
  Label label;
  ambient.FillRandom(label.volume_uuid);
  ambient.FillRandom(label.set_uuid);
  label.created = ambient.Now();
  label.max_block_bytes = bytes;
  label.full_blocks = options.full_blocks;
  label.name = options.name;
  return label;
}

Result<AppendPoint> LabelVolume(BlockDevice& device, Label label) {
  if (TapeDrive* drive = TapeDriveOf(device)) {
    TAPIR_ASSIGN_OR_RETURN(label.max_block_bytes, ProveBlockSize(*drive, label.max_block_bytes));
    TAPIR_RETURN_IF_ERROR(device.Locate({}));
  }
  return WriteLabel(device, label);
}

std::string SmallerBlocks(uint32_t asked_bytes, const Label& label) {
  if (label.max_block_bytes == asked_bytes) return {};
  return "blocks of " + std::to_string(asked_bytes / 1024) +
         " KiB do not come back from the drive, or not with their check: they have " +
         std::to_string(label.max_block_bytes / 1024) + " KiB at most";
}

}  // namespace tapir
