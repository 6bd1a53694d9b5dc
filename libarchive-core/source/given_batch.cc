#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "source/scan.h"

namespace tapir::source {
namespace {

// Small, so that a long list of files is looked at by several threads.
constexpr size_t kPathsInBatch = 64;

class GivenBatch final : public Batch {
 public:
  GivenBatch(const ScanRules& rules, size_t first) : Batch(rules), first_(first) {}

  std::vector<std::shared_ptr<Step>> Run() override {
    PathResolver from_base(*rules_.context->directories, rules_.base);
    PathResolver from_root(*rules_.context->directories, rules_.root);
    const size_t end = std::min(first_ + kPathsInBatch, rules_.given.size());
    for (size_t i = first_; i < end; ++i) {
      const GivenPath& given = rules_.given[i];
      if (IsExcluded(given)) {
        // What is covered is counted where the scan comes to it.
        if (!given.covered) ++rules_.left_out_count;
        continue;
      }
      PathResolver& resolver = given.from_root ? from_root : from_base;
      if (given.covered) {
        CheckCovered(given, resolver);
      } else {
        Add(given, resolver);
      }
    }
    cost_bytes_ = entries_.size() * sizeof(Entry);
    return Followers();
  }

 private:
  bool IsExcluded(const GivenPath& given) const {
    return std::any_of(
        rules_.excludes.begin(), rules_.excludes.end(),
        [&](const PathPattern& pattern) { return pattern.MatchesOrIsAbove(given.path); });
  }

  static const char* LastComponent(const GivenPath& given) {
    return given.path.c_str() + given.path.rfind('/') + 1;
  }

  static std::unique_ptr<Notice> Missing(int error) {
    return std::make_unique<Notice>(
        Notice{NoticeKind::kWarning,
               "cannot be found, left out: " + std::generic_category().message(error)});
  }

  void Add(const GivenPath& given, PathResolver& resolver) {
    Entry& entry = entries_.emplace_back();
    entry.name = given.path.c_str();
    DirectoryRef parent = resolver.ParentOf(given.path, FollowedBytes(given));
    Result<SharedDescriptor> open = rules_.context->directories->Acquire(parent);
    if (!open.ok()) {
      entry.notice = Missing(open.status().sys_errno());
      return;
    }
    const char* name = LastComponent(given);
    struct stat info;
    if (::fstatat((*open)->get(), name, &info, AT_SYMLINK_NOFOLLOW) != 0) {
      entry.notice = Missing(errno);
      return;
    }
    LookAt((*open)->get(), name, std::move(parent), entry);
  }

  /// The scan of the path above yields this one, if it comes here: says when it does not.
  void CheckCovered(const GivenPath& given, PathResolver& resolver) {
    const DirectoryRef parent = resolver.ParentOf(given.path, 0);
    Result<SharedDescriptor> open = rules_.context->directories->Acquire(parent);
    struct stat info;
    int error = open.ok() ? 0 : open.status().sys_errno();
    if (open.ok() &&
        ::fstatat((*open)->get(), LastComponent(given), &info, AT_SYMLINK_NOFOLLOW) != 0) {
      error = errno;
    }
    if (error == 0) return;
    Entry& entry = entries_.emplace_back();
    entry.name = given.path.c_str();
    entry.notice = Missing(error);
  }

  const size_t first_;
};

}  // namespace

std::vector<std::shared_ptr<Batch>> GivenBatches(const ScanRules& rules) {
  std::vector<std::shared_ptr<Batch>> batches;
  for (size_t first = 0; first < rules.given.size(); first += kPathsInBatch) {
    batches.push_back(std::make_shared<GivenBatch>(rules, first));
  }
  return batches;
}

}  // namespace tapir::source
