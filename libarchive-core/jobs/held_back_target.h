#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tapir/base/reporter.h"
#include "tapir/object/object_target.h"
#include "tapir/object/path_pattern.h"

namespace tapir {

/// What a restore of system state does not put where it belongs.
struct HeldBackFiles {
  /// Paths of hives and logs as FoldedPath gives them: their bytes are kept in memory.
  std::set<std::u16string> hives;
  /// These files are staged, and those that the target refuses because they are in use or
  /// protected.
  std::vector<PathPattern> pending;
  std::string staging_directory;  ///< where; made when the first one comes
};

struct StagedFile {
  std::string staged;      ///< where it is
  std::string short_name;  ///< empty: none
};

/// Passes on to another target what is not held back. Thread-safe, as targets are.
class HeldBackTarget final : public ObjectTarget {
 public:
  /// To be read once the target is finished.
  struct Outcome {
    std::map<std::u16string, std::string> kept;  ///< hives and logs by folded path
    std::map<std::string, StagedFile> staged;    ///< by where they belong
  };
  /// References must outlive this.
  HeldBackTarget(std::unique_ptr<ObjectTarget> target, const HeldBackFiles& files, Outcome& outcome,
                 Reporter& reporter)
      : target_(std::move(target)), files_(files), outcome_(outcome), reporter_(reporter) {}

  Status MakeDirectory(const Metadata& metadata) override;
  Status MakeFile(const Metadata& metadata, std::span<const std::byte> contents) override;
  bool keeps_further_streams() const override { return target_->keeps_further_streams(); }
  Result<std::unique_ptr<TargetFile>> OpenFile(const Metadata& metadata) override;
  Status MakeNode(const Metadata& metadata) override;
  Status MakeHardLink(const std::string& primary_path, const Metadata& metadata) override;
  Status AdoptName(const Metadata& metadata) override;
  Result<DataRead> ReadBack(const std::string& path, uint64_t offset_bytes,
                            std::span<std::byte> buffer) override;
  Result<std::vector<std::string>> NamesIn(const std::string& directory) override;
  Result<uint64_t> FreeBytes() override { return target_->FreeBytes(); }
  Status Remove(const std::string& path) override;
  Status Finish() override { return target_->Finish(); }

  /// For the files that it opens: a hive is complete, a file is staged.
  Status Keep(const std::u16string& folded, std::string bytes);
  void AddStaged(const std::string& path, StagedFile file);

 private:
  bool IsHive(const std::string& path) const;
  bool IsPending(const std::string& path) const;
  StagedFile Stage(const Metadata& metadata);
  /// Where a path was really restored to.
  std::string PlaceNow(const std::string& path);
  Status MakeStaged(const Metadata& metadata, std::span<const std::byte> contents);
  Result<std::unique_ptr<TargetFile>> OpenStaged(const Metadata& metadata);

  std::unique_ptr<ObjectTarget> target_;
  const HeldBackFiles& files_;
  Outcome& outcome_;
  Reporter& reporter_;
  std::mutex mutex_;
  std::atomic<uint64_t> staged_count_{0};
};

}  // namespace tapir
