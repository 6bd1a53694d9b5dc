#include "object/index_reader.h"

#include <algorithm>
#include <utility>

#include "tapir/object/path_order.h"

namespace tapir {

IndexReader::IndexReader(BlockDevice& device, const Label& label, const EndRecord& end)
    : IndexReader(std::make_shared<DevicePages>(device, label), end.root, end.root_digest,
                  end.root_level) {}

IndexReader::IndexReader(std::shared_ptr<IndexPages> pages, const Locator& root,
                         const Digest128& root_digest, uint32_t root_level)
    : pages_(std::move(pages)), root_level_(root_level) {
  root_.locator = root;
  root_.digest = root_digest;
}

// Ordinals have to go on without a gap from leaf to leaf: otherwise a few pages that name each
// other again and again would make an index without end.
Status IndexReader::TakeLeaf(const ChildPage& page, const RawChunk& raw) {
  TAPIR_ASSIGN_OR_RETURN(leaf_, DecodeLeaf(raw.bytes));
  next_in_leaf_ = 0;
  if (root_level_ == 0 && leaf_.empty()) return OkStatus();
  bool fits = !leaf_.empty() && leaf_.front().ordinal == page.first_ordinal &&
              leaf_.front().ordinal == next_ordinal_.value_or(page.first_ordinal) &&
              (last_path_.empty() || ComparePaths(last_path_, leaf_.front().path) < 0);
  if (!fits) {
    leaf_.clear();
    return Corrupt("index leaf does not follow the one before");
  }
  next_ordinal_ = leaf_.back().ordinal + 1;
  last_path_ = leaf_.back().path;
  return OkStatus();
}

// Reads a page: a leaf becomes the current one, an inner one a level more to go through.
Status IndexReader::Descend(const ChildPage& page, uint32_t level) {
  if (level == 0) {
    TAPIR_ASSIGN_OR_RETURN(RawChunk raw, pages_->Read(page, true));
    return TakeLeaf(page, raw);
  }
  TAPIR_ASSIGN_OR_RETURN(RawChunk raw, pages_->Read(page, false));
  TAPIR_ASSIGN_OR_RETURN(InnerPage inner, DecodeInner(raw.bytes));
  if (inner.level != level || inner.children.front().first_ordinal != page.first_ordinal) {
    return Corrupt("index page of another level or place");
  }
  levels_.push_back({std::move(inner.children), 0, level});
  return OkStatus();
}

Status IndexReader::Start() {
  started_ = true;
  levels_.clear();
  leaf_.clear();
  next_in_leaf_ = 0;
  next_ordinal_.reset();
  last_path_.clear();
  return Descend(root_, root_level_);
}

Result<std::optional<Entry>> IndexReader::Next() {
  if (!started_) TAPIR_RETURN_IF_ERROR(Start());
  while (next_in_leaf_ == leaf_.size()) {
    while (!levels_.empty() && levels_.back().next == levels_.back().children.size()) {
      levels_.pop_back();
    }
    if (levels_.empty()) return std::optional<Entry>();
    Level& level = levels_.back();
    // A copy: Descend may add a level and so move this one.
    ChildPage child = level.children[level.next++];
    TAPIR_RETURN_IF_ERROR(Descend(child, level.level - 1));
  }
  return std::optional<Entry>(std::move(leaf_[next_in_leaf_++]));
}

Status IndexReader::SeekTo(std::string_view path) {
  TAPIR_RETURN_IF_ERROR(Start());
  while (!levels_.empty() && leaf_.empty()) {
    Level& level = levels_.back();
    // The last child that does not begin behind the path may hold it.
    auto behind = std::upper_bound(level.children.begin(), level.children.end(), path,
                                   [](std::string_view wanted, const ChildPage& child) {
                                     return ComparePaths(wanted, child.first_path) < 0;
                                   });
    size_t child = behind == level.children.begin()
                       ? 0
                       : static_cast<size_t>(behind - level.children.begin()) - 1;
    level.next = child + 1;
    ChildPage page = level.children[child];
    TAPIR_RETURN_IF_ERROR(Descend(page, level.level - 1));
  }
  auto first = std::lower_bound(leaf_.begin(), leaf_.end(), path,
                                [](const Entry& entry, std::string_view wanted) {
                                  return ComparePaths(entry.path, wanted) < 0;
                                });
  next_in_leaf_ = static_cast<size_t>(first - leaf_.begin());
  return OkStatus();
}

}  // namespace tapir
