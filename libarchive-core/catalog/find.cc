#include "tapir/catalog/find.h"

#include <algorithm>
#include <map>
#include <memory>
#include <unordered_set>
#include <utility>

#include "catalog/directory_paths.h"
#include "catalog/path_matcher.h"
#include "catalog/place_index.h"
#include "catalog/version_finder.h"
#include "tapir/catalog/search_form.h"
#include "tapir/object/path_order.h"

namespace tapir::catalog {
namespace {

// Names are looked at in batches that grow, so that the first hits come at once.
constexpr size_t kFirstNames = 128;
constexpr size_t kMostNames = 8192;
constexpr size_t kDirectoriesAtOnce = 64;
constexpr size_t kScannedBytes = 4u << 20;

class Search {
 public:
  Search(Store& store, const Inventory& inventory, const FindRequest& request, PathMatcher matcher,
         const std::function<Status(const Version&)>& take)
      : store_(store),
        request_(request),
        matcher_(std::move(matcher)),
        finder_(inventory, request, take),
        paths_(store) {}

  Status Run() {
    const bool exact = request_.form == FindRequest::Form::kExact && !request_.text.empty();
    if (!request_.thumbprint.empty()) return RunByCertificate();
    if (exact) return request_.match_case ? TakeExactly(request_.text) : TakeInAnyCase();
    return matcher_.piece().empty() ? RunOverAll() : RunByNames();
  }

 private:
  struct Directory {
    std::string path;
    std::unordered_set<std::string> names;
  };

  Status CheckGoesOn() const {
    const bool stop = request_.cancelled != nullptr && request_.cancelled->load();
    return stop ? Cancelled("interrupted") : OkStatus();
  }

  Status TakeExactly(const std::string& path) {
    const std::string above = ParentPath(path);
    TAPIR_ASSIGN_OR_RETURN(const std::optional<DirectoryKey> directory,
                           FindDirectory(store_, above));
    if (!directory) return OkStatus();
    TAPIR_ASSIGN_OR_RETURN(const std::vector<ListingRow> rows, store_.ListingsOf({&*directory, 1}));
    return finder_.Take(above, rows,
                        [&](std::string_view name) { return JoinPath(above, name) == path; });
  }

  // Down the tree, by all directories that are called so in some case.
  Status TakeInAnyCase() {
    const std::string wanted = SearchForm(request_.text);
    std::vector<DirectoryKey> open = {kRootDirectory};
    std::vector<std::string_view> components = ComponentsOf(wanted);
    components.pop_back();
    for (std::string_view component : components) {
      TAPIR_ASSIGN_OR_RETURN(const std::vector<Subdirectory> inside, store_.Subdirectories(open));
      std::vector<NameKey> keys;
      for (const Subdirectory& one : inside) keys.push_back(one.name);
      TAPIR_ASSIGN_OR_RETURN(const std::vector<std::string> names, store_.Names(keys));
      open.clear();
      for (size_t i = 0; i < inside.size(); ++i) {
        if (SearchForm(names[i]) == component) open.push_back(inside[i].key);
      }
    }
    TAPIR_ASSIGN_OR_RETURN(const std::vector<ListingRow> rows, store_.ListingsOf(open));
    return TakeMatching(rows);
  }

  // By the objects that a certificate opens, which are few.
  Status RunByCertificate() {
    TAPIR_ASSIGN_OR_RETURN(const std::vector<KeyEntry> keys,
                           store_.KeyEntries(request_.thumbprint));
    std::map<std::string, std::set<SessionKey>> found;
    for (const KeyEntry& key : keys) {
      if (matcher_.Matches(key.path)) found[key.path].insert(key.session);
    }
    for (const auto& [path, sessions] : found) {
      if (finder_.is_full()) break;
      // Other versions may be open to others, or to everybody.
      finder_.LimitTo(sessions);
      TAPIR_RETURN_IF_ERROR(TakeExactly(path));
    }
    return OkStatus();
  }

  Status RunOverAll() {
    DirectoryKey after = -1;
    for (;;) {
      TAPIR_ASSIGN_OR_RETURN(const std::vector<ListingRow> rows,
                             store_.NextListings(after, kScannedBytes));
      if (rows.empty() || finder_.is_full()) return OkStatus();
      TAPIR_RETURN_IF_ERROR(CheckGoesOn());
      TAPIR_RETURN_IF_ERROR(TakeMatching(rows));
      after = rows.back().directory;
    }
  }

  // What matches in these directories.
  Status TakeMatching(std::span<const ListingRow> rows) {
    std::vector<DirectoryKey> keys;
    for (const ListingRow& row : rows) {
      if (keys.empty() || keys.back() != row.directory) keys.push_back(row.directory);
    }
    TAPIR_ASSIGN_OR_RETURN(const std::vector<std::string> paths, paths_.Find(keys));
    for (size_t i = 0; i < keys.size() && !finder_.is_full(); ++i) {
      TAPIR_RETURN_IF_ERROR(finder_.Take(
          paths[i], RowsOf(rows, keys[i]),
          [&](std::string_view name) { return matcher_.Matches(JoinPath(paths[i], name)); }));
    }
    return OkStatus();
  }

