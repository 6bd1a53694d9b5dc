#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "bytes/cursor.h"
#include "fuzz/support/require.h"
#include "tapir/windows/file_rule.h"

namespace {

using namespace tapir;
using fuzz::Require;

constexpr size_t kMostBytes = 4096;

RuleContext ContextOf(bool for_snapshots, Wildcard::Mode mode) {
  RuleContext context;
  context.variable = [](std::string_view name) -> std::optional<std::string> {
    if (name.empty() || name.size() > 3) return std::nullopt;
    return "C:\\" + std::string(name);
  };
  context.profiles = {"C:\\Users\\one", "\\two"};
  context.for_snapshots = for_snapshots;
  context.mode = mode;
  return context;
}

}  // namespace

// An entry of the registry, a line feed, and a path: any entry is read or is inert for a reason.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size > kMostBytes) return 0;
  const std::string_view text = AsText(std::as_bytes(std::span(data, size)));
  const size_t line = std::min(text.find('\n'), text.size());
  const std::string_view entry = text.substr(0, line);
  const std::string_view path = text.substr(std::min(line + 1, text.size()));
  for (const bool for_snapshots : {false, true}) {
    for (const auto mode : {Wildcard::Mode::kWin32, Wildcard::Mode::kPlain}) {
      const ParsedRule parsed = ParseFileRule(entry, ContextOf(for_snapshots, mode));
      Require(parsed.rules.empty() != parsed.warning.empty(), "neither a place nor a reason");
      const std::optional<RuledPath> file = MakeRuledPath(path, u'C', false);
      if (!file) continue;
      RuledPath directory = *file;
      directory.is_directory = true;
      for (const FileRule& rule : parsed.rules) {
        // What a rule takes of a directory it takes of a file.
        Require(!rule.Takes(directory) || rule.Takes(*file), "a directory taken, and no file");
      }
    }
  }
  return 0;
}
