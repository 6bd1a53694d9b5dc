#include "object/replay_source.h"

#include "tapir/object/path_order.h"

namespace tapir {
namespace {

bool HasFurtherNames(const SourceItem& item) {
  return item.link_count > 1 && item.type != ObjectType::kDirectory;
}

}  // namespace

Result<std::optional<SourceItem>> ReplaySource::Next() {
  {
    std::lock_guard lock(mutex_);
    if (next_ < items_.size()) return std::optional(items_[next_++]);
  }
  // Without the lock: it may take long.
  TAPIR_ASSIGN_OR_RETURN(std::optional<SourceItem> item, source_.Next());
  if (!item) return item;
  std::lock_guard lock(mutex_);
  if (HasFurtherNames(*item)) {
    auto found = earlier_.find({item->identity.device, item->identity.inode});
    if (found != earlier_.end()) item->earlier_name = found->second;
  }
  items_.push_back(*item);
  next_ = items_.size();
  return item;
}

void ReplaySource::Release(std::string_view path) {
  std::lock_guard lock(mutex_);
  while (!items_.empty() && next_ > 0 && ComparePaths(items_.front().path, path) <= 0) {
    const SourceItem& item = items_.front();
    if (HasFurtherNames(item)) {
      FileKey key{item.identity.device, item.identity.inode};
      auto [link, first] = links_.try_emplace(key, LinkedFile{item.path, item.link_count});
      if (--link->second.names_left == 0) links_.erase(link);
    }
    items_.pop_front();
    --next_;
    ++released_;
  }
}

void ReplaySource::Rewind() {
  std::lock_guard lock(mutex_);
  next_ = 0;
  for (const auto& [key, link] : links_) earlier_.try_emplace(key, link.first_name);
  for (SourceItem& item : items_) {
    auto found = earlier_.find({item.identity.device, item.identity.inode});
    if (HasFurtherNames(item) && found != earlier_.end()) item.earlier_name = found->second;
  }
}

uint64_t ReplaySource::released() const {
  std::lock_guard lock(mutex_);
  return released_;
}

}  // namespace tapir
