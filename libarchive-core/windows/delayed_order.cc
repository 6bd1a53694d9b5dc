#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "tapir/windows/delayed_operations.h"
#include "tapir/windows/upcase.h"
#include "tapir/windows/wtf8.h"
#include "windows/delayed_path.h"

namespace tapir {
namespace {

using Key = std::u16string;

Key ParentOf(const Key& path) {
  const size_t slash = path.rfind(u'\\');
  return slash == Key::npos ? Key() : path.substr(0, slash);
}

struct Node {
  DelayedOperation operation;
  Key source;  ///< as NTFS compares it
  Key target;
  /// Of a move out of the way: the one that brings the file from there.
  std::optional<size_t> continued_by = std::nullopt;

  bool is(DelayedKind kind) const { return operation.kind == kind; }
};

Status Contradicts(const DelayedOperation& operation, const char* why) {
  return InvalidArgument("'" + operation.target + "': " + why);
}

class DelayedOrder {
 public:
  Status Add(const DelayedOperation& operation);
  Status Check() const;
  void BreakCircles();
  Result<std::vector<DelayedOperation>> Sort() const;

 private:
  const size_t* Find(const std::map<Key, size_t>& in, const Key& key) const {
    const auto found = in.find(key);
    return found == in.end() ? nullptr : &found->second;
  }
  const size_t* DeletedAbove(const Key& path) const;
  Status AddMove(const Node& node);
  Status AddShortName(const Node& node);
  void BreakCircle(size_t first);
  DelayedOperation TemporaryOf(const Node& node) const;
  std::vector<std::pair<size_t, size_t>> Edges() const;

