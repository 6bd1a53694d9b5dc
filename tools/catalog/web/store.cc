#include "tools/catalog/web/store.h"

#include <cstddef>
#include <utility>

namespace tapir::cli {

namespace {
constexpr size_t kMostIdle = 8;
}  // namespace

Result<StorePool::Lease> StorePool::Take() {
  {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      Lease lease(*this, std::move(idle_.back()));
      idle_.pop_back();
      return lease;
    }
  }
  TAPIR_ASSIGN_OR_RETURN(std::unique_ptr<catalog::Store> store, open_());
  return Lease(*this, std::move(store));
}

void StorePool::GiveBack(std::unique_ptr<catalog::Store> store) {
  const std::lock_guard lock(mutex_);
  if (idle_.size() < kMostIdle) idle_.push_back(std::move(store));
}

}  // namespace tapir::cli
