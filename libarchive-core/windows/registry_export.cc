#include "tapir/windows/registry_export.h"

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "bytes/cursor.h"
#include "tapir/windows/registry_text.h"
#include "tapir/windows/upcase.h"
#include "windows/finding_list.h"
#include "windows/registry_tree.h"
#include "windows/text_lines.h"

namespace tapir {
namespace {

constexpr std::u16string_view kHeader4 = u"REGEDIT4";
constexpr std::u16string_view kHeader5 = u"Windows Registry Editor Version 5.00";
constexpr std::u16string_view kRootPrefix = u"HKEY_";
constexpr uint32_t kRegBinary = 3;

// Limits of the registry.
constexpr size_t kMostExportedKeyUnits = 255;
constexpr size_t kMostExportedValueUnits = 16'383;
constexpr size_t kMostExportedLevels = 512;

struct RootName {
  std::u16string_view brief;
  std::u16string_view full;
};
constexpr auto kRootNames = std::to_array<RootName>({{u"HKLM", u"HKEY_LOCAL_MACHINE"},
                                                     {u"HKCU", u"HKEY_CURRENT_USER"},
                                                     {u"HKCR", u"HKEY_CLASSES_ROOT"},
                                                     {u"HKU", u"HKEY_USERS"},
                                                     {u"HKCC", u"HKEY_CURRENT_CONFIG"}});

bool IsBlankUnit(char16_t unit) { return unit == u' ' || unit == u'\t'; }

std::u16string_view WithoutBlanks(std::u16string_view text) {
  while (!text.empty() && IsBlankUnit(text.front())) text.remove_prefix(1);
  while (!text.empty() && IsBlankUnit(text.back())) text.remove_suffix(1);
  return text;
}

unsigned VersionOf(std::u16string_view first_line) {
  const std::u16string_view header = WithoutBlanks(first_line);
  return header == kHeader5 ? 5 : header == kHeader4 ? 4 : 0;
}

std::optional<uint32_t> HexDigit(char16_t unit) {
  if (unit >= u'0' && unit <= u'9') return unit - u'0';
  if (unit >= u'a' && unit <= u'f') return unit - u'a' + 10;
  if (unit >= u'A' && unit <= u'F') return unit - u'A' + 10;
  return std::nullopt;
}

bool IsTextType(uint32_t type) {
  return type == kRegSz || type == kRegExpandSz || type == kRegMultiSz;
}

std::string AsUtf16Bytes(std::u16string_view units) {
  std::string bytes;
  bytes.reserve(2 * units.size());
  WriteCursor to(bytes);
  for (const char16_t unit : units) to.U16(unit);
  return bytes;
}

class ExportReader {
 public:
  ExportReader(ByteSpan bytes, const TextStart& start, size_t most_items)
      : lines_(bytes, start), tree_(most_items), most_items_(most_items) {}

  RegistryExport Read() {
    RegistryExport result;
    if (lines_.Next(line_) && line_.fault.empty()) version_ = VersionOf(line_.text);
    if (version_ == 0) {
      line_.number = 1;
      line_.offset = 0;
      Say(Severity::kReject, "no header of an export of the registry");
    }
    while (version_ != 0 && !is_full_ && NextLine()) ReadLine();
    if (is_full_) {
      Say(Severity::kReject, "more than " + std::to_string(most_items_) + " keys and values");
    }
    result.version = version_;
    result.root = tree_.Take();
    result.findings = findings_.Take();
    return result;
  }

  void Say(Severity severity, std::string_view what) {
    findings_.Add({line_.offset, severity,
                   "line " + std::to_string(line_.number) + ": " + std::string(what)});
  }

 private:
  // What is wrong with a line, a literal; empty: nothing.
  using Fault = std::string_view;

  // Behind a line, with what is said of that line.
  struct Place {
    TextLines lines;
    uint64_t offset = 0;
    uint64_t number = 0;
  };
  Place Here() const { return {lines_, line_.offset, line_.number}; }
  void ReturnTo(const Place& place) {
    lines_ = place.lines;
    line_.offset = place.offset;
    line_.number = place.number;
  }

  bool NextLine() {
    at_ = 0;
    return lines_.Next(line_);
  }
  bool AtEnd() const { return at_ == line_.text.size(); }
  bool AtEndOrComment() const { return AtEnd() || line_.text[at_] == u';'; }
  void SkipBlanks() {
    while (!AtEnd() && IsBlankUnit(line_.text[at_])) ++at_;
  }
  bool Skip(std::u16string_view expected) {
    const bool is_there = std::u16string_view(line_.text).substr(at_).starts_with(expected);
    if (is_there) at_ += expected.size();
    return is_there;
  }

