#include "jobs/sis_links.h"

#include <utility>
#include <vector>

#include "bytes/cursor.h"
#include "tapir/object/path_order.h"
#include "tapir/windows/reparse_data.h"
#include "tapir/windows/sis_link.h"

namespace tapir {
namespace {

using Function = SisCall::Function;

// Where stores are, unless a link says more.
constexpr const char* kStoreRoot = "SIS Common Store";

bool IsStoreFile(const Metadata& metadata) {
  return metadata.ntfs && metadata.ntfs->sis.role == SisRole::kCommonStoreFile;
}

}  // namespace

std::string_view SisFunctionName(SisCall::Function function) {
  switch (function) {
    case Function::kCreateRestoreStructure: return "SisCreateRestoreStructure";
    case Function::kRestoredLink: return "SisRestoredLink";
    case Function::kRestoredCommonStoreFile: return "SisRestoredCommonStoreFile";
    case Function::kFreeRestoreStructure: break;
  }
  return "SisFreeRestoreStructure";
}

SisLinks::SisLinks(ObjectTarget& target, Reporter& reporter, TakeSisCall take_call)
    : target_(target), reporter_(reporter), take_call_(std::move(take_call)) {}

void SisLinks::Call(SisCall call) const {
  if (take_call_) take_call_(call);
}

SisLinks::Store& SisLinks::StoreAt(const std::string& root) {
  std::unique_ptr<Store>& store = stores_[root];
  if (store) return *store;
  const Result<std::vector<std::string>> names = target_.NamesIn(root);
  const std::vector<std::string> there = names.ok() ? *names : std::vector<std::string>{};
  store = std::make_unique<Store>(SisRestore(root, {}, there));
  for (const std::string& name : there) store->there.insert(SisStoreName(name));
  return *store;
}

bool SisLinks::IsThere(const Metadata& metadata) {
  if (!IsStoreFile(metadata)) return false;
  const std::lock_guard lock(mutex_);
  return StoreAt(ParentPath(metadata.path)).there.contains(SisStoreName(metadata.path));
}

void SisLinks::Restored(const Metadata& metadata) {
  if (!metadata.ntfs) return;
  const bool is_link =
      metadata.type == ObjectType::kRegular && metadata.ntfs->reparse_tag() == kReparseTagSis;
  if (!is_link && !IsStoreFile(metadata)) return;
  const std::lock_guard lock(mutex_);
  if (is_link) {
    TakeLink(metadata);
  } else {
    TakeStoreFile(metadata.path);
  }
}

void SisLinks::TakeLink(const Metadata& link) {
  const std::vector<std::string>& needed = link.ntfs->sis.files;
  const std::string root = needed.empty() ? kStoreRoot : ParentPath(needed.front());
  ++link_count_;
  Store& store = StoreAt(root);
  if (!std::exchange(store.has_links, true)) {
    Call({Function::kCreateRestoreStructure, root, {}, {}, {}});
  }
  Call({Function::kRestoredLink, root, link.path, link.ntfs->reparse_data, needed});
  if (needed.empty()) {
    ++unresolved_;
    reporter_.Report(NoticeKind::kWarning, link.path,
                     "is a SIS link whose common-store file is not known");
    return;
  }
  const Result<std::vector<std::string>> to_restore =
      store.order.RestoredLink(link.path, AsBytes(link.ntfs->reparse_data), needed);
  if (!to_restore.ok()) {
    ++unresolved_;
    reporter_.Report(NoticeKind::kWarning, link.path, to_restore.status().message());
    return;
  }
  for (const std::string& name : *to_restore) {
    const auto early = store.early.find(name);
    if (early != store.early.end()) TakeStoreFile(early->second);
  }
}

void SisLinks::TakeStoreFile(const std::string& path) {
  const std::string root = ParentPath(path);
  Store& store = StoreAt(root);
  if (store.order.RestoredCommonStoreFile(path).ok()) {
    Call({Function::kRestoredCommonStoreFile, root, path, {}, {}});
  } else {
    store.early.emplace(SisStoreName(path), path);
  }
}

std::set<std::string> SisLinks::Awaited() const {
  const std::lock_guard lock(mutex_);
  std::set<std::string> keys;
  for (const auto& [root, store] : stores_) {
    for (const auto& [name, link] : store->order.awaited()) keys.insert(root + '/' + name);
  }
  return keys;
}

void SisLinks::Finish() {
  const std::lock_guard lock(mutex_);
  for (const auto& [root, store] : stores_) {
    for (const auto& [name, link] : store->order.awaited()) {
      ++unresolved_;
      reporter_.Report(NoticeKind::kWarning, link,
                       "cannot be read: its common-store file '" + name + "' was not restored");
    }
    if (store->has_links) Call({Function::kFreeRestoreStructure, root, {}, {}, {}});
    (void)store->order.Free();  // what it would complain of was told
  }
}

}  // namespace tapir
