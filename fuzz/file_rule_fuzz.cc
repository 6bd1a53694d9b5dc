#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bytes/cursor.h"
#include "fuzz/support/require.h"
#include "tapir/windows/file_rule.h"
#include "tapir/windows/upcase.h"
#include "tapir/windows/wtf8.h"
#include "tests/support/slow_wildcard.h"

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

using Components = std::vector<std::u16string>;

Components ComponentsOf(std::u16string_view path) {
  Components components(1);
  for (const char16_t unit : path) {
    if (unit == u'\\') {
      components.emplace_back();
    } else {
      components.back() += unit;
    }
  }
  return components;
}

bool HasEmpty(const Components& components) {
  return std::find(components.begin(), components.end(), u"") != components.end();
}

// The place of a rule in its parts.
struct Place {
  std::optional<char16_t> drive;
  Components directory;  // none: the root
  std::u16string name;
  bool below = false;
  bool win32 = false;
};

// By the words of the rules, for each file and directory on the way to the path.
bool TakesSlowly(const Place& place, const Components& path, std::optional<char16_t> drive,
                 bool is_directory) {
  if (place.drive && place.drive != drive) return false;
  const bool is_literal = place.name.find_first_of(u"*?") == std::u16string::npos;
  for (size_t count = 1; count <= path.size(); ++count) {
    const bool is_file = count == path.size() && !is_directory;
    if (!is_literal && !is_file) continue;
    const size_t above = count - 1;
    const size_t wanted = place.directory.size();
    if (place.below ? above < wanted : above != wanted) continue;
    if (!std::equal(place.directory.begin(), place.directory.end(), path.begin())) continue;
    if (place.name == u"*.*") return true;
    if (test::MatchesSlowly(place.name, path[above], place.win32)) return true;
  }
  return false;
}

// A place of an entry that has neither variables nor anything else to be made regular.
void CompareWithSlow(std::u16string_view entry, const std::u16string& path) {
  constexpr size_t kMostUnits = 12;
  constexpr ptrdiff_t kMostStars = 4;
  const Components parts = ComponentsOf(entry);
  const Components wanted = ComponentsOf(path);
  const std::u16string& name = parts.back();
  const bool is_slow =
      name.size() > kMostUnits || std::count(name.begin(), name.end(), u'*') > kMostStars;
  const bool is_long = std::any_of(wanted.begin(), wanted.end(),
                                   [](const auto& one) { return one.size() > 2 * kMostUnits; });
  // No file system has NUL in names.
  const bool has_nul = path.find(u'\0') != std::u16string_view::npos;
  if (is_slow || is_long || has_nul || HasEmpty(parts) || HasEmpty(wanted)) return;
  const std::u16string upper = Upcase(entry);
  const size_t slash = upper.rfind(u'\\');
  const std::u16string directory = slash == std::u16string::npos ? u"" : upper.substr(0, slash);
  Place place;
  place.name = name;
  if (!directory.empty()) place.directory = ComponentsOf(directory);
  for (unsigned bits = 0; bits < 32; ++bits) {
    if ((bits & 1) != 0) place.drive = u'C';
    if ((bits & 1) == 0) place.drive.reset();
    place.below = (bits & 2) != 0;
    place.win32 = (bits & 4) != 0;
    const bool is_directory = (bits & 8) != 0;
    const char16_t drive = (bits & 16) != 0 ? u'C' : u'D';
    const FileRule rule(place.drive, directory, name, place.below,
                        place.win32 ? Wildcard::Mode::kWin32 : Wildcard::Mode::kPlain);
    const RuledPath ruled{drive, path, is_directory};
    Require(rule.Takes(ruled) == TakesSlowly(place, wanted, drive, is_directory),
            "the matcher and the plain way differ");
  }
}

}  // namespace

// An entry of the registry, a line feed, and a path: any entry is read or is inert for a reason.
// The matcher is given the entry as it is, as a place without a drive.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size > kMostBytes) return 0;
  const std::string_view text = AsText(std::as_bytes(std::span(data, size)));
  const size_t line = std::min(text.find('\n'), text.size());
  const std::string_view entry = text.substr(0, line);
  const std::string_view path = text.substr(std::min(line + 1, text.size()));
  const std::optional<std::u16string> entry_units = Utf16(entry);
  const std::optional<RuledPath> ruled = MakeRuledPath(path, u'C', false);
  if (entry_units && ruled) CompareWithSlow(*entry_units, ruled->path);
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