  void ReadLine() {
    Fault fault = line_.fault;
    SkipBlanks();
    if (fault.empty() && !AtEndOrComment()) {
      const char16_t first = line_.text[at_];
      if (first == u'[') {
        fault = ReadKey();
      } else if (first == u'"' || first == u'@') {
        fault = ReadValue();
      } else {
        fault = "neither a key nor a value";
      }
    }
    if (!fault.empty()) Say(Severity::kReject, fault);
  }

  Fault ReadKey() {
    key_ = nullptr;
    skips_values_ = true;
    ++at_;
    const bool removes = Skip(u"-");
    const std::u16string_view line = line_.text;
    // Names may hold brackets.
    const size_t end = line.rfind(u']');
    if (end == std::u16string_view::npos || end < at_) return "a key without a closing bracket";
    const std::u16string_view behind = WithoutBlanks(line.substr(end + 1));
    if (!behind.empty() && behind.front() != u';') return "something behind a key";
    std::vector<std::u16string_view> path;
    const Fault fault = SplitPath(line.substr(at_, end - at_), path);
    if (!fault.empty()) return fault;
    if (removes) {
      tree_.Remove(path);
      Say(Severity::kInfo, "a key to be removed");
      return {};
    }
    skips_values_ = false;
    key_ = tree_.Make(path);
    is_full_ = key_ == nullptr;
    return {};
  }

  // The names of a path. The views point into it, or are literals.
  Fault SplitPath(std::u16string_view path, std::vector<std::u16string_view>& names) {
    if (path.ends_with(u'\\')) path.remove_suffix(1);
    for (;;) {
      const size_t slash = path.find(u'\\');
      const std::u16string_view name = path.substr(0, slash);
      if (name.empty()) return "a key with an empty name";
      if (name.size() > kMostExportedKeyUnits) return "a name of more than 255 characters";
      if (names.size() == kMostExportedLevels) return "a key below more than 512 others";
      names.push_back(name);
      if (slash == std::u16string_view::npos) break;
      path.remove_prefix(slash + 1);
    }
    root_name_ = Upcase(names.front());
    for (const RootName& root : kRootNames) {
      if (root_name_ == root.brief) root_name_ = root.full;
    }
    if (!root_name_.starts_with(kRootPrefix)) return "a key that is below no root";
    names.front() = root_name_;
    return {};
  }

  // A text holds line breaks as they are, and may lack only its closing quote: if anything is wrong
  // behind one that spans lines, reading goes on with the second of them.
  Fault ReadValue() {
    const Place begin = Here();
    spans_lines_ = false;
    const Fault fault = TakeValue();
    if (!fault.empty() && spans_lines_) ReturnTo(begin);
    return fault;
  }

  Fault TakeValue() {
    RegistryValue value;
    Fault fault;
    if (!Skip(u"@")) fault = TakeQuoted(value.name);
    if (!fault.empty()) return fault;
    if (value.name.size() > kMostExportedValueUnits) return "a name of more than 16,383 characters";
    SkipBlanks();
    if (!Skip(u"=")) return "a value without '='";
    SkipBlanks();
    const bool removes = Skip(u"-");
    if (!removes) fault = TakeData(value);
    if (!fault.empty()) return fault;
    SkipBlanks();
    if (!AtEndOrComment()) return "something behind a value";
    return Put(std::move(value), removes);
  }

  Fault Put(RegistryValue value, bool removes) {
    // One word for all of them was said at their key.
    if (skips_values_) return {};
    if (key_ == nullptr) return "a value before any key";
    if (removes) {
      RegistryTree::RemoveValue(*key_, value.name);
      Say(Severity::kInfo, "a value to be removed");
    } else {
      is_full_ = !tree_.SetValue(*key_, std::move(value));
    }
    return {};
  }

