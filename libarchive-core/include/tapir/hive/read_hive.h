#pragma once

#include <string>
#include <vector>

#include "tapir/base/status.h"
#include "tapir/windows/hive_log.h"
#include "tapir/windows/hive_writer.h"
#include "tapir/windows/registry_key.h"

namespace tapir {

/// A hive file and the logs beside it: NAME.LOG, NAME.LOG1 and NAME.LOG2. Empty: there is none.
struct HiveBytes {
  std::string hive;
  std::string log;
  std::string log1;
  std::string log2;
};

struct ReadHiveOptions {
  /// Paths below the root, in any case: only these keys are read, with all that is below them. The
  /// keys above them are there without their values. Empty: everything.
  std::vector<std::u16string> subtrees;
};

struct HiveContents {
  RegistryKey root;
  HiveDescription description;
  std::vector<ReplayedLog> replayed;  ///< what was taken from logs
  bool was_stale = false;             ///< it needed a log, and none could be used
  std::vector<std::string> warnings;  ///< clauses without a full stop; the first 1,000
};

/// Brings a hive up to date from its logs (RecoverHive) and reads it. Of the same names among the
/// subkeys of a key the first one is taken, with a warning. The bytes may come from anybody: memory
/// stays below eight times the hive and 1 GiB for the tree, beside two copies of the hive and the
/// logs. kCorrupt, kTruncated, kUnsupported, or kLimitExceeded for more than that, 512 levels or
/// 70,000 subkeys of one key: the text says at which key or byte. kDeviceError: there is no memory
/// for a copy. Any thread.
Result<HiveContents> ReadHive(HiveBytes bytes, const ReadHiveOptions& options = {});

}  // namespace tapir
