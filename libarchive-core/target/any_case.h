#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tapir/base/status.h"

namespace tapir::target {

/// Names of one directory by what NTFS compares. Names that are not WTF-8 are not among them.
class CaseIndex {
 public:
  /// `directory_fd` may be O_PATH.
  static Result<CaseIndex> Read(int directory_fd);

  /// The only name that NTFS would compare equal; nothing if there is none.
  /// FileFailure::kAmbiguous.
  Result<std::optional<std::string>> Find(const std::string& name) const;
  void Add(const std::string& name);
  void Remove(const std::string& name);

 private:
  std::multimap<std::u16string, std::string> names_;
};

/// Names in a directory but "." and "..", as the system gives them.
Result<std::vector<std::string>> NamesInDirectory(int directory_fd);

}  // namespace tapir::target
