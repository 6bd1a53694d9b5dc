#include "tapir/windows/policy_file.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string_view>

#include "bytes/cursor.h"
#include "windows/rule_text.h"
#include "windows/text_lines.h"

namespace tapir {
namespace {

constexpr std::string_view kHiveBegin = "regf";
constexpr std::u16string_view kExportHeads[] = {u"REGEDIT", u"Windows Registry Editor"};

bool IsExport(ByteSpan head, const TextStart& start) {
  TextLines lines(head, start);
  TextLine first;
  return lines.Next(first) &&
         std::any_of(std::begin(kExportHeads), std::end(kExportHeads),
                     [&](std::u16string_view begin) { return first.text.starts_with(begin); });
}

bool IsPath(std::string_view line) {
  if (line.starts_with('"')) line.remove_prefix(1);
  const bool has_drive = line.size() > 1 && IsAsciiLetter(line[0]) && line[1] == ':';
  return has_drive || line.find_first_of("\\/%$") == 0;
}

// A character of UTF-8 may be cut at the end of the head.
std::string_view WithoutCutCharacter(std::string_view text) {
  constexpr size_t kMostTrailing = 3;
  for (size_t i = 0; i <= kMostTrailing && i < text.size(); ++i) {
    const auto byte = static_cast<uint8_t>(text[text.size() - 1 - i]);
    if (byte >= 0xC0) return text.substr(0, text.size() - 1 - i);
    if (byte < 0x80) break;
  }
  return text;
}

bool IsRuleList(std::string_view text) {
  const auto is_control = [](char c) {
    return (static_cast<uint8_t>(c) < ' ' && c != '\t' && c != '\r' && c != '\n') || c == '\x7F';
  };
  if (std::any_of(text.begin(), text.end(), is_control) || !IsUtf8(text)) return false;
  bool has_comment = false;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    line = Trimmed(line);
    const bool is_comment = line.starts_with('#');
    if (!line.empty() && !is_comment) return IsPath(line) || FindRuleSection(line) != nullptr;
    has_comment = has_comment || is_comment;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return has_comment;
}

}  // namespace

PolicyFileKind DetectPolicyFile(std::span<const std::byte> head) {
  const std::string_view text = AsText(head);
  if (text.starts_with(kHiveBegin)) return PolicyFileKind::kHive;
  const std::optional<TextStart> start = StartOfText(head);
  if (!start) return PolicyFileKind::kUnknown;
  if (IsExport(head, *start)) return PolicyFileKind::kRegistryExport;
  if (start->encoding != TextEncoding::kUtf8) return PolicyFileKind::kUnknown;
  const bool may_be_cut = text.size() >= kPolicyFileHeadBytes;
  const std::string_view rest = text.substr(start->mark_bytes);
  return IsRuleList(may_be_cut ? WithoutCutCharacter(rest) : rest) ? PolicyFileKind::kRuleList
                                                                   : PolicyFileKind::kUnknown;
}

}  // namespace tapir
