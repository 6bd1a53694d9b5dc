#pragma once

#include <map>
#include <string>
#include <vector>

#include "tapir/object/volume_files.h"

namespace tapir {

/// A volume as it would be, without being changed: moves and deletions are kept in memory. Contents
/// are never looked at. Names of files that get a short name are not followed by that.
class PlannedFiles : public VolumeFiles {
 public:
  /// `files` must outlive it.
  explicit PlannedFiles(VolumeFiles& files) : files_(files) {}

  Result<VolumeFileInfo> Stat(const std::string& path) override;
  Result<std::vector<std::string>> NamesIn(const std::string& directory) override;
  Result<std::string> Read(const std::string& path, uint64_t most_bytes) override;
  Status Write(const std::string& path, std::span<const std::byte> contents) override;
  Status Move(const std::string& from, const std::string& to) override;
  Status Delete(const std::string& path) override;
  Status SetShortName(const std::string& path, const std::string& short_name) override;
  Status Finish() override { return OkStatus(); }

 private:
  struct Change {
    bool is_there = false;
    VolumeFileInfo info;
  };

  Status CheckParent(const std::string& path);
  /// Failures but that nothing is there.
  Result<bool> IsThere(const std::string& path);

  VolumeFiles& files_;
  std::map<std::u16string, Change> changes_;  ///< by path as NTFS compares it
};

}  // namespace tapir
