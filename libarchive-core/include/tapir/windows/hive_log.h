#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tapir/windows/finding.h"

namespace tapir {

/// The logs beside a hive: NAME.LOG, NAME.LOG1 and NAME.LOG2. Empty: there is none.
struct HiveLogs {
  std::string_view log;
  std::string_view log1;
  std::string_view log2;
};

/// What was taken from one log.
struct ReplayedLog {
  std::string_view name;  ///< "LOG", "LOG1", "LOG2": a literal
  uint32_t entries = 0;   ///< of a log of entries, as Windows 8.1 and later write them; else 0
  uint64_t pages = 0;     ///< pieces written to the hive; of an older log of 512 bytes each

  bool operator==(const ReplayedLog&) const = default;
};

struct HiveRecovery {
  std::string hive;        ///< brought up to date, or as it was
  bool was_dirty = false;  ///< a writing of it had begun and not ended, or its head is broken
  bool header_recovered = false;
  std::vector<ReplayedLog> replayed;  ///< in their order
  /// Offsets are of the file that the text names, of the hive if it names none.
  std::vector<Finding> findings;
};

/// Brings a hive up to date from its logs, as Windows does when it loads one: from the changed
/// pages of an older log, or entry by entry from both newer ones. What is torn, wrong or out of
/// order ends that; no entry is taken in part. A dirty hive without a log that fits is left as it
/// is, with a warning. A hive that is not dirty is never changed. Memory: twice the hive and what
/// its logs add to it, at most. Any bytes; any thread.
HiveRecovery RecoverHive(std::string hive, const HiveLogs& logs);

}  // namespace tapir
