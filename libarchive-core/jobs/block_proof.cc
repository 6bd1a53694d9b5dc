#include "jobs/block_proof.h"

#include <algorithm>
#include <vector>

#include "tapir/base/limits.h"

namespace tapir {
namespace {

Status Rewind(TapeDrive& drive) {
  return drive.SetTapePosition(TapePositioning::kRewind, 0, 0, false);
}

// Bytes of which none is where it would be in a block that was cut or moved.
std::vector<std::byte> Pattern(size_t size) {
  std::vector<std::byte> bytes(size);
  for (size_t i = 0; i < size; ++i) {
    bytes[i] = static_cast<std::byte>((i * 2654435761u) >> 13);
  }
  return bytes;
}

bool ComesBack(TapeDrive& drive, const std::vector<std::byte>& block) {
  Result<WriteOutcome> wrote = drive.Write(block);
  if (!wrote.ok() || *wrote == WriteOutcome::kEndOfMedium) return false;
  if (!drive.WriteTapemark(TapeMark::kFilemark, 1, false).ok() || !Rewind(drive).ok()) return false;
  std::vector<std::byte> back(block.size());
  Result<TapeRead> read = drive.Read(back);
  return read.ok() && read->kind == TapeReadKind::kBlock && read->size == block.size() &&
         back == block;
}

}  // namespace

Result<uint32_t> ProveBlockSize(TapeDrive& drive, uint32_t wanted_bytes) {
  TAPIR_ASSIGN_OR_RETURN(TapeIdentity identity, drive.Identify());
  if (identity.worm) return wanted_bytes;
  // A block that leaves no room for its check would cost the protection of all.
  while (identity.protects_blocks && wanted_bytes > identity.max_protected_bytes) {
    wanted_bytes /= 2;
  }
  for (uint32_t bytes = wanted_bytes; bytes >= limits::kMinMaxBlockBytes; bytes /= 2) {
    TAPIR_RETURN_IF_ERROR(Rewind(drive));
    bool right = ComesBack(drive, Pattern(bytes));
    TAPIR_RETURN_IF_ERROR(Rewind(drive));
    // A drive in append-only mode would not let the label be written over it.
    Status emptied = drive.EraseTape(TapeEraseType::kShort, false);
    if (!emptied.ok() && TapeErrorOf(emptied) != TapeError::kNotSupported) return emptied;
    if (right) return bytes;
  }
  return DeviceError("no block of 64 KiB or more comes back from the medium as it was written");
}

}  // namespace tapir