  Fault TakeData(RegistryValue& value) {
    if (!AtEnd() && line_.text[at_] == u'"') {
      std::u16string text;
      value.type = kRegSz;
      const Fault fault = TakeQuoted(text);
      value.data = AsUtf16Bytes(text + u'\0');
      return fault;
    }
    if (Skip(u"dword:")) {
      SkipBlanks();
      const std::optional<uint32_t> number = TakeHexNumber();
      if (!number) return "a number that is not of 1 to 8 hexadecimal digits";
      value = MakeRegistryNumber(value.name, *number);
      return {};
    }
    if (!Skip(u"hex")) return "data of no known form";
    value.type = kRegBinary;
    if (Skip(u"(")) {
      const std::optional<uint32_t> type = TakeHexNumber();
      if (!type || !Skip(u")")) return "a type that is not of 1 to 8 hexadecimal digits";
      value.type = *type;
    }
    if (!Skip(u":")) return "data of no known form";
    const Fault fault = TakeBytes(value.data);
    if (version_ == 4 && IsTextType(value.type)) value.data = AsUtf16Bytes(AnsiText(value.data));
    return fault;
  }

  std::optional<uint32_t> TakeHexNumber() {
    constexpr size_t kMostDigits = 8;
    const size_t begin = at_;
    uint32_t number = 0;
    while (!AtEnd() && at_ - begin <= kMostDigits) {
      const std::optional<uint32_t> digit = HexDigit(line_.text[at_]);
      if (!digit) break;
      number = number << 4 | *digit;
      ++at_;
    }
    const size_t digits = at_ - begin;
    return digits == 0 || digits > kMostDigits ? std::nullopt : std::optional(number);
  }

  Fault TakeQuoted(std::u16string& text) {
    ++at_;
    for (;;) {
      if (!line_.fault.empty()) return line_.fault;
      while (!AtEnd()) {
        char16_t unit = line_.text[at_++];
        if (unit == u'"') return {};
        if (unit == u'\\') {
          unit = AtEnd() ? u'\0' : line_.text[at_++];
          if (unit != u'\\' && unit != u'"') return "a backslash before neither of \\ and \"";
        }
        text += unit;
      }
      text += line_.line_break;
      spans_lines_ = true;
      if (!NextLine()) return "a text without a closing quote";
    }
  }

  // Bytes with commas between; a backslash at the end of a line has them go on on the next.
  Fault TakeBytes(std::string& data) {
    for (;;) {
      SkipBlanks();
      if (AtEndOrComment()) return {};
      if (Skip(u"\\")) {
        SkipBlanks();
        if (!AtEnd()) return "something behind the backslash at the end of a line";
        const Fault fault = NextOfBytes();
        if (!fault.empty()) return fault;
        continue;
      }
      const size_t begin = at_;
      const std::optional<uint32_t> number = TakeHexNumber();
      if (!number || at_ - begin > 2) return "bytes that are not of two hexadecimal digits";
      data += static_cast<char>(*number);
      SkipBlanks();
      if (!Skip(u",") && !AtEndOrComment() && line_.text[at_] != u'\\') {
        return "bytes without a comma between";
      }
    }
  }

  // A line that begins like one of its own is left to be read as such.
  Fault NextOfBytes() {
    constexpr Fault kNoMore = "bytes that break off";
    do {
      const Place before = Here();
      if (!NextLine()) return kNoMore;
      if (!line_.fault.empty()) return line_.fault;
      SkipBlanks();
      const char16_t first = AtEnd() ? u'\0' : line_.text[at_];
      if (first == u'[' || first == u'"' || first == u'@') {
        ReturnTo(before);
        return kNoMore;
      }
    } while (!AtEnd() && line_.text[at_] == u';');
    return {};
  }

  TextLines lines_;
  TextLine line_;
  size_t at_ = 0;
  unsigned version_ = 0;
  RegistryTree tree_;
  size_t most_items_;
  RegistryTree::Node* key_ = nullptr;
  bool skips_values_ = false;
  bool spans_lines_ = false;
  bool is_full_ = false;
  std::u16string root_name_;
  FindingList findings_;
};

RegistryExport NotRead(std::string text) {
  RegistryExport result;
  result.findings.push_back({0, Severity::kReject, std::move(text)});
  return result;
}

}  // namespace

RegistryExport ReadRegistryExport(std::span<const std::byte> text,
                                  const RegistryExportLimits& limits) {
  if (text.size() > limits.bytes) {
    return NotRead("a text of more than " + std::to_string(limits.bytes) + " bytes");
  }
  std::optional<TextStart> start = StartOfText(text);
  if (!start) return NotRead("big-endian text");
  const bool is_marked = start->mark_bytes != 0;
  const bool guesses = start->encoding == TextEncoding::kUtf8 && !is_marked;
  // The code page of old exports is mostly the one of Western Europe and America.
  if (guesses && !IsUtf8(AsText(text))) start->encoding = TextEncoding::kWindows1252;
  return ExportReader(text, *start, limits.items).Read();
}

}  // namespace tapir
