#include "tapir/catalog/browse.h"

#include <algorithm>
#include <deque>
#include <map>
#include <utility>

#include "catalog/directory_paths.h"
#include "catalog/ranked_entries.h"
#include "tapir/object/path_order.h"

namespace tapir::catalog {
namespace {

// Sessions from the newest full one on.
std::vector<const Session*> SinceFull(std::vector<const Session*> sessions) {
  for (size_t i = sessions.size(); i-- > 0;) {
    if (sessions[i]->kind != "full") continue;
    size_t first = i;
    while (first > 0 && sessions[first - 1]->number == sessions[i]->number) --first;
    sessions.erase(sessions.begin(), sessions.begin() + static_cast<std::ptrdiff_t>(first));
    break;
  }
  return sessions;
}

// What is no directory hides what earlier sessions had below it.
bool Blocks(const Entry& entry) {
  return entry.type != ObjectType::kDirectory && entry.type != ObjectType::kExcluded;
}

bool IsMarker(const Entry& entry) { return entry.type >= ObjectType::kTombstone; }

// A directory of the tree, and the rank from which on sessions are seen in it.
struct Seen {
  DirectoryKey key = kRootDirectory;
  size_t from = 0;
};

}  // namespace

class State::Reader {
 public:
  Reader(Store& store, std::vector<const Session*> sessions)
      : store_(store), ranks_(SinceFull(std::move(sessions))) {}

  // What a directory has, by name.
  struct Child {
    std::optional<Version> version;         // its path is the name; nothing: not seen
    std::optional<DirectoryKey> directory;  // what is below it, if anything ever was
    size_t from = 0;                        // the rank from which on that is seen
  };
  using Children = std::map<std::string, Child, PathLess>;

  Result<Children> ChildrenOf(const Seen& directory, const std::string& path,
                              const std::function<bool(std::string_view)>& wants = {}) {
    Children children;
    TAPIR_ASSIGN_OR_RETURN(const std::vector<ListingRow> rows, RowsOf(directory.key));
    TAPIR_ASSIGN_OR_RETURN(std::vector<RankedEntry> entries,
                           reader_.Read(rows, ranks_, path, wants));
    TAPIR_RETURN_IF_ERROR(ForEachName(entries, [&](std::span<RankedEntry> versions) {
      const std::string name = versions.front().entry.path;
      children.emplace_hint(children.end(), name, Choose(versions, directory.from));
      return OkStatus();
    }));
    return children;
  }

  // With the directories in it. One name is looked up, if it is given.
  Result<Children> Open(const Seen& directory, const std::string& path) {
    TAPIR_ASSIGN_OR_RETURN(Children children, ChildrenOf(directory, path));
    TAPIR_ASSIGN_OR_RETURN(const std::vector<Subdirectory> inside,
                           store_.Subdirectories({&directory.key, 1}));
    std::vector<NameKey> keys;
    for (const Subdirectory& one : inside) keys.push_back(one.name);
    TAPIR_ASSIGN_OR_RETURN(const std::vector<std::string> names, store_.Names(keys));
    for (size_t i = 0; i < inside.size(); ++i) {
      Child& child = children[names[i]];
      child.directory = inside[i].key;
      child.from = std::max(child.from, directory.from);
    }
    return children;
  }

  // One child alone. `key` is that of its name, if there is one.
  Result<Child> Find(const Seen& directory, const std::string& path, std::string_view name,
                     std::optional<NameKey> key) {
    TAPIR_ASSIGN_OR_RETURN(
        Children children,
        ChildrenOf(directory, path, [&](std::string_view one) { return one == name; }));
    Child child;
    if (!children.empty()) child = std::move(children.begin()->second);
    child.from = std::max(child.from, directory.from);
    if (!key) return child;
    const DirectoryPlace place{directory.key, *key};
    TAPIR_ASSIGN_OR_RETURN(const auto found, store_.FindDirectories({&place, 1}));
    child.directory = found.front();
    return child;
  }

  // What stands at a path, from the root down.
  Result<Child> Descend(const std::string& path) {
    if (path == ".") {
      TAPIR_ASSIGN_OR_RETURN(Child root, Find({}, ".", ".", std::nullopt));
      root.directory = kRootDirectory;
      root.from = 0;
      return root;
    }
    const std::vector<std::string_view> names = ComponentsOf(path);
    TAPIR_ASSIGN_OR_RETURN(const auto keys, store_.FindNames(names));
    Child at;
    at.directory = kRootDirectory;
    WalkedPath above;
    for (size_t i = 0; i < names.size(); ++i) {
      if (!at.directory) return Child();
      if (i > 0) TAPIR_RETURN_IF_ERROR(above.Enter(names[i - 1]));
      const Seen directory{*at.directory, at.from};
      TAPIR_ASSIGN_OR_RETURN(at, Find(directory, above.get(), names[i], keys[i]));
    }
    return at;
  }

