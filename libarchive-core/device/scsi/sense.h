#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "bytes/cursor.h"
#include "tapir/device/tape_error.h"

namespace tapir::scsi {

/// Sense data, of either format (SPC: 70h to 73h).
struct Sense {
  bool present = false;   ///< false: the bytes were of no known format
  bool deferred = false;  ///< of an earlier command; the one that brought it was not carried out
  bool filemark = false;
  bool eom = false;
  bool ili = false;
  bool information_valid = false;
  int64_t information = 0;  ///< mostly what was asked for minus what was met
  uint8_t key = 0;          ///< 0..15
  uint8_t asc = 0;
  uint8_t ascq = 0;
  std::optional<uint16_t> progress;  ///< of what is going on, in parts of 65,536

  bool Is(uint8_t other_key, uint8_t other_asc, uint8_t other_ascq) const {
    return present && key == other_key && asc == other_asc && ascq == other_ascq;
  }
};

/// Takes what is there of truncated or contradictory bytes; fields that are missing are zero.
Sense DecodeSense(ByteSpan bytes);

/// "sense 3/11/00", or "no sense data".
std::string SenseText(const Sense& sense);

/// What is to be done after a sense.
enum class NextStep : uint8_t {
  kGoOn,          ///< the command was carried out; the sense says what it met
  kRetry,         ///< it was not; it may be sent once more
  kWait,          ///< it was not; the drive will be ready by itself
  kLoad,          ///< a medium has to be loaded
  kRelearn,       ///< not carried out; what the drive says of itself has changed, settings too
  kReestablish,   ///< position and settings of the drive are lost
  kRefreshModes,  ///< not carried out; settings have to be looked at, then it may be sent again
  kDowngrade,     ///< the drive does not have this command or option
  kStop,
};

/// A row of the table of outcomes. -1 stands for any value, no flags for any flags.
struct SenseRule {
  uint8_t flags;  ///< of kSenseFilemark..., one of which has to be up
  int16_t key;
  int16_t asc;
  int16_t ascq;
  TapeError error;  ///< what a tape function says that this ends
  NextStep next;
  std::string_view words;
};

inline constexpr uint8_t kSenseFilemark = 0x80;
inline constexpr uint8_t kSenseEom = 0x40;
inline constexpr uint8_t kSenseIli = 0x20;

/// All rows; the first that fits counts, and the last fits everything.
std::span<const SenseRule> SenseRules();
const SenseRule& RuleFor(const Sense& sense);

}  // namespace tapir::scsi
