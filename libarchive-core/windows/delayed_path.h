#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace tapir {

inline constexpr size_t kMostDelayedPathUnits = 32767;

/// What is wrong with a path of an operations file, and at which unit.
struct DelayedPathFault {
  size_t unit = 0;
  const char* text = "";
  bool is_grave = true;  ///< else it is accepted
};

std::optional<DelayedPathFault> CheckDelayedPath(std::u16string_view path);

/// Length of "\??\X:" or "\??\Volume{...}" at the front, 0 if it is neither.
size_t DelayedVolumeUnits(std::u16string_view path);

/// Whether the name can be a short one: eight characters, and three behind a dot.
bool IsShortName(std::u16string_view name);

}  // namespace tapir
