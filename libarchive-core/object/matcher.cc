#include "object/matcher.h"

#include <algorithm>

#include "tapir/object/path_order.h"

namespace tapir {
namespace {

// As the archive has it: no leading, trailing or doubled '/', no component ".".
std::string AsArchivePath(std::string_view text) {
  std::string path;
  while (!text.empty()) {
    size_t slash = std::min(text.find('/'), text.size());
    std::string_view component = text.substr(0, slash);
    text.remove_prefix(std::min(slash + 1, text.size()));
    if (component.empty() || component == ".") continue;
    if (!path.empty()) path += '/';
    path += component;
  }
  return path.empty() ? "." : path;
}

}  // namespace

Matcher::Matcher(const std::vector<std::string>& patterns) {
  bool all_plain = !patterns.empty();
  for (const std::string& text : patterns) {
    Row row{text, AsArchivePath(text), {}, false};
    if (text.find_first_of("*?[\\") != std::string::npos) {
      row.glob.emplace(text);
      all_plain = false;
    }
    rows_.push_back(std::move(row));
  }
  if (!all_plain) return;
  plain_paths_.emplace();
  for (const Row& row : rows_) plain_paths_->push_back(row.path);
  std::sort(plain_paths_->begin(), plain_paths_->end(), PathLess());
}

bool Matcher::Selects(std::string_view path) {
  bool selected = rows_.empty();
  for (Row& row : rows_) {
    // A glob's text may also be the very name of a file.
    bool matches = path == row.path || IsBelow(path, row.path) ||
                   (row.glob && row.glob->MatchesOrIsAbove(path));
    row.matched |= matches;
    selected |= matches;
  }
  return selected;
}

std::vector<std::string> Matcher::Unmatched() const {
  std::vector<std::string> unmatched;
  for (const Row& row : rows_) {
    if (!row.matched) unmatched.push_back(row.text);
  }
  return unmatched;
}

}  // namespace tapir
