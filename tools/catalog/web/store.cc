#include "tools/catalog/web/store.h"

#include <cstddef>
#include <utility>

#include "tools/catalog/place.h"

namespace tapir::cli {

namespace {

constexpr size_t kMostIdle = 8;

/// The store that a failure came from may be of no use any more.
bool IsOfStore(StatusCode code) {
  return code == StatusCode::kDeviceError || code == StatusCode::kCorrupt ||
         code == StatusCode::kInternal;
}

}  // namespace

Status StorePool::Lease::Judge(Status status) {
  if (!store_) return status;
  status = Settled(*store_, std::move(status));
  if (IsOfStore(status.code())) Drop();
  return status;
}

Result<StorePool::Lease> StorePool::Take() {
  {
    const std::lock_guard lock(mutex_);
    while (!idle_.empty()) {
      std::unique_ptr<catalog::Store> store = std::move(idle_.back());
      idle_.pop_back();
      if (store->SeesChanges() && store->BeginReading().ok()) return Lease(*this, std::move(store));
    }
  }
  TAPIR_ASSIGN_OR_RETURN(std::unique_ptr<catalog::Store> store, open_());
  TAPIR_RETURN_IF_ERROR(store->BeginReading());
  return Lease(*this, std::move(store));
}

void StorePool::GiveBack(std::unique_ptr<catalog::Store> store) {
  if (!store->SeesChanges()) return;
  store->EndReading();
  const std::lock_guard lock(mutex_);
  if (idle_.size() < kMostIdle) idle_.push_back(std::move(store));
}

}  // namespace tapir::cli
