#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "tapir/base/status.h"
#include "tapir/catalog/store.h"

namespace tapir::cli {

using OpenStore = std::function<Result<std::unique_ptr<catalog::Store>>()>;

/// Opened catalogues that wait for the next request. Thread-safe; outlives what it lends.
class StorePool {
 public:
  /// One thread has it, and reads in it as of one moment; it goes back when this ends.
  class Lease {
   public:
    Lease(StorePool& pool, std::unique_ptr<catalog::Store> store)
        : pool_(&pool), store_(std::move(store)) {}
    Lease(Lease&&) = default;
    Lease& operator=(Lease&&) = delete;
    ~Lease() {
      if (store_) pool_->GiveBack(std::move(store_));
    }

    catalog::Store& store() { return *store_; }
    /// It failed: the next request opens a new one.
    void Drop() { store_.reset(); }
    /// What is to be said of the work that ended with `status`: kBusy if the catalogue was changed
    /// under it. Drops the store if it may be of no use any more.
    Status Judge(Status status);

   private:
    StorePool* pool_;
    std::unique_ptr<catalog::Store> store_;
  };

  explicit StorePool(OpenStore open) : open_(std::move(open)) {}

  Result<Lease> Take();

 private:
  void GiveBack(std::unique_ptr<catalog::Store> store);

  OpenStore open_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<catalog::Store>> idle_;
};

}  // namespace tapir::cli
