#include <algorithm>
#include <set>
#include <utility>

#include "catalog/directory_paths.h"
#include "catalog/ranked_entries.h"
#include "tapir/catalog/reports.h"
#include "tapir/object/path_order.h"

namespace tapir::catalog {
namespace {

bool IsSame(const Entry& before, const Entry& after) {
  return before.type == after.type && before.mode == after.mode && before.uid == after.uid &&
         before.gid == after.gid && before.size == after.size && before.mtime == after.mtime &&
         before.xxh128 == after.xxh128 && before.map_digest == after.map_digest &&
         before.link_target == after.link_target &&
         before.file_attributes == after.file_attributes &&
         before.reparse_tag == after.reparse_tag && before.status == after.status;
}

class Comparison {
 public:
  Comparison(Store& store, const std::vector<const Session*>& before,
             const std::vector<const Session*>& after,
             const std::function<Status(const SessionDifference&)>& take)
      : store_(store), take_(take), ranks_(Joined(before, after)) {
    for (size_t rank = 0; rank < ranks_.size(); ++rank) {
      is_before_.push_back(Has(before, ranks_.at(rank)));
      is_after_.push_back(Has(after, ranks_.at(rank)));
    }
  }

  // Directories are shared by all sessions, so both are gone through as one tree, in path order.
  Status Run() {
    TAPIR_RETURN_IF_ERROR(Enter(kRootDirectory));
    while (!open_.empty()) {
      Level& level = *open_.back();
      if (level.next == level.names.end()) {
        open_.pop_back();
        if (!open_.empty()) path_.Leave();
        continue;
      }
      const std::string name = *level.next++;
      TAPIR_RETURN_IF_ERROR(TakeName(level, name));
      const auto inside = level.inside.find(name);
      if (inside == level.inside.end()) continue;
      TAPIR_RETURN_IF_ERROR(path_.Enter(name));
      TAPIR_RETURN_IF_ERROR(Enter(inside->second));
    }
    return OkStatus();
  }

 private:
  struct Level {
    std::vector<RankedEntry> entries;
    size_t next_entry = 0;
    std::map<std::string, DirectoryKey, PathLess> inside;
    std::set<std::string, PathLess> names;
    std::set<std::string, PathLess>::const_iterator next;
  };

  static bool Has(const std::vector<const Session*>& sessions, const Session& session) {
    return std::ranges::find(sessions, session.key, &Session::key) != sessions.end();
  }

  // In their orders. One side may have some of the parts of which the other has all.
  static std::vector<const Session*> Joined(const std::vector<const Session*>& before,
                                            const std::vector<const Session*>& after) {
    const bool before_has_more = before.size() > after.size();
    std::vector<const Session*> joined = before_has_more ? before : after;
    for (const Session* session : before_has_more ? after : before) {
      if (!Has(joined, *session)) joined.push_back(session);
    }
    return joined;
  }

  // What is at path_.
  Status Enter(DirectoryKey key) {
    auto level = std::make_unique<Level>();
    for (size_t rank = 0; rank < ranks_.size(); ++rank) {
      TAPIR_ASSIGN_OR_RETURN(std::vector<ListingRow> rows,
                             store_.ListingsOf({&key, 1}, ranks_.at(rank).key));
      rows_.insert(rows_.end(), std::make_move_iterator(rows.begin()),
                   std::make_move_iterator(rows.end()));
    }
    TAPIR_ASSIGN_OR_RETURN(level->entries, reader_.Read(rows_, ranks_, path_.get()));
    rows_.clear();
    TAPIR_ASSIGN_OR_RETURN(const std::vector<Subdirectory> inside,
                           store_.Subdirectories({&key, 1}));
    std::vector<NameKey> names;
    for (const Subdirectory& one : inside) names.push_back(one.name);
    TAPIR_ASSIGN_OR_RETURN(const std::vector<std::string> texts, store_.Names(names));
    for (size_t i = 0; i < inside.size(); ++i) level->inside.emplace(texts[i], inside[i].key);
    level->names.insert(texts.begin(), texts.end());
    for (const RankedEntry& one : level->entries) level->names.insert(one.entry.path);
    level->next = level->names.begin();
    open_.push_back(std::move(level));
    return OkStatus();
  }

  // Names come in the order of the entries. Of parts the last one speaks for the whole file.
  Status TakeName(Level& level, const std::string& name) {
    std::optional<Entry> before;
    std::optional<Entry> after;
    for (; level.next_entry < level.entries.size() &&
           level.entries[level.next_entry].entry.path == name;
         ++level.next_entry) {
      RankedEntry& one = level.entries[level.next_entry];
      if (one.entry.type >= ObjectType::kTombstone) continue;
      one.entry.path = path_.Join(name);
      if (is_before_[one.rank]) before = one.entry;
      if (is_after_[one.rank]) after = one.entry;
    }
    if (!before && !after) return OkStatus();
    if (before && after && IsSame(*before, *after)) return OkStatus();
    using Kind = SessionDifference::Kind;
    const Kind kind = !before ? Kind::kAdded : !after ? Kind::kRemoved : Kind::kChanged;
    return take_({kind, before ? &*before : nullptr, after ? &*after : nullptr});
  }

  Store& store_;
  const std::function<Status(const SessionDifference&)>& take_;
  SessionRanks ranks_;
  std::vector<bool> is_before_, is_after_;  ///< by rank
  RankedReader reader_;
  std::vector<ListingRow> rows_;
  std::vector<std::unique_ptr<Level>> open_;
  WalkedPath path_;
};

}  // namespace

Status CompareSessions(Store& store, const std::vector<const Session*>& before,
                       const std::vector<const Session*>& after,
                       const std::function<Status(const SessionDifference&)>& take) {
  // Entries are told apart by their session.
  if (before == after) return OkStatus();
  return Comparison(store, before, after, take).Run();
}

}  // namespace tapir::catalog
