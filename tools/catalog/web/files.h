#pragma once

#include <string_view>

namespace tapir::cli {

/// A file of the page, built into the command.
struct WebFile {
  std::string_view path;  ///< "/style.css"
  std::string_view type;  ///< of MIME, with its charset
  std::string_view text;
};

/// "/" is the page itself. Null: not there.
const WebFile* FindWebFile(std::string_view path);

}  // namespace tapir::cli
