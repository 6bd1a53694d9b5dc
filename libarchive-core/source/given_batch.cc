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

  static std::unique_ptr<Notice> Warning(std::string text) {
    return std::make_unique<Notice>(Notice{NoticeKind::kWarning, std::move(text)});
  }

  static std::unique_ptr<Notice> Missing(int error) {
    return Warning("cannot be found, left out: " + std::generic_category().message(error));
  }

  void Add(const GivenPath& given, PathResolver& resolver) {
    Entry& entry = entries_.emplace_back();
    entry.name = given.path.c_str();
    const Place place = Find(given.path, FollowedBytes(given), resolver);
    if (place.error != 0) {
      entry.notice = Missing(place.error);
    } else {
      LookAt(place.open->get(), place.name, place.parent, entry);
    }
  }

  struct Place {
    int error = 0;  ///< errno, or 0: the others are filled
    DirectoryRef parent;
    SharedDescriptor open;  ///< the parent
    const char* name = nullptr;
    uint64_t device = 0;  ///< where the last component lies
  };

  /// What is at `path`, whose text is used as long as the place is.
  Place Find(const std::string& path, size_t followed_bytes, PathResolver& resolver) const {
    Place place{.parent = resolver.ParentOf(path, followed_bytes)};
    Result<SharedDescriptor> open = rules_.context->directories->Acquire(place.parent);
    if (!open.ok()) {
      // Without errno it was replaced since the path before was looked up.
      place.error = open.status().sys_errno() != 0 ? open.status().sys_errno() : ENOENT;
      return place;
    }
    place.open = *std::move(open);
    place.name = path.c_str() + (path.rfind('/') + 1);
    struct stat info;
    if (::fstatat(place.open->get(), place.name, &info, AT_SYMLINK_NOFOLLOW) != 0) {
      place.error = errno;
    } else {
      place.device = info.st_dev;
    }
    return place;
  }

  /// A scan that begins above yields this path, if it comes here: says when it does not.
  void CheckCovered(const GivenPath& given, PathResolver& resolver) {
    const GivenPath* start = FindStart(rules_.given, given.path);
    const size_t followed_bytes = FollowedBytes(*start);
    const Place place = Find(given.path, followed_bytes, resolver);
    std::unique_ptr<Notice> notice;
    if (place.error != 0) {
      notice = Missing(place.error);
    } else if (rules_.one_file_system && CrossesBorder(given.path, *start, resolver)) {
      notice = Warning(
          "is on another file system than a path given above it; left out, archive it in a run of "
          "its own");
    } else {
      return;
    }
    Entry& entry = entries_.emplace_back();
    entry.name = given.path.c_str();
    entry.notice = std::move(notice);
  }

  /// Whether a mount point that was not given lies between the path and where its scan begins.
  bool CrossesBorder(const std::string& path, const GivenPath& start,
                     PathResolver& resolver) const {
    const size_t followed_bytes = FollowedBytes(start);
    uint64_t device = Find(start.path, followed_bytes, resolver).device;
    for (size_t end = start.path == "." ? 0 : start.path.size() + 1; end < path.size(); ++end) {
      end = std::min(path.find('/', end), path.size());
      const std::string passed = path.substr(0, end);
      const uint64_t below = Find(passed, followed_bytes, resolver).device;
      if (below != device && FindGiven(rules_.given, passed) == nullptr) return true;
      device = below;
    }
    return false;
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
