#include "windows/registry_tree.h"

#include <utility>

#include "tapir/windows/upcase.h"

namespace tapir {
namespace {

// The maps are in the order that RegistryKey asks for. What was moved is freed at once.
RegistryKey TakeKey(RegistryTree::Node& node) {
  RegistryKey key(node.name);
  key.values.reserve(node.values.size());
  for (auto& [upper, value] : node.values) key.values.push_back(std::move(value));
  node.values.clear();
  key.subkeys.reserve(node.subkeys.size());
  while (!node.subkeys.empty()) {
    const auto first = node.subkeys.begin();
    key.subkeys.push_back(TakeKey(*first->second));
    node.subkeys.erase(first);
  }
  return key;
}

}  // namespace

RegistryTree::Node* RegistryTree::Make(const std::vector<std::u16string_view>& path) {
  Node* at = &root_;
  for (const std::u16string_view name : path) {
    std::u16string upper = Upcase(name);
    auto found = at->subkeys.find(upper);
    if (found == at->subkeys.end()) {
      if (left_ == 0) return nullptr;
      --left_;
      auto made = std::make_unique<Node>();
      made->name = name;
      found = at->subkeys.emplace(std::move(upper), std::move(made)).first;
    }
    at = found->second.get();
  }
  return at;
}

void RegistryTree::Remove(const std::vector<std::u16string_view>& path) {
  Node* at = &root_;
  for (size_t i = 0; i < path.size(); ++i) {
    const auto found = at->subkeys.find(Upcase(path[i]));
    if (found == at->subkeys.end()) return;
    if (i + 1 == path.size()) {
      at->subkeys.erase(found);
      return;
    }
    at = found->second.get();
  }
}

bool RegistryTree::SetValue(Node& key, RegistryValue value) {
  std::u16string upper = Upcase(value.name);
  const auto there = key.values.find(upper);
  if (there != key.values.end()) {
    there->second = std::move(value);
    return true;
  }
  if (left_ == 0) return false;
  --left_;
  key.values.emplace(std::move(upper), std::move(value));
  return true;
}

void RegistryTree::RemoveValue(Node& key, std::u16string_view name) {
  key.values.erase(Upcase(name));
}

RegistryKey RegistryTree::Take() { return TakeKey(root_); }

}  // namespace tapir
