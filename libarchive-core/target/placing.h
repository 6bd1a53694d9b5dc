#pragma once

#include <string>

#include "base/descriptor.h"
#include "tapir/base/status.h"
#include "target/directory_cache.h"

namespace tapir::target {

/// A name in an open directory.
struct Place {
  std::shared_ptr<const Directory> parent;
  const char* name = nullptr;         ///< borrowed from the path
  const std::string* path = nullptr;  ///< borrowed, for messages
  uint64_t hash = 0;                  ///< of the path

  int parent_fd() const { return parent->fd.get(); }
};

/// Whether something may be replaced, and who is to be told of an empty directory that had to go.
struct InTheWay {
  bool may_be_replaced = false;
  std::function<void(uint64_t hash)> on_directory_removed;
};

/// A name that nothing has: ".tapir-" and 16 random digits.
std::string TemporaryName();

/// Calls `make(name)` (0 or errno) with temporary names until it is not EEXIST. Returns the name.
template <typename Make>
Result<std::string> MakeTemporary(const Place& place, Make make) {
  constexpr int kTries = 16;
  int error = EEXIST;
  for (int i = 0; i < kTries && error == EEXIST; ++i) {
    std::string name = TemporaryName();
    error = make(name.c_str());
    if (error == 0) return name;
  }
  return Status::FromErrno(error, "cannot create a temporary file for '" + *place.path + "'");
}

/// Renames unless the new name is taken; 0 or errno. Not for directories where the file system can
/// do no such thing at once.
int RenameToFreeName(int from_directory, const char* from, int to_directory, const char* to);

/// "cannot create 'x': No space left on device"; kExists for EEXIST.
Status CannotCreate(const std::string& path, int sys_errno);

/// Gives the temporary its real name, over what is in the way if that may be replaced.
Status TryToMoveIntoPlace(const Place& place, const std::string& temporary,
                          const InTheWay& in_the_way);
/// The same; removes the temporary if it fails.
Status MoveIntoPlace(const Place& place, const std::string& temporary, const InTheWay& in_the_way);

}  // namespace tapir::target
