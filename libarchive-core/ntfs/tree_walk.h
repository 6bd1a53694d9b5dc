#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "ntfs/record.h"
#include "ntfs/volume.h"

namespace tapir::ntfs {

/// A name met in the tree.
struct FoundName {
  std::string path;
  NamePlace place;
  uint64_t file_reference = 0;
  bool is_directory = false;
  bool is_reparse_point = false;
};

/// Goes through the names of a volume in path order (format chapter 5). Memory: the names of the
/// directories from the root to the current one. Single-thread.
class TreeWalk {
 public:
  using Tell = std::function<void(const std::string& path, const std::string& text)>;
  /// False: the name and what is below it are left out.
  using Keep = std::function<bool(const std::string& path)>;

  /// `tell` learns of directories and names that cannot be read or archived.
  TreeWalk(std::shared_ptr<Volume> volume, Tell tell, Keep keep);

  /// The path of the root, "." unless given. Before Next.
  void SetRoot(const std::string& path) { root_ = path; }
  const std::string& root() const { return root_; }

  /// The next name, the root first; nothing at the end.
  std::optional<FoundName> Next();

 private:
  struct Child {
    std::string name;  ///< WTF-8
    std::u16string units;
    uint64_t file_reference = 0;
    bool is_directory = false;
    bool is_reparse_point = false;
  };
  struct Level {
    std::string path;
    uint64_t file_reference = 0;
    std::vector<Child> children;  ///< in reverse order
  };

  void Enter(const std::string& path, uint64_t file_reference);
  std::vector<Child> List(const std::string& path, uint64_t file_reference);

  std::shared_ptr<Volume> volume_;
  std::string root_ = ".";
  Tell tell_;
  Keep keep_;
  bool begun_ = false;
  std::vector<Level> levels_;
  /// A directory has one place: damaged volumes may show it in several, or below itself.
  std::unordered_set<uint64_t> entered_;
};

}  // namespace tapir::ntfs
