#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "tapir/base/reporter.h"
#include "tapir/object/object_target.h"
#include "tapir/target/posix_target.h"
#include "target/windows_sidecar.h"

namespace tapir {

/// Where a symbolic link or junction of NTFS leads, as a symbolic link of POSIX below the same root
/// says it. Nothing if the object is none, or that cannot be read.
std::optional<std::string> LinkTargetOnPosix(const Metadata& metadata);

/// Brings objects of an NTFS volume onto a POSIX target as far as it can hold them: symbolic links
/// and junctions become symbolic links, named streams files or xattrs if asked for. What has no
/// meaning there, ciphertext and links without contents, is refused (kUnsupported). What is left
/// behind is counted and told at Finish, unless the metadata go into a file beside. Other objects
/// pass as they are. Thread-safe as ObjectTarget says.
class WindowsLayer : public ObjectTarget {
 public:
  WindowsLayer(std::unique_ptr<ObjectTarget> inner, const WindowsOnPosix& options,
               Reporter& reporter);
  ~WindowsLayer() override;

  bool keeps_further_streams() const override {
    return options_.streams != WindowsOnPosix::Streams::kLeaveBehind;
  }
  Status MakeDirectory(const Metadata& metadata) override;
  Status MakeFile(const Metadata& metadata, std::span<const std::byte> contents) override;
  Result<std::unique_ptr<TargetFile>> OpenFile(const Metadata& metadata) override;
  Status MakeNode(const Metadata& metadata) override { return inner_->MakeNode(metadata); }
  Status MakeHardLink(const std::string& primary_path, const Metadata& metadata) override;
  Result<DataRead> ReadBack(const std::string& path, uint64_t offset_bytes,
                            std::span<std::byte> buffer) override {
    return inner_->ReadBack(path, offset_bytes, buffer);
  }
  Result<uint64_t> FreeBytes() override { return inner_->FreeBytes(); }
  Status Remove(const std::string& path) override { return inner_->Remove(path); }
  Status Finish() override;

 private:
  class LayeredFile;

  Status MakeLink(const Metadata& metadata);
  void Settle(const Metadata& metadata);
  void Count(const Metadata& metadata);

  std::unique_ptr<ObjectTarget> inner_;
  WindowsOnPosix options_;
  Reporter& reporter_;
  struct LeftBehind;
  std::unique_ptr<LeftBehind> left_behind_;
  std::mutex mutex_;
  WindowsSidecars sidecars_;
  Status sidecar_failure_;
};

}  // namespace tapir
