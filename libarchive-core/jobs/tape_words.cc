#include <array>
#include <string>

#include "tapir/jobs/tape_job.h"

namespace tapir {
namespace {

// Flags 1 to 60 of the TapeAlert specification; the rest are obsolete or reserved.
constexpr std::array<std::string_view, 61> kAlerts = {
    "",
    "read warning",
    "write warning",
    "hard error",
    "medium",
    "read failure",
    "write failure",
    "medium at the end of its life",
    "not data grade",
    "write protected",
    "removal prevented",
    "cleaning medium",
    "unsupported format",
    "recoverable mechanical cartridge failure",
    "unrecoverable mechanical cartridge failure",
    "cartridge memory failure",
    "forced eject",
    "read-only format",
    "tape directory corrupted on load",
    "medium nearing the end of its life",
    "clean now",
    "clean periodically",
    "expired cleaning medium",
    "invalid cleaning medium",
    "retension requested",
    "interface port error",
    "cooling fan failure",
    "power supply failure",
    "power consumption",
    "drive maintenance",
    "hardware failure A",
    "hardware failure B",
    "interface",
    "eject medium",
    "microcode update failed",
    "drive humidity",
    "drive temperature",
    "drive voltage",
    "predicted failure of the drive",
    "diagnostics required",
    "",
    "",
    "",
    "",
    "",
    "",
    "",
    "",
    "",
    "",
    "lost statistics",
    "tape directory invalid at unload",
    "system area write failure",
    "system area read failure",
    "no start of data",
    "loading failure",
    "unrecoverable unload failure",
    "automation interface failure",
    "firmware failure",
    "WORM medium integrity check failed",
    "WORM medium overwrite attempted",
};

struct Feature {
  uint32_t bit;
  std::string_view name;
};

namespace low = tape_features_low;
namespace high = tape_features_high;

constexpr std::array kLow = {
    Feature{low::kFixed, "FIXED"},
    Feature{low::kSelect, "SELECT"},
    Feature{low::kInitiator, "INITIATOR"},
    Feature{low::kEraseShort, "ERASE_SHORT"},
    Feature{low::kEraseLong, "ERASE_LONG"},
    Feature{low::kEraseBopOnly, "ERASE_BOP_ONLY"},
    Feature{low::kEraseImmediate, "ERASE_IMMEDIATE"},
    Feature{low::kTapeCapacity, "TAPE_CAPACITY"},
    Feature{low::kTapeRemaining, "TAPE_REMAINING"},
    Feature{low::kFixedBlock, "FIXED_BLOCK"},
    Feature{low::kVariableBlock, "VARIABLE_BLOCK"},
    Feature{low::kWriteProtect, "WRITE_PROTECT"},
    Feature{low::kEotWarningZoneSize, "EOT_WZ_SIZE"},
    Feature{low::kEcc, "ECC"},
    Feature{low::kCompression, "COMPRESSION"},
    Feature{low::kPadding, "PADDING"},
    Feature{low::kReportSetmarks, "REPORT_SMKS"},
    Feature{low::kGetAbsoluteBlock, "GET_ABSOLUTE_BLK"},
    Feature{low::kGetLogicalBlock, "GET_LOGICAL_BLK"},
    Feature{low::kSetEotWarningZoneSize, "SET_EOT_WZ_SIZE"},
    Feature{low::kEjectMedia, "EJECT_MEDIA"},
    Feature{low::kCleanRequests, "CLEAN_REQUESTS"},
    Feature{low::kSetCompressionBopOnly, "SET_CMP_BOP_ONLY"},
};

constexpr std::array kHigh = {
    Feature{high::kLoadUnload, "LOAD_UNLOAD"},
    Feature{high::kTension, "TENSION"},
    Feature{high::kLockUnlock, "LOCK_UNLOCK"},
    Feature{high::kRewindImmediate, "REWIND_IMMEDIATE"},
    Feature{high::kSetBlockSize, "SET_BLOCK_SIZE"},
    Feature{high::kLoadUnloadImmediate, "LOAD_UNLD_IMMED"},
    Feature{high::kTensionImmediate, "TENSION_IMMED"},
    Feature{high::kLockUnlockImmediate, "LOCK_UNLK_IMMED"},
    Feature{high::kSetEcc, "SET_ECC"},
    Feature{high::kSetCompression, "SET_COMPRESSION"},
    Feature{high::kSetPadding, "SET_PADDING"},
    Feature{high::kSetReportSetmarks, "SET_REPORT_SMKS"},
    Feature{high::kAbsoluteBlock, "ABSOLUTE_BLK"},
    Feature{high::kAbsoluteBlockImmediate, "ABS_BLK_IMMED"},
    Feature{high::kLogicalBlock, "LOGICAL_BLK"},
    Feature{high::kLogicalBlockImmediate, "LOG_BLK_IMMED"},
    Feature{high::kEndOfData, "END_OF_DATA"},
    Feature{high::kRelativeBlocks, "RELATIVE_BLKS"},
    Feature{high::kFilemarks, "FILEMARKS"},
    Feature{high::kSequentialFilemarks, "SEQUENTIAL_FMKS"},
    Feature{high::kSetmarks, "SETMARKS"},
    Feature{high::kSequentialSetmarks, "SEQUENTIAL_SMKS"},
    Feature{high::kReversePosition, "REVERSE_POSITION"},
    Feature{high::kSpaceImmediate, "SPACE_IMMEDIATE"},
    Feature{high::kWriteSetmarks, "WRITE_SETMARKS"},
    Feature{high::kWriteFilemarks, "WRITE_FILEMARKS"},
    Feature{high::kWriteShortFilemarks, "WRITE_SHORT_FMKS"},
    Feature{high::kWriteLongFilemarks, "WRITE_LONG_FMKS"},
    Feature{high::kWriteMarkImmediate, "WRITE_MARK_IMMED"},
    Feature{high::kFormat, "FORMAT"},
    Feature{high::kFormatImmediate, "FORMAT_IMMEDIATE"},
};

}  // namespace

std::string_view TapeAlertText(uint8_t flag) {
  bool known = flag < kAlerts.size() && !kAlerts[flag].empty();
  return known ? kAlerts[flag] : "reserved flag";
}

std::vector<std::string> TapeFeatureNames(uint32_t features_low, uint32_t features_high) {
  std::vector<std::string> names;
  for (const Feature& feature : kLow) {
    if ((features_low & feature.bit) != 0) names.emplace_back(feature.name);
  }
  for (const Feature& feature : kHigh) {
    if ((features_high & feature.bit) != 0) names.emplace_back(feature.name);
  }
  return names;
}

}  // namespace tapir
