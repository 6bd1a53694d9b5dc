#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tapir/base/status.h"
#include "tapir/catalog/find.h"
#include "tapir/catalog/inventory.h"
#include "tapir/catalog/store.h"

namespace tapir::catalog {

/// The newest state that sessions have together (format chapter 6.4), as a restore would give it.
/// Single-thread.
class State {
 public:
  /// `sessions` are in order, as Inventory::SessionsOf gives them, with all their parts; the newest
  /// full one and what follows counts. `store` and the sessions must outlive this.
  State(Store& store, std::vector<const Session*> sessions);
  ~State();
  State(State&&) noexcept;

  /// What is directly in a directory ("." is the root), by name. A directory that stands in paths
  /// only, and was not archived itself, is there with a type and nothing else, and `session` is
  /// null. kNotFound if nothing is called so; kInvalidArgument if it is no directory.
  Result<std::vector<Version>> List(const std::string& path);

  /// The object at a path; nothing if there is none, or only as part of other paths.
  Result<std::optional<Version>> Find(const std::string& path);

  /// `path` itself and everything below, in path order; nothing if it is not there.
  Status Walk(const std::string& path, const std::function<Status(const Version&)>& take);

 private:
  class Reader;
  std::unique_ptr<Reader> reader_;
};

}  // namespace tapir::catalog
