#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "container/session_records.h"
#include "object/decoded_reader.h"
#include "object/index_page.h"
#include "tapir/object/entry.h"

namespace tapir {

/// Checks copies of earlier indexes (format chapter 7.3): each is a whole tree, and has the leaves
/// of the index it is a copy of, where that was met too. Lives as long as a volume is read.
/// Single-thread.
class IndexCopyVerifier {
 public:
  using Complain = std::function<void(std::string text)>;

  void SessionBegin();
  /// A page of the session's own index, in order.
  void TakeOwn(const DecodedChunk& page);
  void TakeCopy(const DecodedChunk& page, const Complain& complain);
  void SessionEnd(const EndRecord& end, const Complain& complain);

 private:
  struct Page {
    Digest128 digest{};
    uint32_t level = 0;
    std::vector<ChildPage> children;  ///< of an inner page
    std::optional<Entry> first;       ///< of a leaf
    std::optional<Entry> last;
  };
  /// What was met of a tree up to now.
  struct Walk {
    size_t visits = 0;
    uint64_t next_ordinal = 0;
    std::string last_path;
    Digest128 leaves{};  ///< a digest of the digests
  };

  bool AddPage(const ChildPage& named, uint32_t level, bool is_root, Walk& walk) const;

  Digest128 own_leaves_{};  ///< a digest of the digests
  bool lost_ = false;       ///< a page of the section cannot be read
  std::map<Locator, Page> copies_;
  std::map<SessionId, Digest128> leaves_of_;
};

}  // namespace tapir
