#pragma once

#include <cstdint>
#include <future>
#include <string>
#include <vector>

#include "catalog/batch_writer.h"
#include "catalog/directory_paths.h"
#include "catalog/listing_page.h"
#include "tapir/base/status.h"
#include "tapir/object/entry.h"

namespace tapir::catalog {

/// Makes listing pages of the entries of one session, while a thread of its own puts those before
/// into the store.
class SessionBuilder {
 public:
  /// References must outlive this. Until Finish has returned or this is gone, the store and the
  /// names are not for others.
  SessionBuilder(Store& store, NameCache& names, SessionKey session);

  /// In path order. May fail with what became of entries before.
  Status Add(Entry entry);
  Status Finish();

  uint64_t entry_count() const { return entry_count_; }
  /// Once Finish has returned.
  uint64_t listing_sum() const { return writer_.listing_sum(); }

 private:
  // A directory from whose subtree the last entry came.
  struct Open {
    uint64_t number = 0;
    std::vector<Entry> entries;  ///< not in a page yet
    uint32_t pages = 0;
  };

  Status CloseUpTo(const std::string& path);
  Status OpenDirectory(const std::string& path);
  Status ClosePage(Open& open);
  Status CloseDirectory();
  Status HandOver();
  /// Of the batch that is being written.
  Status Settle();

  SessionKey session_;
  ListingPages codec_;
  std::vector<Open> open_;
  WalkedPath path_;  ///< of the innermost of them
  uint64_t directory_count_ = 1;
  SessionBatch batch_;
  size_t batch_entries_ = 0;
  uint64_t entry_count_ = 0;
  BatchWriter writer_;
  std::future<Status> writing_;  ///< uses writer_, so that it is behind it
};

}  // namespace tapir::catalog
