#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "tapir/windows/wtf8.h"

namespace tapir {

/// Where a walk through a tree of keys is, for messages. The names outlive it.
class KeyPath {
 public:
  void Enter(std::u16string_view name) { names_.push_back(name); }
  void Leave() { names_.pop_back(); }
  size_t levels() const { return names_.size(); }

  /// "key 'A\B'", without the name of the root, or "the root key".
  std::string Text() const {
    if (names_.size() <= 1) return "the root key";
    std::string text = "key '";
    for (size_t i = 1; i < names_.size(); ++i) {
      if (i > 1) text += '\\';
      text += Wtf8(names_[i]);
    }
    return text + "'";
  }

 private:
  std::vector<std::u16string_view> names_;
};

}  // namespace tapir
