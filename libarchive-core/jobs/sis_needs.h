#pragma once

#include <set>
#include <string>

#include "tapir/object/entry.h"

namespace tapir {

/// The same for every spelling of a store file's name: the store root's path, '/', SisStoreName.
std::string SisStoreKey(const std::string& path);

/// Which common-store files the links that were met need.
class SisNeeds {
 public:
  /// Links; others are passed over.
  void Take(const Entry& link);
  bool Contains(const Entry& store_file) const {
    return store_file.sis.role == SisRole::kCommonStoreFile &&
           keys_.contains(SisStoreKey(store_file.path));
  }
  const std::set<std::string>& keys() const { return keys_; }

 private:
  std::set<std::string> keys_;
};

}  // namespace tapir