  // Everything below a directory, which is called `path`, in path order. However deep it is.
  Status WalkBelow(const Seen& directory, const std::string& path,
                   const std::function<Status(const Version&)>& take) {
    struct Level {
      Children children;
      Children::iterator next;
    };
    // Of a deque, for what iterators point to must stay.
    std::deque<Level> open;
    WalkedPath at(path);
    const auto enter = [&](const Seen& one) -> Status {
      TAPIR_ASSIGN_OR_RETURN(Children children, Open(one, at.get()));
      Level& level = open.emplace_back(Level{std::move(children), {}});
      level.next = level.children.begin();
      return OkStatus();
    };
    TAPIR_RETURN_IF_ERROR(enter(directory));
    while (!open.empty()) {
      Level& level = open.back();
      if (level.next == level.children.end()) {
        open.pop_back();
        if (!open.empty()) at.Leave();
        continue;
      }
      const std::string& name = level.next->first;
      Child& child = level.next->second;
      ++level.next;
      const bool is_root = at.get() == "." && name == ".";
      if (child.version && !is_root) {
        child.version->entry.path = at.Join(name);
        TAPIR_RETURN_IF_ERROR(take(*child.version));
        child.version.reset();
      }
      if (!child.directory) continue;
      TAPIR_RETURN_IF_ERROR(at.Enter(name));
      TAPIR_RETURN_IF_ERROR(enter({*child.directory, child.from}));
    }
    return OkStatus();
  }

  // Whether anything is seen below a directory.
  Result<bool> HasContents(const Seen& directory, const std::string& path) {
    bool has = false;
    const Status walked = WalkBelow(directory, path, [&](const Version&) {
      has = true;
      return Cancelled("one is enough");
    });
    if (!has && !walked.ok()) return walked;
    return has;
  }

 private:
  Result<std::vector<ListingRow>> RowsOf(DirectoryKey key) {
    if (ranks_.size() == 1) return store_.ListingsOf({&key, 1}, ranks_.at(0).key);
    return store_.ListingsOf({&key, 1});
  }

  // Of versions in the order of sessions.
  Child Choose(std::span<RankedEntry> versions, size_t from) const {
    Child child;
    child.from = from;
    RankedEntry* newest = nullptr;
    std::vector<const Session*> earlier_parts;
    bool has_beginning = true;
    for (RankedEntry& one : versions) {
      if (newest != nullptr && one.entry.type == ObjectType::kExcluded) continue;
      const bool goes_on = newest != nullptr && GoesOnFrom(one.entry, newest->entry) &&
                           ranks_.at(one.rank).number == ranks_.at(newest->rank).number;
      if (!goes_on) {
        earlier_parts.clear();
        has_beginning = one.entry.fragment_offset == 0;
      }
      if (goes_on) earlier_parts.push_back(&ranks_.at(newest->rank));
      newest = &one;
      if (Blocks(one.entry)) child.from = std::max(child.from, one.rank);
    }
    if (newest->rank < from || IsMarker(newest->entry)) return child;
    child.version = Version{std::move(newest->entry), &ranks_.at(newest->rank),
                            std::move(earlier_parts), has_beginning};
    return child;
  }

  Store& store_;
  SessionRanks ranks_;
  RankedReader reader_;
};

State::State(Store& store, std::vector<const Session*> sessions)
    : reader_(std::make_unique<Reader>(store, std::move(sessions))) {}
State::~State() = default;
State::State(State&&) noexcept = default;

Result<std::vector<Version>> State::List(const std::string& path) {
  TAPIR_ASSIGN_OR_RETURN(const Reader::Child at, reader_->Descend(path));
  const bool is_directory = !at.version || at.version->entry.type == ObjectType::kDirectory;
  if (!is_directory) return InvalidArgument("'" + path + "' is no directory");
  std::vector<Version> listed;
  if (at.directory) {
    TAPIR_ASSIGN_OR_RETURN(Reader::Children children,
                           reader_->Open({*at.directory, at.from}, path));
    listed.reserve(children.size());
    for (auto& [name, child] : children) {
      if (path == "." && name == ".") continue;
      std::string below = JoinPath(path, name);
      if (child.version) {
        listed.push_back(*std::move(child.version));
        listed.back().entry.path = std::move(below);
        continue;
      }
      if (!child.directory) continue;
      TAPIR_ASSIGN_OR_RETURN(const bool has,
                             reader_->HasContents({*child.directory, child.from}, below));
      if (!has) continue;
      Version& version = listed.emplace_back(Version{{}, nullptr, {}});
      version.entry.path = below;
      version.entry.type = ObjectType::kDirectory;
    }
  }
  if (!at.version && listed.empty() && path != ".") {
    return NotFound("nothing is called '" + path + "'");
  }
  return listed;
}

Result<std::optional<Version>> State::Find(const std::string& path) {
  TAPIR_ASSIGN_OR_RETURN(Reader::Child at, reader_->Descend(path));
  if (at.version) at.version->entry.path = path;
  return std::move(at.version);
}

Status State::Walk(const std::string& path, const std::function<Status(const Version&)>& take) {
  TAPIR_ASSIGN_OR_RETURN(Reader::Child at, reader_->Descend(path));
  if (at.version) {
    at.version->entry.path = path;
    TAPIR_RETURN_IF_ERROR(take(*at.version));
  }
  if (!at.directory) return OkStatus();
  return reader_->WalkBelow({*at.directory, at.from}, path, take);
}

}  // namespace tapir::catalog
