#pragma once

#include <string>
#include <string_view>

namespace tapir::cli {

/// Text as it stands in HTML, between tags or in a quoted attribute. What acts on a terminal, and
/// bytes that are not UTF-8, are escaped as for one (Escaped).
std::string HtmlName(std::string_view name);

/// The same for text that is shown as it is; U+FFFD never comes of it.
std::string HtmlText(std::string_view text);

}  // namespace tapir::cli
