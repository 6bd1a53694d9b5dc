#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tapir/base/status.h"
#include "tapir/hive/read_hive.h"
#include "tapir/object/volume_files.h"

namespace tapir {

/// Opens the volume anew; what was opened before is finished.
using OpenVolumeFiles = std::function<Result<std::unique_ptr<VolumeFiles>>(bool writable)>;

/// The largest hive, and the largest log, that is read from a volume or held in memory.
inline constexpr uint64_t kMostHiveBytes = uint64_t{1} << 30;

/// A hive of a volume with the logs beside it; a log that is not there is empty. Fails as reading
/// does.
Result<HiveBytes> ReadHiveBytes(VolumeFiles& files, const std::string& path);

/// What a hive that is there shall hold.
struct HiveChange {
  std::string path;
  RegistryKey root;
  HiveDescription description;
};

/// Gives hives other contents, all or none. The old ones and their logs are beside them meanwhile,
/// with ".tapir-old" behind their names, complete from the moment in which the hive's is there; the
/// new ones are written in place, so that they keep the security of the file, and their logs are
/// emptied. Then the volume is opened again and what it has read back; only if that is the tree
/// wanted the old ones are deleted, that of the first hive last. Each step is on the disk before
/// the next one begins.
///
/// If anything fails, the old bytes are put back; the text says so, or that they are still beside.
/// kInvalidArgument as BuildHive says, before anything is written. Single-thread.
Status ReplaceHives(const OpenVolumeFiles& open, const std::vector<HiveChange>& changes);

/// Puts back what ReplaceHives left beside these hives when it was killed. The paths of those that
/// were put back. Nothing is written if nothing is there. Single-thread.
Result<std::vector<std::string>> PutBackHives(const OpenVolumeFiles& open,
                                              const std::vector<std::string>& paths);

}  // namespace tapir
