#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tapir/windows/registry_key.h"

namespace tapir {

/// Grows a tree of keys in any order, each step in logarithmic time, where RegistryKey alone needs
/// time by the number of siblings. Single-thread.
class RegistryTree {
 public:
  struct Node {
    std::u16string name;
    /// By name in upper case.
    std::map<std::u16string, std::unique_ptr<Node>> subkeys;
    std::map<std::u16string, RegistryValue> values;
  };

  /// `most`: of keys and values together, also those that are removed again.
  explicit RegistryTree(size_t most) : left_(most) {}

  /// The key at this path, made where it is missing; valid until it is removed. Null: there would
  /// be too many.
  Node* Make(const std::vector<std::u16string_view>& path);
  void Remove(const std::vector<std::u16string_view>& path);

  /// In the place of one of its name. False: there would be too many.
  bool SetValue(Node& key, RegistryValue value);
  static void RemoveValue(Node& key, std::u16string_view name);

  /// All keys under a root without a name.
  RegistryKey Take();

 private:
  Node root_;
  size_t left_;
};

}  // namespace tapir
