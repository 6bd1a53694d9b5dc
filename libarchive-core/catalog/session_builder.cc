#include "catalog/session_builder.h"

#include <algorithm>
#include <map>
#include <utility>

#include "tapir/object/path_order.h"

namespace tapir::catalog {
namespace {

// Entries that are put into the store at a time.
constexpr size_t kBatchEntries = 32'768;
constexpr size_t kCachedNameBytes = 96u << 20;
// What an entry of the cache takes beside its text, about.
constexpr size_t kCacheOverhead = 72;

// The last component of a path; "." is the root's own.
std::string_view LastComponent(std::string_view path) {
  const size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

bool IsInOrBelow(const std::string& path, const std::string& directory) {
  return path == directory || IsBelow(path, directory);
}

}  // namespace

Result<std::vector<NameKey>> NameCache::Intern(Store& store,
                                               std::span<const std::string_view> names) {
  if (bytes_ > kCachedNameBytes) {
    keys_.clear();
    bytes_ = 0;
  }
  std::vector<std::string_view> unknown;
  for (std::string_view name : names) {
    if (!keys_.contains(name)) unknown.push_back(name);
  }
  std::ranges::sort(unknown);
  unknown.erase(std::unique(unknown.begin(), unknown.end()), unknown.end());
  TAPIR_ASSIGN_OR_RETURN(const std::vector<NameKey> added, store.InternNames(unknown));
  for (size_t i = 0; i < unknown.size(); ++i) {
    keys_.emplace(unknown[i], added[i]);
    bytes_ += unknown[i].size() + kCacheOverhead;
  }
  std::vector<NameKey> keys;
  keys.reserve(names.size());
  for (std::string_view name : names) keys.push_back(keys_.find(name)->second);
  return keys;
}

SessionBuilder::SessionBuilder(Store& store, NameCache& names, SessionKey session)
    : store_(store), names_(names), session_(session) {
  nodes_.push_back({kNone, {}, kRootDirectory, true, 0});
  open_.push_back({0, ".", {}, 0});
}

Status SessionBuilder::Add(Entry entry) {
  const std::string directory = ParentPath(entry.path);
  while (!IsInOrBelow(directory, open_.back().path)) {
    ClosePage(open_.back());
    open_.pop_back();
  }
  if (directory != open_.back().path) OpenDirectory(directory);
  ++entry_count_;
  entry.path = LastComponent(entry.path);
  Open& open = open_.back();
  open.entries.push_back(std::move(entry));
  if (open.entries.size() >= kListingPageEntries) ClosePage(open);
  return batch_entries_ >= kBatchEntries ? WriteBatch() : OkStatus();
}

// Opens what lies between the innermost open directory and `path`, one below the other.
void SessionBuilder::OpenDirectory(const std::string& path) {
  while (open_.back().path != path) {
    const Open& above = open_.back();
    const size_t begin = above.path == "." ? 0 : above.path.size() + 1;
    const size_t end = path.find('/', begin);
    Node node{above.node, path.substr(begin, end - begin), 0, false, nodes_[above.node].depth + 1};
    nodes_.push_back(std::move(node));
    open_.push_back({nodes_.size() - 1, path.substr(0, end), {}, 0});
  }
}

void SessionBuilder::ClosePage(Open& open) {
  if (open.entries.empty()) return;
  batch_entries_ += open.entries.size();
  batch_.push_back({open.node, open.pages++, std::exchange(open.entries, {})});
}

Status SessionBuilder::Finish() {
  for (; !open_.empty(); open_.pop_back()) ClosePage(open_.back());
  return WriteBatch();
}

Status SessionBuilder::WriteBatch() {
  TAPIR_RETURN_IF_ERROR(ResolveDirectories());
  TAPIR_RETURN_IF_ERROR(AddPlaces());
  TAPIR_RETURN_IF_ERROR(AddListings());
  batch_.clear();
  batch_entries_ = 0;
  ForgetClosed();
  return OkStatus();
}

// Level by level, for a directory's key is needed for those in it.
Status SessionBuilder::ResolveDirectories() {
  std::map<size_t, std::vector<size_t>> levels;
  std::vector<std::string_view> names;
  for (size_t i = 0; i < nodes_.size(); ++i) {
    if (!nodes_[i].resolved) levels[nodes_[i].depth].push_back(i);
  }
  for (const auto& [depth, level] : levels) {
    names.clear();
    for (size_t node : level) names.push_back(nodes_[node].name);
    TAPIR_ASSIGN_OR_RETURN(const std::vector<NameKey> keys, names_.Intern(store_, names));
    std::vector<std::pair<DirectoryPlace, size_t>> sorted;
    for (size_t i = 0; i < level.size(); ++i) {
      sorted.push_back({{nodes_[nodes_[level[i]].parent].key, keys[i]}, level[i]});
    }
    std::ranges::sort(sorted);
    std::vector<DirectoryPlace> places;
    for (const auto& [place, node] : sorted) {
      places.push_back(place);
      // Its name is found also where the directory itself was not archived.
      directory_places_.push_back({place.name, place.parent});
    }
    TAPIR_ASSIGN_OR_RETURN(const std::vector<DirectoryKey> found, store_.InternDirectories(places));
    for (size_t i = 0; i < sorted.size(); ++i) {
      nodes_[sorted[i].second].key = found[i];
      nodes_[sorted[i].second].resolved = true;
    }
  }
  return OkStatus();
}

Status SessionBuilder::AddPlaces() {
  std::vector<std::string_view> names;
  names.reserve(batch_entries_);
  for (const Page& page : batch_) {
    for (const Entry& entry : page.entries) names.push_back(entry.path);
  }
  TAPIR_ASSIGN_OR_RETURN(const std::vector<NameKey> keys, names_.Intern(store_, names));
  std::vector<Place> places = std::exchange(directory_places_, {});
  places.reserve(places.size() + keys.size());
  auto key = keys.begin();
  for (const Page& page : batch_) {
    for (size_t i = 0; i < page.entries.size(); ++i) {
      places.push_back({*key++, nodes_[page.node].key});
    }
  }
  std::ranges::sort(places);
  places.erase(std::unique(places.begin(), places.end()), places.end());
  return store_.AddPlaces(places);
}

Status SessionBuilder::AddListings() {
  std::vector<ListingRow> rows;
  rows.reserve(batch_.size());
  for (const Page& page : batch_) {
    TAPIR_ASSIGN_OR_RETURN(std::string bytes, codec_.Encode(page.entries, session_));
    const DirectoryKey directory = nodes_[page.node].key;
    listing_sum_ += ListingSum(bytes, directory, page.number);
    rows.push_back({directory, session_, page.number, std::move(bytes)});
  }
  return store_.AddListings(rows);
}

// Only what is open can have more in it.
void SessionBuilder::ForgetClosed() {
  std::vector<Node> kept;
  for (Open& open : open_) {
    Node node = std::move(nodes_[open.node]);
    node.parent = kept.empty() ? kNone : kept.size() - 1;
    kept.push_back(std::move(node));
    open.node = kept.size() - 1;
  }
  nodes_ = std::move(kept);
}

}  // namespace tapir::catalog
