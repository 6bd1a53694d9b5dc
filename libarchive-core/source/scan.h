#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "source/given_paths.h"
#include "source/look_ahead.h"
#include "source/posix_object.h"
#include "tapir/base/reporter.h"
#include "tapir/object/path_pattern.h"

namespace tapir::source {

/// What is archived and what is not. Constant while a scan runs, but for the counter.
struct ScanRules {
  std::vector<GivenPath> given;
  DirectoryRef base;  ///< where relative paths begin
  DirectoryRef root;
  std::vector<PathPattern> excludes;
  bool exclude_caches = false;
  bool one_file_system = false;
  bool recursive = true;
  std::map<std::pair<uint64_t, uint64_t>, std::string> left_out;  ///< reasons by device and inode
  std::shared_ptr<SourceContext> context;
  mutable std::atomic<uint64_t> left_out_count = 0;
};

struct Notice {
  NoticeKind kind;
  std::string text;
};

class Batch;

/// An entry of a directory, or a path given, as the scan found it.
struct Entry {
  const char* name = nullptr;  ///< of a path given: the whole path. Held by its Batch
  DirectoryRef parent;
  SourceIdentity identity;
  uint32_t link_count = 1;
  ObjectType type = ObjectType::kRegular;
  bool may_have_holes = false;
  std::unique_ptr<Notice> notice;  ///< instead of an object
  std::shared_ptr<Batch> below;    ///< begins what the directory holds, if that is wanted
};

/// Some neighbouring entries in path order: one step of the look-ahead. The accessors are for the
/// consumer of the finished step.
class Batch : public LookAhead::Step {
 public:
  size_t cost_bytes() const override { return cost_bytes_; }

  std::vector<Entry>& entries() { return entries_; }
  /// Trouble with the directory as a whole, or null.
  const Notice* failure() const { return failure_.get(); }
  /// The further batches of the same directory, in order.
  std::vector<std::shared_ptr<Batch>> TakeRest() { return std::move(rest_); }

 protected:
  explicit Batch(const ScanRules& rules) : rules_(rules) {}

  /// Fills all of `entry` but its name from what is at `name` in the open directory `fd`.
  void LookAt(int fd, const char* name, DirectoryRef parent, Entry& entry) const;
  /// The batches of directories among the entries, then the further ones of this directory.
  std::vector<std::shared_ptr<Step>> Followers() const;

  const ScanRules& rules_;
  std::vector<Entry> entries_;
  std::unique_ptr<Notice> failure_;
  std::vector<std::shared_ptr<Batch>> rest_;
  size_t cost_bytes_ = 0;
};

/// The paths given, from which a scan begins. `rules` outlives all batches.
std::vector<std::shared_ptr<Batch>> GivenBatches(const ScanRules& rules);

/// The first batch of what `directory` holds.
std::shared_ptr<Batch> DirectoryBatch(const ScanRules& rules, DirectoryRef directory);

}  // namespace tapir::source
