#include "jobs/medium_contents.h"

#include <vector>

#include "container/foreign.h"
#include "container/volume.h"

namespace tapir {
namespace {

bool MayOverwrite(BlockDevice& device, const std::string& contents, const std::string& permission) {
  if (permission.empty()) return false;
  Result<VolumeState> state = ReadVolumeState(device);
  if (!state.ok()) return permission == contents;
  return permission == state->label.name || permission == FormatUuid(state->label.volume_uuid);
}

}  // namespace

Result<bool> IsBlank(BlockDevice& device) {
  if (!device.traits().can_locate) return true;
  TAPIR_RETURN_IF_ERROR(device.Locate({}));
  std::vector<std::byte> first(device.traits().max_block_bytes);
  Result<ReadOutcome> read = device.Read(first);
  bool blank = read.ok() && read->kind == ReadKind::kEndOfData;
  if (blank) TAPIR_RETURN_IF_ERROR(device.Locate({}));
  return blank;
}

std::string NameContents(BlockDevice& device) {
  Result<VolumeState> state = ReadVolumeState(device);
  if (state.ok()) {
    const std::string& name = state->label.name;
    std::string named =
        name.empty() ? "a Tapir volume without label" : "the Tapir volume '" + name + "'";
    return named + " (" + FormatUuid(state->label.volume_uuid) + ")";
  }
  std::vector<std::byte> first(device.traits().max_block_bytes);
  size_t size = 0;
  if (device.Locate({}).ok()) {
    Result<ReadOutcome> read = device.Read(first);
    if (!read.ok()) return "unreadable data";
    if (read->kind == ReadKind::kFilemark) return "a filemark";
    size = read->size;
  }
  return IdentifyForeign(ByteSpan(first).first(size));
}

Status CheckMayDestroy(BlockDevice& device, const std::string& permission) {
  std::string contents = NameContents(device);
  if (MayOverwrite(device, contents, permission)) return OkStatus();
  return Exists("it holds " + contents +
                "; to destroy it give --overwrite-existing with its label, its UUID or, for other "
                "data, these words");
}

}  // namespace tapir
