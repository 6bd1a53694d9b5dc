#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>

#include "tapir/object/object_target.h"
#include "target/shared.h"

namespace tapir::target {

/// A regular file under a temporary name in the directory of its real one.
class RestoredFile final : public TargetFile {
 public:
  /// `shared` must outlive the file.
  static Result<std::unique_ptr<TargetFile>> Create(Shared& shared, const std::string& path);
  ~RestoredFile() override;

  Status WriteAt(uint64_t offset_bytes, std::span<const std::byte> data) override;
  Status Commit(const Metadata& metadata, uint64_t size_bytes) override;
  Status KeepPartial(const Metadata& metadata, uint64_t size_bytes) override;

 private:
  RestoredFile(Shared& shared, std::string path) : shared_(shared), path_(std::move(path)) {}

  Status Complete(const Metadata& metadata, uint64_t size_bytes, const Place& place);
  Status CompleteContents(const Metadata& metadata, uint64_t size_bytes, const Place& place);
  Status CannotWrite(int sys_errno) const;
  void Discard();

  Shared& shared_;
  const std::string path_;
  Place place_;            // points into path_
  std::string temporary_;  // empty when it is gone
  Descriptor fd_;
  std::optional<FileWriter> writer_;  // to fd_
};

}  // namespace tapir::target
