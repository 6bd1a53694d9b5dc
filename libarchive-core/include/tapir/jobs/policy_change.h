#pragma once

#include <string>
#include <vector>

#include "tapir/base/status.h"
#include "tapir/jobs/hive_update.h"

namespace tapir {

/// A value that backup programs agree by, to be written into a hive.
struct PolicyChange {
  /// As BackupValues has it; of a list behind a backslash the name of the entry's value.
  std::string name;
  /// One text for each string or number, as MakeBackupValue takes them; of lists the entries.
  std::vector<std::string> texts;
  bool remove = false;  ///< the value, instead
};

/// What was done: the key, from the root of the hive, and the value's name.
struct ChangedPolicy {
  std::string key;
  std::string value;
  std::vector<std::string> warnings;
};

/// Writes it into the hive at `path`, in the control set that ran last, as ReplaceHives does: the
/// old one is there until the new one is proven. kInvalidArgument: there is no such value, it
/// belongs into another hive, or the texts are out of type or range; entries that mean nothing are
/// warnings. kNotFound: there is nothing to be removed. Else as ReadHive and ReplaceHives.
Result<ChangedPolicy> ChangePolicy(const OpenVolumeFiles& open, const std::string& path,
                                   const PolicyChange& change);

}  // namespace tapir
