#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tapir/base/status.h"
#include "tapir/object/volume_files.h"

namespace tapir::cli {

/// Files of a volume: a directory or "ntfs:IMAGE". kUnsupported for what this build has not;
/// failures of opening it.
Result<std::unique_ptr<VolumeFiles>> OpenPlace(const std::string& place, bool writable);

/// Volumes of a Windows that is not running, by the names that its paths have for them.
class WindowsDrives {
 public:
  /// Each "NAME=PLACE": "C:" or "Volume{GUID}", and a directory or "ntfs:IMAGE". Places given twice
  /// are opened once. kInvalidArgument, kUnsupported for what this build has not; failures of
  /// opening them.
  static Result<WindowsDrives> Open(const std::vector<std::string>& arguments, bool writable);

  const std::map<std::string, VolumeFiles*>& by_name() const { return by_name_; }
  /// As they were given, each once, in the order of the names.
  std::vector<std::string> places() const;
  /// Of a path that begins with the name of one of them, null for others.
  VolumeFiles* Find(const std::string& name) const;
  /// Brings all to the disk; the first failure. Nothing may follow.
  Status Finish();

 private:
  std::map<std::string, VolumeFiles*> by_name_;
  std::map<std::string, std::unique_ptr<VolumeFiles>> by_place_;
};

}  // namespace tapir::cli
