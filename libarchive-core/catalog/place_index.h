#pragma once

#include <span>
#include <vector>

#include "tapir/base/status.h"
#include "tapir/catalog/store.h"

namespace tapir::catalog {

/// Puts places into a store, many at a time, so that those of one name lie together. Single-thread.
class PlaceWriter {
 public:
  /// `store` must outlive this.
  explicit PlaceWriter(Store& store) : store_(store) {}

  /// Those that are there already are passed over.
  Status Add(std::span<const Place> places);
  /// Hands what was added to the store; without this it is lost.
  Status Flush();

 private:
  Status AddNew(std::span<const Place> places);

  Store& store_;
  std::vector<Place> waiting_;
};

/// Where these names occur, ordered by name, then directory.
Result<std::vector<Place>> PlacesOf(Store& store, std::span<const NameKey> names);

}  // namespace tapir::catalog
