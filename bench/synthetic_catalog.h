#pragma once

#include <cstdint>
#include <functional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "tapir/base/status.h"
#include "tapir/object/entry.h"

namespace tapir::bench {

/// A tree of any size with the names that trees have: source code, photographs, documents, mail and
/// packages, some names in thousands of directories and some in one. The same for the same seed.
class SyntheticTree {
 public:
  enum class Kind : uint8_t { kHome, kSource, kPhotos, kDocuments, kMail, kPackage };

  explicit SyntheticTree(uint64_t objects, uint32_t seed = 1);

  /// Every entry in path order.
  Status Walk(const std::function<Status(Entry)>& take);

 private:
  Status WalkDirectory(const std::string& path, Kind kind, int depth,
                       const std::function<Status(Entry)>& take);
  Status WalkLargeDirectory(const std::string& path, const std::function<Status(Entry)>& take);
  std::set<std::string> FilesOf(Kind kind);
  std::set<std::string> DirectoriesOf(Kind kind, int depth);
  Entry MakeEntry(std::string path, ObjectType type);
  size_t Below(size_t bound) { return random_() % bound; }
  const std::string& Word();

  uint64_t wanted_;
  uint64_t made_ = 0;
  uint64_t unit_ = 16;
  std::mt19937_64 random_;
  std::vector<std::string> words_;
};

}  // namespace tapir::bench
