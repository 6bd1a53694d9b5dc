#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace tapir::cli {

/// Whether the bytes are well-formed UTF-8 (no surrogates, nothing overlong).
bool IsUtf8(std::string_view bytes);

/// How many characters a text has: code points of UTF-8, and bytes that belong to none. Where none
/// are wide or put on top of others, it is so many columns of a terminal.
size_t CharacterCount(std::string_view text);

/// Appends a name so that no byte of it can act on a terminal and none is lost: `\\` for a
/// backslash, \n \t \r, \xNN for each byte of other control characters, of marks that turn the
/// direction of writing, and of what is not UTF-8.
void AppendEscaped(std::string& out, std::string_view name);
std::string Escaped(std::string_view name);

/// 'name' for messages: escaped, a quote in it too.
std::string Quoted(std::string_view name);

/// Text of a message, in which names may stand unescaped: as Escaped, but for backslashes.
std::string SafeText(std::string_view text);

}  // namespace tapir::cli
