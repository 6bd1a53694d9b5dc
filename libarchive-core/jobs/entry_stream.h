#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tapir/base/status.h"
#include "tapir/object/entry.h"
#include "tapir/object/path_order.h"

namespace tapir {

/// The entries of one session in path order, wherever they come from. Single-thread.
class EntryStream {
 public:
  virtual ~EntryStream() = default;
  virtual Result<std::optional<Entry>> Next() = 0;
  /// Goes on with the first entry that is not before `path`.
  virtual Status SeekTo(const std::string& path) = 0;
  /// Another stream moved the device both read from.
  virtual void Reposition() {}
};

/// Entries that are in memory.
class EntryList : public EntryStream {
 public:
  explicit EntryList(std::vector<Entry> entries) : entries_(std::move(entries)) {}

  Result<std::optional<Entry>> Next() override {
    if (next_ == entries_.size()) return std::optional<Entry>();
    return std::optional<Entry>(entries_[next_++]);
  }
  Status SeekTo(const std::string& path) override {
    auto first = std::lower_bound(entries_.begin(), entries_.end(), path,
                                  [](const Entry& entry, const std::string& wanted) {
                                    return ComparePaths(entry.path, wanted) < 0;
                                  });
    next_ = static_cast<size_t>(first - entries_.begin());
    return OkStatus();
  }

 private:
  std::vector<Entry> entries_;
  size_t next_ = 0;
};

}  // namespace tapir
