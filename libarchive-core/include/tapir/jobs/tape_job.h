#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tapir/base/progress.h"
#include "tapir/base/status.h"
#include "tapir/device/tape_drive.h"
#include "tapir/device/virtual_tape.h"

namespace tapir {

/// What a drive says of itself and its medium. What it does not tell is absent.
struct TapeStatusReport {
  TapeIdentity identity;
  std::string state;  ///< "ready", or what it says instead
  bool ready = false;
  std::optional<TapeDriveParameters> drive;
  std::optional<TapeMediaParameters> media;
  std::optional<TapePosition> position;
  std::vector<uint8_t> alerts;
  std::string label;    ///< of the volume, by the cartridge memory
  std::string barcode;  ///< by the cartridge memory
  std::optional<TapeModelReport> model;
};

/// Asks everything that does not move the tape.
Result<TapeStatusReport> ReadTapeStatus(TapeDrive& drive);

/// "clean now" and the like for a TapeAlert flag, 1 to 64.
std::string_view TapeAlertText(uint8_t flag);

/// Names of the bits set in the feature words, as in TAPE_DRIVE_..., in their order.
std::vector<std::string> TapeFeatureNames(uint32_t features_low, uint32_t features_high);

/// Whether anything may be written over or erased. kExists names what would be destroyed, unless
/// `permission` is its label, its UUID, or the kind of data named in the refusal.
///
/// With `whole_medium` anything on it counts, else only what stands behind the position, where the
/// drive is left.
Status CheckMayDestroyTape(TapeDrive& drive, bool whole_medium, const std::string& permission);

struct TapeCopyReport {
  uint64_t blocks = 0;
  uint64_t bytes = 0;
  uint64_t filemarks = 0;
  uint64_t setmarks = 0;
  struct Unreadable {
    uint64_t object = 0;  ///< block number on the source, marks counted
    std::string text;
  };
  std::vector<Unreadable> unreadable;  ///< an empty place is left out for each: no block is written
  bool complete = false;               ///< the source's end of data was met
};

struct TapeCopyOptions {
  std::string overwrite_existing;
  Progress* progress = nullptr;
  const std::atomic<bool>* cancelled = nullptr;
};

/// Copies the current partition of one medium to another, object by object, whatever it holds, with
/// its block sizes and marks. The target must be blank unless that is allowed. kEndOfMedium if the
/// target is too small, kCancelled; device errors of the target.
Result<TapeCopyReport> CopyTape(TapeDrive& from, TapeDrive& to, const TapeCopyOptions& options);

}  // namespace tapir
