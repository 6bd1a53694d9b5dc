#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "catalog/name_cache.h"
#include "catalog/place_index.h"
#include "tapir/base/status.h"
#include "tapir/catalog/store.h"

namespace tapir::catalog {

/// A part of a session on its way into a store. Directories go by numbers that count from 0, the
/// root, through the session.
struct SessionBatch {
  struct Directory {
    uint64_t number = 0;
    uint64_t parent = 0;
    size_t depth = 0;  ///< components of its path
    std::string name;
  };
  struct Page {
    uint64_t directory = 0;
    uint32_t number = 0;
    std::vector<std::string> names;  ///< of its entries
    std::string bytes;               ///< as ListingPages encodes them
  };
  std::vector<Directory> directories;  ///< that are not in a batch before
  std::vector<Page> pages;
  std::vector<uint64_t> open;  ///< of all directories so far those that later batches may name
};

/// Gives names and directories their keys and puts batches into a store. Single-thread.
class BatchWriter {
 public:
  /// References must outlive this.
  BatchWriter(Store& store, NameCache& names, SessionKey session);

  /// In the order of the session.
  Status Write(SessionBatch batch);

  /// Behind the last batch.
  Status Finish() { return places_.Flush(); }

  /// Of all batches so far.
  uint64_t listing_sum() const { return listing_sum_; }

 private:
  Status ResolveDirectories(const SessionBatch& batch);
  Status AddPlaces(const SessionBatch& batch);
  Status AddListings(SessionBatch& batch);
  void ForgetClosed(const SessionBatch& batch);

  Store& store_;
  NameCache& names_;
  SessionKey session_;
  std::unordered_map<uint64_t, DirectoryKey> directories_;  ///< by number
  PlaceWriter places_;
  uint64_t listing_sum_ = 0;
};

}  // namespace tapir::catalog
