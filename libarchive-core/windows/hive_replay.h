#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tapir/windows/hive_log.h"
#include "windows/hive_header.h"

namespace tapir {

/// A log whose head is sound.
struct HiveLog {
  std::string_view name;
  ByteSpan bytes;
  HiveHeader header;
};

/// A hive that is being brought up to date.
struct HiveReplay {
  HiveRecovery result;
  HiveHeader header;      ///< of the hive, as it becomes
  size_t most_bytes = 0;  ///< that the hive may grow to

  void Tell(Severity severity, uint64_t offset, std::string text) {
    result.findings.push_back({offset, severity, std::move(text)});
  }
  /// Puts the head that a log holds in the place of a broken one.
  void TakeHeader(const HiveLog& log);
  /// Makes room in `hive` for bins of this size; false: a log cannot fill that much.
  bool GrowTo(std::string& hive, uint32_t bins_bytes) const;
};

/// Takes the changed pages of the older log that fits best.
void ReplayPages(std::vector<HiveLog> logs, HiveReplay& replay);

/// Takes entries of the newer logs, in their order over both.
void ReplayEntries(std::vector<HiveLog> logs, HiveReplay& replay);

}  // namespace tapir
