#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "container/session_records.h"
#include "object/index_page.h"
#include "object/index_pages.h"
#include "tapir/base/status.h"
#include "tapir/object/entry.h"

namespace tapir {

/// Goes through an index in path order, or from a given path on (format chapter 7). Reads pages as
/// they are needed and checks each against the digest its parent holds. Single-thread; the device
/// must not be moved by others between calls, unless they call Reposition.
class IndexReader {
 public:
  /// The index of the session that `end` ends. `device` must locate and outlive this.
  IndexReader(BlockDevice& device, const Label& label, const EndRecord& end);
  /// The index with this root.
  IndexReader(std::shared_ptr<IndexPages> pages, const Locator& root, const Digest128& root_digest,
              uint32_t root_level);

  /// The next entry; nothing at the end. kCorrupt or kUnsupported: a page cannot be used, and the
  /// rest of the index neither.
  Result<std::optional<Entry>> Next();

  /// Goes on with the first entry that is not before `path`, in path order.
  Status SeekTo(std::string_view path);

  /// The device was moved by somebody else.
  void Reposition() { pages_->Reposition(); }

 private:
  struct Level {
    std::vector<ChildPage> children;
    size_t next = 0;
    uint32_t level = 0;  ///< of the page these are the children of
  };

  Status Descend(const ChildPage& page, uint32_t level);
  Status TakeLeaf(const ChildPage& page, const RawChunk& raw);
  Status Start();

  std::shared_ptr<IndexPages> pages_;
  ChildPage root_;
  uint32_t root_level_;
  bool started_ = false;
  std::vector<Level> levels_;
  std::vector<Entry> leaf_;
  size_t next_in_leaf_ = 0;
  /// Of the entry behind the leaf read last; unknown after a seek.
  std::optional<uint64_t> next_ordinal_;
  std::string last_path_;
};

}  // namespace tapir
