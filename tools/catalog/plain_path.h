#pragma once

#include <string>
#include <string_view>

namespace tapir::cli {

/// A path as people write it in the form in which a catalogue has it: "2026/summer" of
/// "/2026/./summer/". "." is the root.
std::string PlainPath(std::string_view path);

}  // namespace tapir::cli
