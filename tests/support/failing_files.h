#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "tapir/object/volume_files.h"

namespace tapir::test {

/// Which call that changes a volume fails, and how. Shared by all who open the volume.
struct FileFault {
  uint64_t calls_before = 0;  ///< these succeed
  /// The program is killed there: half of a file may be written, and nothing follows.
  bool is_death = false;
  uint64_t calls = 0;  ///< so many there were

  bool IsNow() {
    const uint64_t call = calls++;
    return is_death ? call >= calls_before : call == calls_before;
  }
};

/// Files of a volume on which a call fails.
class FailingFiles final : public VolumeFiles {
 public:
  FailingFiles(std::unique_ptr<VolumeFiles> files, std::shared_ptr<FileFault> fault)
      : files_(std::move(files)), fault_(std::move(fault)) {}

  Result<VolumeFileInfo> Stat(const std::string& path) override { return files_->Stat(path); }
  Result<std::vector<std::string>> NamesIn(const std::string& directory) override {
    return files_->NamesIn(directory);
  }
  Result<std::string> Read(const std::string& path, uint64_t most_bytes) override {
    return files_->Read(path, most_bytes);
  }
  Status Write(const std::string& path, std::span<const std::byte> contents) override {
    const bool first_dead = fault_->is_death && fault_->calls == fault_->calls_before;
    if (!fault_->IsNow()) return files_->Write(path, contents);
    if (first_dead) (void)files_->Write(path, contents.first(contents.size() / 2)).ok();
    return Failure();
  }
  Status Move(const std::string& from, const std::string& to) override {
    return fault_->IsNow() ? Failure() : files_->Move(from, to);
  }
  Status Delete(const std::string& path) override {
    return fault_->IsNow() ? Failure() : files_->Delete(path);
  }
  Status SetShortName(const std::string& path, const std::string& short_name) override {
    return fault_->IsNow() ? Failure() : files_->SetShortName(path, short_name);
  }
  Status Finish() override { return fault_->IsNow() ? Failure() : files_->Finish(); }

 private:
  static Status Failure() { return FileFailed(FileFailure::kNoSpace, "the test has it fail"); }

  std::unique_ptr<VolumeFiles> files_;
  std::shared_ptr<FileFault> fault_;
};

}  // namespace tapir::test
