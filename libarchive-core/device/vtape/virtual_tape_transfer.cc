#include <string>
#include <utility>

#include "device/vtape/drive_state.h"
#include "tapir/device/virtual_tape.h"

// Reading, writing and marks.

namespace tapir {
namespace {

using Kind = VirtualTapeFault::Kind;
using vtape::TapeImage;

std::string Doing(const char* what, uint64_t object) {
  return std::string(what) + " object " + std::to_string(object);
}

}  // namespace

Result<TapeRead> VirtualTape::Read(std::span<std::byte> buffer) {
  State& state = *state_;
  std::string doing = Doing("reading", state.side.object);
  TAPIR_RETURN_IF_ERROR(state.CheckPosition(doing));
  TAPIR_RETURN_IF_ERROR(state.StrikeFaults(doing));
  const uint32_t fixed = state.side.block_bytes;
  if (fixed != 0 && (buffer.size() < fixed || buffer.size() % fixed != 0)) {
    return TapeFailure(TapeError::kInvalidBlockLength, doing);
  }
  TapeRead read;
  do {
    if (state.side.object >= state.object_count()) break;
    const TapeImage::Object object = state.image().objects()[state.side.object];
    if (object.kind == TapeImage::Object::Kind::kMark) {
      if (read.size > 0) break;
      bool setmark = state.IsSetmark(state.side.object++);
      read.kind = setmark ? TapeReadKind::kSetmark : TapeReadKind::kFilemark;
      return read;
    }
    bool bad = object.kind == TapeImage::Object::Kind::kBadBlock ||
               state.TakeFault(Kind::kBadBlock, false);
    const uint64_t number = state.side.object++;
    state.model->Read(object.size);
    if (bad) return TapeFailure(TapeError::kCrc, doing);
    bool fits = fixed == 0 ? object.size <= buffer.size() : object.size == fixed;
    if (!fits) return TapeFailure(TapeError::kInvalidBlockLength, doing);
    TAPIR_RETURN_IF_ERROR(state.image().ReadBlock(number, buffer.subspan(read.size, object.size)));
    read.kind = TapeReadKind::kBlock;
    read.size += object.size;
  } while (fixed != 0 && read.size < buffer.size());
  return read;
}

Result<WriteOutcome> VirtualTape::Write(std::span<const std::byte> block) {
  State& state = *state_;
  std::string doing = Doing("writing", state.side.object);
  TAPIR_RETURN_IF_ERROR(state.CheckWritable(doing));
  TAPIR_RETURN_IF_ERROR(state.StrikeFaults(doing));
  const uint32_t fixed = state.side.block_bytes;
  const size_t step = fixed == 0 ? block.size() : fixed;
  if (block.empty() || block.size() % step != 0) {
    return TapeFailure(TapeError::kInvalidBlockLength, doing);
  }
  TAPIR_RETURN_IF_ERROR(state.NoteChange());
  WriteOutcome outcome = WriteOutcome::kWritten;
  const uint64_t capacity = state.side.partition_bytes[state.side.partition];
  for (; !block.empty(); block = block.subspan(step)) {
    if (state.TakeFault(Kind::kWriteError, true)) return TapeFailure(TapeError::kIoDevice, doing);
    const uint64_t end = state.image().DataBytesBefore(state.side.object) + step;
    if (end > capacity) return WriteOutcome::kEndOfMedium;
    bool cut = state.TakeFault(Kind::kShortWrite, true);
    state.DropSetmarks();
    Status written =
        state.image().WriteBlock(state.side.object, block.first(cut ? (step + 1) / 2 : step));
    if (!written.ok()) {
      bool full = written.sys_errno() == ENOSPC || written.sys_errno() == EDQUOT;
      return full ? Result<WriteOutcome>(WriteOutcome::kEndOfMedium)
                  : Result<WriteOutcome>(written);
    }
    state.side.object += 1;
    state.model->Write(step);
    if (cut) return TapeFailure(TapeError::kIoDevice, doing);
    if (end + state.side.early_warning_bytes > capacity) outcome = WriteOutcome::kEarlyWarning;
  }
  return outcome;
}

Result<WriteOutcome> VirtualTape::WriteTapemark(TapeMark mark, uint32_t count, bool immediate) {
  State& state = *state_;
  std::string doing = Doing("writing marks at", state.side.object);
  bool special = mark != TapeMark::kFilemark;
  if (special && !state.profile().has_setmarks) {
    return TapeFailure(TapeError::kNotSupported, doing);
  }
  TAPIR_RETURN_IF_ERROR(state.CheckWritable(doing));
  TAPIR_RETURN_IF_ERROR(state.StrikeFaults(doing));
  if (count > 0) {
    TAPIR_RETURN_IF_ERROR(state.NoteChange());
    state.DropSetmarks();
    TAPIR_RETURN_IF_ERROR(state.image().WriteMarks(state.side.object, count));
    for (uint32_t i = 0; i < count; ++i) {
      uint64_t object = state.side.object++;
      if (mark == TapeMark::kSetmark) state.side.setmarks.insert({state.side.partition, object});
    }
  }
  if (!immediate) {
    state.model->Flush();
    TAPIR_RETURN_IF_ERROR(state.image().Sync());
    // A setmark is one only by the side file.
    if (!state.side.setmarks.empty()) TAPIR_RETURN_IF_ERROR(state.Save());
  }
  const uint64_t used = state.image().DataBytesBefore(state.side.object);
  const uint64_t capacity = state.side.partition_bytes[state.side.partition];
  bool near_end = used + state.side.early_warning_bytes > capacity;
  return near_end ? WriteOutcome::kEarlyWarning : WriteOutcome::kWritten;
}

Status VirtualTape::EraseTape(TapeEraseType /*type*/, bool /*immediate*/) {
  // Both leave an end of data here; what lies behind it cannot be read any more either way.
  State& state = *state_;
  TAPIR_RETURN_IF_ERROR(state.CheckWritable("erasing"));
  if (state.side.worm && state.side.object < state.object_count()) {
    return TapeFailure(TapeError::kWriteProtected, "erasing");
  }
  TAPIR_RETURN_IF_ERROR(state.NoteChange());
  TAPIR_RETURN_IF_ERROR(state.image().Truncate(state.side.object));
  state.DropSetmarks();
  return state.image().Sync();
}

}  // namespace tapir
