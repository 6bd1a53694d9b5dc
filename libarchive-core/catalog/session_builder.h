#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "catalog/listing_page.h"
#include "tapir/base/status.h"
#include "tapir/catalog/store.h"
#include "tapir/object/entry.h"

namespace tapir::catalog {

/// Keys of names that came lately, so that a store is not asked for each again. Bounded; kept from
/// session to session. Single-thread.
class NameCache {
 public:
  /// Keys in the order of `names`, which may repeat.
  Result<std::vector<NameKey>> Intern(Store& store, std::span<const std::string_view> names);

 private:
  struct Hash {
    using is_transparent = void;
    size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  std::unordered_map<std::string, NameKey, Hash, std::equal_to<>> keys_;
  size_t bytes_ = 0;
};

/// Puts the entries of one session into a store. Single-thread.
class SessionBuilder {
 public:
  /// References must outlive this.
  SessionBuilder(Store& store, NameCache& names, SessionKey session);

  /// In path order.
  Status Add(Entry entry);
  Status Finish();

  uint64_t entry_count() const { return entry_count_; }
  uint64_t listing_sum() const { return listing_sum_; }

 private:
  static constexpr size_t kNone = static_cast<size_t>(-1);

  // A directory of the batch, or one above those.
  struct Node {
    size_t parent = kNone;
    std::string name;
    DirectoryKey key = kRootDirectory;
    bool resolved = false;
    size_t depth = 0;
  };
  // A directory from whose subtree the last entry came.
  struct Open {
    size_t node = 0;
    std::string path;
    std::vector<Entry> entries;  ///< not in a page yet
    uint32_t pages = 0;
  };
  struct Page {
    size_t node = 0;
    uint32_t number = 0;
    std::vector<Entry> entries;
  };

  void OpenDirectory(const std::string& path);
  void ClosePage(Open& open);
  Status WriteBatch();
  Status ResolveDirectories();
  Status AddPlaces();
  Status AddListings();
  void ForgetClosed();

  Store& store_;
  NameCache& names_;
  SessionKey session_;
  ListingPages codec_;
  std::vector<Node> nodes_;
  std::vector<Open> open_;
  std::vector<Page> batch_;
  size_t batch_entries_ = 0;
  std::vector<Place> directory_places_;
  uint64_t entry_count_ = 0;
  uint64_t listing_sum_ = 0;
};

}  // namespace tapir::catalog