  static std::span<const ListingRow> RowsOf(std::span<const ListingRow> rows, DirectoryKey key) {
    const auto first = std::ranges::lower_bound(rows, key, {}, &ListingRow::directory);
    const auto last = std::ranges::upper_bound(rows, key, {}, &ListingRow::directory);
    return {first, last};
  }

  // Every path that matches has the piece in one of its components. The first such component leads
  // to it, and to it alone: by its name to the directories in which it is, and from there down.
  Status RunByNames() {
    TAPIR_ASSIGN_OR_RETURN(const std::unique_ptr<NameSearch> search,
                           store_.SearchNames(matcher_.piece()));
    for (size_t batch = kFirstNames;; batch = std::min(batch * 2, kMostNames)) {
      TAPIR_ASSIGN_OR_RETURN(const std::vector<FoundName> names, search->Next(batch));
      TAPIR_RETURN_IF_ERROR(TakeNames(names));
      if (names.empty() || finder_.is_full()) return OkStatus();
      TAPIR_RETURN_IF_ERROR(CheckGoesOn());
    }
  }

  Status TakeNames(std::span<const FoundName> names) {
    std::map<NameKey, const std::string*> texts;
    std::vector<NameKey> keys;
    for (const FoundName& name : names) {
      if (SearchForm(name.text).find(matcher_.piece()) == std::string::npos) continue;
      texts.emplace(name.key, &name.text);
      keys.push_back(name.key);
    }
    TAPIR_ASSIGN_OR_RETURN(const std::vector<Place> places, PlacesOf(store_, keys));
    for (size_t i = 0; i < places.size() && !finder_.is_full(); i += kDirectoriesAtOnce) {
      const size_t count = std::min(kDirectoriesAtOnce, places.size() - i);
      TAPIR_RETURN_IF_ERROR(TakePlaces(std::span(places).subspan(i, count), texts));
    }
    return OkStatus();
  }

  Status TakePlaces(std::span<const Place> places,
                    const std::map<NameKey, const std::string*>& texts) {
    std::vector<DirectoryKey> parents;
    for (const Place& place : places) parents.push_back(place.directory);
    TAPIR_ASSIGN_OR_RETURN(const std::vector<std::string> paths, paths_.Find(parents));
    std::map<DirectoryKey, Directory> directories;
    std::vector<DirectoryPlace> below;
    for (size_t i = 0; i < places.size(); ++i) {
      // An earlier component has it too, and leads here.
      if (SearchForm(paths[i]).find(matcher_.piece()) != std::string::npos) continue;
      Directory& directory = directories[places[i].directory];
      directory.path = paths[i];
      directory.names.insert(*texts.at(places[i].name));
      below.push_back({places[i].directory, places[i].name});
    }
    TAPIR_RETURN_IF_ERROR(TakeInDirectories(directories));
    TAPIR_ASSIGN_OR_RETURN(const auto keys, store_.FindDirectories(below));
    std::vector<DirectoryKey> found;
    for (const auto& key : keys) {
      if (key) found.push_back(*key);
    }
    return TakeBelow(std::move(found));
  }

  Status TakeInDirectories(const std::map<DirectoryKey, Directory>& directories) {
    std::vector<DirectoryKey> keys;
    for (const auto& [key, directory] : directories) keys.push_back(key);
    TAPIR_ASSIGN_OR_RETURN(const std::vector<ListingRow> rows, store_.ListingsOf(keys));
    for (const auto& [key, directory] : directories) {
      if (finder_.is_full()) break;
      const Directory& in = directory;
      TAPIR_RETURN_IF_ERROR(finder_.Take(in.path, RowsOf(rows, key), [&](std::string_view name) {
        return in.names.contains(std::string(name)) && matcher_.Matches(JoinPath(in.path, name));
      }));
    }
    return OkStatus();
  }

  // What matches in these directories and at any depth below.
  Status TakeBelow(std::vector<DirectoryKey> open) {
    while (!open.empty() && !finder_.is_full()) {
      TAPIR_RETURN_IF_ERROR(CheckGoesOn());
      const size_t count = std::min(kDirectoriesAtOnce, open.size());
      std::vector<DirectoryKey> now(open.end() - static_cast<std::ptrdiff_t>(count), open.end());
      open.resize(open.size() - count);
      TAPIR_ASSIGN_OR_RETURN(const std::vector<ListingRow> rows, store_.ListingsOf(now));
      TAPIR_RETURN_IF_ERROR(TakeMatching(rows));
      if (finder_.is_full()) break;
      TAPIR_ASSIGN_OR_RETURN(const std::vector<Subdirectory> inside, store_.Subdirectories(now));
      for (const Subdirectory& one : inside) open.push_back(one.key);
    }
    return OkStatus();
  }

  Store& store_;
  const FindRequest& request_;
  PathMatcher matcher_;
  VersionFinder finder_;
  DirectoryPaths paths_;
};

}  // namespace

Status Find(Store& store, const Inventory& inventory, const FindRequest& request,
            const std::function<Status(const Version&)>& take) {
  TAPIR_ASSIGN_OR_RETURN(PathMatcher matcher, PathMatcher::Make(request));
  return Search(store, inventory, request, std::move(matcher), take).Run();
}

}  // namespace tapir::catalog