  std::vector<Node> nodes_;
  std::set<std::pair<Key, Key>> seen_;  ///< of each kind apart, by their names
  std::map<Key, size_t> deletes_;       ///< by path
  std::map<Key, size_t> moves_from_;
  std::map<Key, size_t> moves_to_;
  std::map<std::pair<Key, Key>, Key> short_names_;  ///< directory and short name, whose
};

Status DelayedOrder::Add(const DelayedOperation& operation) {
  const std::optional<std::u16string> source = Utf16(operation.source);
  const std::optional<std::u16string> target = Utf16(operation.target);
  if (!source || !target) return Contradicts(operation, "a name that is not UTF-8");
  Node node{operation, Upcase(*source), Upcase(*target)};
  if (node.is(DelayedKind::kDeleteFile)) node.source.clear();
  Key kind_and_source = node.source;
  kind_and_source.insert(0, 1, static_cast<char16_t>(operation.kind));
  if (!seen_.emplace(std::move(kind_and_source), node.target).second) return OkStatus();
  if (node.is(DelayedKind::kMoveFile)) TAPIR_RETURN_IF_ERROR(AddMove(node));
  if (node.is(DelayedKind::kDeleteFile)) deletes_.emplace(node.target, nodes_.size());
  if (node.is(DelayedKind::kSetFileShortName)) TAPIR_RETURN_IF_ERROR(AddShortName(node));
  nodes_.push_back(std::move(node));
  return OkStatus();
}

Status DelayedOrder::AddMove(const Node& node) {
  if (node.source == node.target) return Contradicts(node.operation, "a move to the same place");
  if (!moves_to_.emplace(node.target, nodes_.size()).second) {
    return Contradicts(node.operation, "two files are moved there");
  }
  if (!moves_from_.emplace(node.source, nodes_.size()).second) {
    return Contradicts(node.operation, "what is moved there is moved elsewhere too");
  }
  return OkStatus();
}

Status DelayedOrder::AddShortName(const Node& node) {
  const auto [other, is_new] =
      short_names_.emplace(std::pair(ParentOf(node.target), node.source), node.target);
  if (is_new || other->second == node.target) return OkStatus();
  return Contradicts(node.operation, "another file of its directory gets this short name");
}

// The nearest directory above that is deleted.
const size_t* DelayedOrder::DeletedAbove(const Key& path) const {
  for (Key above = ParentOf(path); !above.empty(); above = ParentOf(above)) {
    if (const size_t* found = Find(deletes_, above)) return found;
  }
  return nullptr;
}

Status DelayedOrder::Check() const {
  for (const Node& node : nodes_) {
    if (node.is(DelayedKind::kMoveFile)) {
      if (Find(deletes_, node.source) != nullptr) {
        return Contradicts(node.operation, "what is moved there is deleted");
      }
      if (DeletedAbove(node.target) != nullptr) {
        return Contradicts(node.operation, "its directory is deleted");
      }
    }
    if (!node.is(DelayedKind::kSetFileShortName)) continue;
    const bool goes = Find(deletes_, node.target) != nullptr ||
                      Find(moves_from_, node.target) != nullptr ||
                      DeletedAbove(node.target) != nullptr;
    if (goes && Find(moves_to_, node.target) == nullptr) {
      return Contradicts(node.operation, "a short name for what is deleted or moved away");
    }
  }
  return OkStatus();
}

DelayedOperation DelayedOrder::TemporaryOf(const Node& node) const {
  DelayedOperation operation = node.operation;
  const std::string directory = operation.source.substr(0, operation.source.rfind('\\') + 1);
  for (size_t number = 0;; ++number) {
    operation.target = directory + "tapir-delayed-" + std::to_string(number) + ".tmp";
    const Key key = Upcase(*Utf16(operation.target));
    if (Find(moves_to_, key) == nullptr && Find(moves_from_, key) == nullptr) return operation;
  }
}

// Moves of which each frees the place of the one before: the first goes by way of another name.
void DelayedOrder::BreakCircle(size_t first) {
  const DelayedOperation aside = TemporaryOf(nodes_[first]);
  const Key temporary = Upcase(*Utf16(aside.target));
  Node& back = nodes_[first];
  const Key source = back.source;
  moves_from_.erase(source);
  moves_from_.emplace(temporary, first);
  back.source = temporary;
  back.operation.source = aside.target;
  moves_from_.emplace(source, nodes_.size());
  moves_to_.emplace(temporary, nodes_.size());
  nodes_.push_back({aside, source, temporary, first});
}

void DelayedOrder::BreakCircles() {
  std::set<size_t> done;
  const size_t count = nodes_.size();
  for (size_t i = 0; i < count; ++i) {
    if (!nodes_[i].is(DelayedKind::kMoveFile)) continue;
    // Each place is filled and freed at most once: a way that comes back does so at its beginning.
    for (size_t at = i; done.insert(at).second;) {
      const size_t* next = Find(moves_from_, nodes_[at].target);
      if (next == nullptr) break;
      at = *next;
      if (at == i) BreakCircle(i);
    }
  }
}

std::vector<std::pair<size_t, size_t>> DelayedOrder::Edges() const {
  std::vector<std::pair<size_t, size_t>> edges;
  const auto add = [&edges](const size_t* before, const size_t* after) {
    if (before != nullptr && after != nullptr) edges.emplace_back(*before, *after);
  };
  for (size_t i = 0; i < nodes_.size(); ++i) {
    const Node& node = nodes_[i];
    if (node.is(DelayedKind::kDeleteFile)) add(&i, DeletedAbove(node.target));
    if (!node.is(DelayedKind::kMoveFile)) continue;
    add(Find(deletes_, node.target), &i);
    if (node.continued_by) {
      add(&i, &*node.continued_by);
    } else {
      add(Find(moves_from_, node.target), &i);
    }
    add(&i, DeletedAbove(node.source));
  }
  return edges;
}

Result<std::vector<DelayedOperation>> DelayedOrder::Sort() const {
  std::vector<std::vector<size_t>> after(nodes_.size());
  std::vector<size_t> awaited(nodes_.size());
  for (const auto& [before, behind] : Edges()) {
    after[before].push_back(behind);
    ++awaited[behind];
  }
  // Short names last, the rest as far as possible in the order given.
  const auto rank = [this](size_t i) {
    return std::pair(nodes_[i].is(DelayedKind::kSetFileShortName), i);
  };
  std::set<std::pair<bool, size_t>> ready;
  for (size_t i = 0; i < nodes_.size(); ++i) {
    if (awaited[i] == 0) ready.insert(rank(i));
  }
  std::vector<DelayedOperation> sorted;
  while (!ready.empty()) {
    const size_t i = ready.begin()->second;
    ready.erase(ready.begin());
    sorted.push_back(nodes_[i].operation);
    for (const size_t next : after[i]) {
      if (--awaited[next] == 0) ready.insert(rank(next));
    }
  }
  if (sorted.size() == nodes_.size()) return sorted;
  const auto stuck = std::find_if(awaited.begin(), awaited.end(), [](size_t n) { return n > 0; });
  return Contradicts(nodes_[static_cast<size_t>(stuck - awaited.begin())].operation,
                     "it and others wait for each other");
}

}  // namespace

Result<std::vector<DelayedOperation>> OrderDelayedOperations(
    const std::vector<DelayedOperation>& operations) {
  DelayedOrder order;
  for (const DelayedOperation& operation : operations) {
    TAPIR_RETURN_IF_ERROR(order.Add(operation));
  }
  TAPIR_RETURN_IF_ERROR(order.Check());
  order.BreakCircles();
  return order.Sort();
}

}  // namespace tapir
