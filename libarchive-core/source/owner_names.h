#pragma once

#include <sys/types.h>

#include <shared_mutex>
#include <string>
#include <unordered_map>

namespace tapir::source {

/// Names of users and groups as the system knows them, each asked for once. Thread-safe.
class OwnerNames {
 public:
  /// Empty if the id has no name.
  std::string User(uid_t uid);
  std::string Group(gid_t gid);

 private:
  using Names = std::unordered_map<unsigned, std::string>;

  template <typename LookUp>
  std::string Find(Names& names, unsigned id, LookUp look_up);

  std::shared_mutex mutex_;
  Names users_;
  Names groups_;
};

}  // namespace tapir::source
