#include "tapir/windows/file_rule.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "tapir/windows/upcase.h"
#include "tapir/windows/wtf8.h"
#include "windows/rule_text.h"

namespace tapir {
namespace {

constexpr std::string_view kLongPathPrefix = "\\\\?\\";
constexpr std::string_view kAllVolumes = "$AllVolumes$";
constexpr std::string_view kUserProfile = "$UserProfile$";

// Takes " /s" off the end.
bool TakeBelow(std::string& text) {
  const bool ends_so = text.size() > 2 && StartsWithAnyCase(text.substr(text.size() - 2), "/s") &&
                       (text[text.size() - 3] == ' ' || text[text.size() - 3] == '\t');
  if (ends_so) text = Trimmed(std::string_view(text).substr(0, text.size() - 2));
  return ends_so;
}

// Nothing if a variable has no value; `missing` is its name then.
std::optional<std::string> Expanded(std::string_view text, const RuleContext& context,
                                    std::string& missing) {
  std::string expanded;
  for (;;) {
    const size_t begin = text.find('%');
    const size_t end = begin == std::string_view::npos ? begin : text.find('%', begin + 1);
    if (end == std::string_view::npos) return expanded.append(text);
    const std::string_view name = text.substr(begin + 1, end - begin - 1);
    const std::optional<std::string> value =
        context.variable && !name.empty() ? context.variable(name) : std::nullopt;
    if (!value) {
      missing = name;
      return std::nullopt;
    }
    expanded.append(text.substr(0, begin)).append(*value);
    text.remove_prefix(end + 1);
  }
}

// One backslash between components, none at the end, no prefix, no quotes.
std::string Normalised(std::string text) {
  std::erase(text, '"');
  std::replace(text.begin(), text.end(), '/', '\\');
  if (text.starts_with(kLongPathPrefix)) text.erase(0, kLongPathPrefix.size());
  text.erase(std::unique(text.begin(), text.end(),
                         [](char left, char right) { return left == '\\' && right == '\\'; }),
             text.end());
  if (text.size() > 1 && text.ends_with('\\')) text.pop_back();
  return text;
}

ParsedRule Inert(std::string why) { return {{}, std::move(why)}; }

// An absolute entry without variables, tokens and "/s".
ParsedRule ParsePlace(const std::string& text, bool below, Wildcard::Mode mode) {
  const bool has_drive = text.size() >= 2 && IsAsciiLetter(text[0]) && text[1] == ':';
  const std::string_view path = std::string_view(text).substr(has_drive ? 2 : 0);
  if ((has_drive && path.empty()) || path == "\\") {
    return Inert("names a whole volume, and no file");
  }
  if (!path.starts_with('\\')) return Inert("names no place: it does not begin at a root");
  const std::optional<std::u16string> units = Utf16(path.substr(1));
  if (!units) return Inert("is not UTF-8");
  const size_t slash = units->rfind(u'\\');
  const bool in_root = slash == std::u16string::npos;
  const std::u16string directory = in_root ? std::u16string() : units->substr(0, slash);
  if (directory.find_first_of(u"*?") != std::u16string::npos) {
    return Inert("has wildcards before the file name");
  }
  std::optional<char16_t> drive;
  if (has_drive) drive = Upcase(static_cast<char16_t>(text[0]));
  ParsedRule parsed;
  parsed.rules.emplace_back(drive, Upcase(directory),
                            std::u16string_view(*units).substr(in_root ? 0 : slash + 1), below,
                            mode);
  return parsed;
}

}  // namespace

std::optional<RuledPath> MakeRuledPath(std::string_view path, std::optional<char16_t> drive,
                                       bool is_directory) {
  const std::optional<std::u16string> units = Utf16(path);
  if (!units) return std::nullopt;
  RuledPath ruled{drive, Upcase(*units), is_directory};
  std::replace(ruled.path.begin(), ruled.path.end(), u'/', u'\\');
  return ruled;
}

FileRule::FileRule(std::optional<char16_t> drive, std::u16string directory,
                   std::u16string_view name, bool below, Wildcard::Mode mode)
    : drive_(drive), directory_(std::move(directory)), name_(name, mode), below_(below) {}

// Whether files whose name fits are meant in this directory.
bool FileRule::IsDirectory(std::u16string_view parent) const {
  if (parent == directory_) return true;
  if (!below_) return false;
  if (directory_.empty()) return true;
  return parent.size() > directory_.size() && parent.starts_with(directory_) &&
         parent[directory_.size()] == u'\\';
}

bool FileRule::Takes(const RuledPath& path) const {
  if (drive_ && drive_ != path.drive) return false;
  const std::u16string_view whole = path.path;
  size_t begin = 0;
  for (;;) {
    const size_t end = std::min(whole.find(u'\\', begin), whole.size());
    const bool is_last = end == whole.size();
    const bool counts = name_.is_literal() || (is_last && !path.is_directory);
    const std::u16string_view parent = whole.substr(0, begin == 0 ? 0 : begin - 1);
    if (counts && IsDirectory(parent) && name_.Matches(whole.substr(begin, end - begin))) {
      return true;
    }
    if (is_last) return false;
    begin = end + 1;
  }
}

ParsedRule ParseFileRule(std::string_view text, const RuleContext& context) {
  std::string entry(Trimmed(text));
  if (entry.empty()) return Inert("is empty");
  const bool below = TakeBelow(entry);
  const bool of_profiles = context.for_snapshots && StartsWithAnyCase(entry, kUserProfile);
  if (context.for_snapshots && StartsWithAnyCase(entry, kAllVolumes)) {
    entry.erase(0, kAllVolumes.size());
  }
  if (of_profiles) entry.erase(0, kUserProfile.size());
  std::string missing;
  const std::optional<std::string> expanded = Expanded(entry, context, missing);
  if (!expanded) return Inert("names %" + missing + "%, which has no value");
  if (!of_profiles) return ParsePlace(Normalised(*expanded), below, context.mode);
  ParsedRule all;
  for (const std::string& profile : context.profiles) {
    ParsedRule one = ParsePlace(Normalised(profile + '\\' + *expanded), below, context.mode);
    if (!one.warning.empty()) return one;
    std::move(one.rules.begin(), one.rules.end(), std::back_inserter(all.rules));
  }
  return all;
}

}  // namespace tapir
