#pragma once

#include <functional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "catalog/ranked_entries.h"
#include "tapir/base/status.h"
#include "tapir/catalog/find.h"
#include "tapir/catalog/inventory.h"
#include "tapir/catalog/store.h"

namespace tapir::catalog {

/// Picks what a find request wants of the listings of a directory, path by path. Single-thread.
class VersionFinder {
 public:
  /// References must outlive this.
  VersionFinder(const Inventory& inventory, const FindRequest& request,
                const std::function<Status(const Version&)>& take);

  /// `rows` are all listings of one directory, whose path is `path`. Only names are looked at for
  /// which `wants` is true.
  Status Take(const std::string& path, std::span<const ListingRow> rows,
              const std::function<bool(std::string_view name)>& wants);

  /// Of what is taken from now on only versions in these sessions count; none: all.
  void LimitTo(std::set<SessionKey> sessions) { only_ = std::move(sessions); }

  /// As many as were asked for have been handed out.
  bool is_full() const { return request_.limit != 0 && handed_out_ >= request_.limit; }

 private:
  bool Fits(const Entry& entry) const;
  Status TakePath(const std::string& path, std::span<RankedEntry> versions);
  const std::string& SetOf(const RankedEntry& entry) const;

  const Inventory& inventory_;
  const FindRequest& request_;
  const std::function<Status(const Version&)>& take_;
  SessionRanks ranks_;  ///< set by set, the newest session first, and of its parts the last
  RankedReader reader_;
  std::set<SessionKey> only_;
  uint64_t handed_out_ = 0;
};

}  // namespace tapir::catalog
