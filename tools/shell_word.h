#pragma once

#include <string>
#include <string_view>

namespace tapir::cli {

/// `bytes` as one word of a command line, for sh: as they are where that is safe, else in single
/// quotes. Bytes that a terminal cannot show, and what is not UTF-8, make it $'...\xNN...', which
/// bash, zsh and ksh read.
std::string ShellWord(std::string_view bytes);

/// The pattern (PathPattern) that selects this one path and what is below it; the path is not ".".
std::string PatternOfPath(std::string_view path);

}  // namespace tapir::cli
