#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "container/session_records.h"
#include "object/decoded_reader.h"
#include "object/index_page.h"
#include "tapir/base/spool.h"
#include "tapir/base/status.h"
#include "tapir/object/entry.h"

namespace tapir {

/// Compares a session's index with its records, entry by entry, and its pages with each other
/// (format chapters 7 and 8.1). Single-thread.
class IndexVerifier {
 public:
  using Complain = std::function<void(std::string text, std::string path)>;
  /// An entry whose object was not met in the records.
  using Unmet = std::function<void(const Entry& entry)>;
  using Seen = std::function<void(const Entry& entry)>;

  IndexVerifier(Complain complain, Unmet unmet, Seen seen);

  /// What the records say of an object; ordinals ascend.
  Status Expect(const Entry& entry);
  Status TakePage(const DecodedChunk& page);
  void Finish(const EndRecord& end);

 private:
  Status TakeLeaf(const DecodedChunk& page);
  void TakeInner(const DecodedChunk& page);
  Status CompareEntry(const Entry& entry);

  Complain complain_;
  Unmet unmet_;
  Seen seen_;
  Spool fingerprints_;  ///< eight bytes an object, zero: not met
  uint64_t expected_ = 0;
  uint64_t next_ordinal_ = 0;
  bool page_lost_ = false;
  /// Pages met and not yet named by a parent; the first index is the level.
  std::vector<std::vector<ChildPage>> pages_;
  ChildPage last_page_;
};

}  // namespace tapir
