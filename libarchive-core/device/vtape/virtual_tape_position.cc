#include <algorithm>
#include <string>

#include "device/vtape/drive_state.h"
#include "tapir/device/virtual_tape.h"

// Where the drive stands, and how it gets elsewhere.

namespace tapir {
namespace {

using vtape::TapeImage;

bool IsMark(const TapeImage::Object& object) {
  return object.kind == TapeImage::Object::Kind::kMark;
}

/// Passes objects of a partition one by one, as SPACE does.
class Spacing {
 public:
  Spacing(const std::vector<TapeImage::Object>& objects, uint64_t from)
      : objects_(objects), at_(from) {}

  uint64_t at() const { return at_; }

  /// The object passed, or nothing at an end of the tape.
  std::optional<uint64_t> Step(bool forward) {
    if (forward) return at_ < objects_.size() ? std::optional(at_++) : std::nullopt;
    return at_ > 0 ? std::optional(--at_) : std::nullopt;
  }

 private:
  const std::vector<TapeImage::Object>& objects_;
  uint64_t at_;
};

TapeError EndError(bool forward) {
  return forward ? TapeError::kNoDataDetected : TapeError::kBeginningOfMedia;
}

/// What counts as passed, and what stops the movement.
struct SpaceRules {
  bool blocks = false;
  bool filemarks = false;
  bool setmarks = false;
  bool in_a_row = false;
};

SpaceRules RulesOf(TapePositioning method) {
  switch (method) {
    case TapePositioning::kRelativeBlocks: return {.blocks = true};
    case TapePositioning::kFilemarks: return {.filemarks = true};
    case TapePositioning::kSequentialFilemarks: return {.filemarks = true, .in_a_row = true};
    case TapePositioning::kSetmarks: return {.setmarks = true};
    case TapePositioning::kSequentialSetmarks: return {.setmarks = true, .in_a_row = true};
    default: return {};
  }
}

}  // namespace

Result<TapePosition> VirtualTape::GetTapePosition(TapePositionType type) {
  State& state = *state_;
  TAPIR_RETURN_IF_ERROR(state.CheckPosition("asking the position"));
  TapePosition position{type == TapePositionType::kAbsolute ? 0 : state.side.partition + 1,
                        state.side.object};
  if (type != TapePositionType::kPseudoLogical) return position;
  const auto& objects = state.image().objects();
  position.block = static_cast<uint64_t>(
      std::count_if(objects.begin(), objects.begin() + static_cast<ptrdiff_t>(state.side.object),
                    [](const auto& object) { return !IsMark(object); }));
  return position;
}

namespace {

// Passes `count` of what the rules name; where it stops early, why.
Status Space(Spacing& spacing, const std::vector<TapeImage::Object>& objects,
             const SpaceRules& rules, bool stop_at_setmarks, const auto& is_setmark,
             int64_t count) {
  const bool forward = count > 0;
  uint64_t left = forward ? static_cast<uint64_t>(count) : 0 - static_cast<uint64_t>(count);
  const uint64_t row = left;
  while (left > 0) {
    std::optional<uint64_t> passed = spacing.Step(forward);
    if (!passed) return TapeFailure(EndError(forward), "spacing");
    const bool mark = IsMark(objects[*passed]);
    const bool setmark = mark && is_setmark(*passed);
    const bool filemark = mark && !setmark;
    if ((rules.blocks && !mark) || (rules.filemarks && filemark) || (rules.setmarks && setmark)) {
      --left;
    } else if (rules.in_a_row) {
      left = row;
    } else if (rules.blocks) {
      return TapeFailure(setmark ? TapeError::kSetmarkDetected : TapeError::kFilemarkDetected,
                         "spacing");
    } else if (setmark && rules.filemarks && stop_at_setmarks) {
      return TapeFailure(TapeError::kSetmarkDetected, "spacing");
    }
  }
  return OkStatus();
}

}  // namespace

Status VirtualTape::SetTapePosition(TapePositioning method, uint32_t partition, int64_t offset,
                                    bool /*immediate*/) {
  State& state = *state_;
  const char* doing = "positioning";
  const bool absolute = method <= TapePositioning::kEndOfData;
  // To go to a place by its number needs no known position, and gives one.
  TAPIR_RETURN_IF_ERROR(absolute ? state.CheckReady(doing) : state.CheckPosition(doing));
  if (partition > state.images.size()) {
    return TapeFailure(
        state.images.size() > 1 ? TapeError::kInvalidParameter : TapeError::kDeviceNotPartitioned,
        doing);
  }
  uint32_t wanted = partition == 0 ? state.side.partition : partition - 1;
  const auto& objects = state.images[wanted].objects();
  switch (method) {
    case TapePositioning::kRewind:
      state.model->Rewind(state.PlaceBytes());
      state.side.object = 0;
      state.position_known = true;
      return OkStatus();
    case TapePositioning::kAbsoluteBlock:
    case TapePositioning::kLogicalBlock:
    case TapePositioning::kPseudoLogicalBlock: {
      if (offset < 0) return TapeFailure(TapeError::kInvalidParameter, doing);
      auto target = static_cast<uint64_t>(offset);
      if (method == TapePositioning::kPseudoLogicalBlock) {
        Spacing spacing(objects, 0);
        for (uint64_t blocks = 0; spacing.at() < objects.size(); spacing.Step(true)) {
          if (IsMark(objects[spacing.at()])) continue;
          if (blocks++ == target) break;
        }
        target = spacing.at();
      }
      state.position_known = true;
      state.MoveTo(wanted, std::min<uint64_t>(target, objects.size()));
      return target <= objects.size() ? OkStatus() : TapeFailure(TapeError::kNoDataDetected, doing);
    }
    case TapePositioning::kEndOfData:
      state.position_known = true;
      state.MoveTo(wanted, objects.size());
      return OkStatus();
    default: break;
  }
  const SpaceRules rules = RulesOf(method);
  if (rules.setmarks && !state.profile().has_setmarks) {
    return TapeFailure(TapeError::kNotSupported, doing);
  }
  Spacing spacing(state.image().objects(), state.side.object);
  Status spaced = Space(
      spacing, state.image().objects(), rules, state.side.report_setmarks,
      [&state](uint64_t object) { return state.IsSetmark(object); }, offset);
  state.MoveTo(state.side.partition, spacing.at());
  return spaced;
}

}  // namespace tapir
