#pragma once

#include <functional>
#include <string>
#include <vector>

#include "tapir/base/status.h"
#include "tapir/catalog/find.h"
#include "tapir/catalog/inventory.h"
#include "tapir/catalog/store.h"

namespace tapir::catalog {

/// The newest state of these sessions, which are in order (format chapter 6.4), or one session
/// alone. Single-thread. `store` and `inventory` outlive it.
class State {
 public:
  State(Store& store, std::vector<const Session*> sessions);

  /// What is directly in a directory ("." is the root), by name; directories that only stand in
  /// paths are there as such. kNotFound if nothing is called so; kInvalidArgument if it is no
  /// directory.
  Result<std::vector<Version>> List(const std::string& path);

  /// Everything below `path`, and itself, in path order.
  Status Walk(const std::string& path, const std::function<Status(const Version&)>& take);

 private:
  struct Level;
  Store& store_;
  std::vector<const Session*> sessions_;
};

}  // namespace tapir::catalog
