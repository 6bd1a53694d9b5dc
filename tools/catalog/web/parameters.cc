#include "tools/catalog/web/parameters.h"

#include <algorithm>
#include <charconv>

#include "tools/escape.h"
#include "tools/json.h"

namespace tapir::cli {

namespace {

constexpr size_t kMostParameters = 300;

int HexDigit(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
  return -1;
}

Result<std::string> Decoded(std::string_view text) {
  std::string bytes;
  for (size_t i = 0; i < text.size(); ++i) {
    char byte = text[i] == '+' ? ' ' : text[i];
    if (byte == '%') {
      const int high = i + 2 < text.size() ? HexDigit(text[i + 1]) : -1;
      const int low = high >= 0 ? HexDigit(text[i + 2]) : -1;
      if (low < 0) return InvalidArgument("the address has a '%' without two digits");
      byte = static_cast<char>(high << 4 | low);
      i += 2;
    }
    if (byte == '\0') return InvalidArgument("the address has a NUL in it");
    bytes += byte;
  }
  return bytes;
}

bool Contains(std::initializer_list<std::string_view> names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

Result<WebParameters> WebParameters::Parse(std::string_view query) {
  WebParameters parameters;
  while (!query.empty()) {
    const size_t end = std::min(query.find('&'), query.size());
    const std::string_view piece = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    if (piece.empty()) continue;
    if (parameters.values_.size() == kMostParameters) {
      return InvalidArgument("the address has too many parameters");
    }
    const size_t equal = std::min(piece.find('='), piece.size());
    TAPIR_ASSIGN_OR_RETURN(std::string name, Decoded(piece.substr(0, equal)));
    TAPIR_ASSIGN_OR_RETURN(std::string value,
                           Decoded(piece.substr(std::min(equal + 1, piece.size()))));
    parameters.values_.emplace_back(std::move(name), std::move(value));
  }
  return parameters;
}

Status WebParameters::Check(std::initializer_list<std::string_view> known,
                            std::initializer_list<std::string_view> repeatable) const {
  for (size_t i = 0; i < values_.size(); ++i) {
    const std::string& name = values_[i].first;
    if (Contains(repeatable, name)) continue;
    if (!Contains(known, name)) return InvalidArgument("unknown parameter " + Quoted(name));
    for (size_t before = 0; before < i; ++before) {
      if (values_[before].first == name) return InvalidArgument(Quoted(name) + " is given twice");
    }
  }
  return OkStatus();
}

std::string WebParameters::Text(std::string_view name) const {
  for (const auto& [known, value] : values_) {
    if (known == name) return value;
  }
  return {};
}

bool WebParameters::Has(std::string_view name) const {
  return std::any_of(values_.begin(), values_.end(),
                     [&](const auto& value) { return value.first == name; });
}

Result<bool> WebParameters::Flag(std::string_view name) const {
  const std::string text = Text(name);
  if (text.empty() || text == "0") return false;
  if (text == "1") return true;
  return InvalidArgument(Quoted(name) + " is 0 or 1");
}

Result<std::optional<uint64_t>> WebParameters::Number(std::string_view name, uint64_t least,
                                                      uint64_t most) const {
  const std::string text = Text(name);
  if (text.empty()) return std::optional<uint64_t>();
  uint64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || rest != end || value < least || value > most) {
    return InvalidArgument(Quoted(name) + " is a number from " + std::to_string(least) + " to " +
                           std::to_string(most));
  }
  return std::optional<uint64_t>(value);
}

Result<std::vector<std::string>> WebParameters::Ids(std::string_view name) const {
  std::vector<std::string> ids;
  for (const auto& [known, value] : values_) {
    if (known != name) continue;
    TAPIR_ASSIGN_OR_RETURN(std::string bytes, DecodeId(value));
    ids.push_back(std::move(bytes));
  }
  return ids;
}

std::string EncodeId(std::string_view bytes) {
  std::string id = Base64(bytes);
  id.erase(std::min(id.find('='), id.size()));
  std::replace(id.begin(), id.end(), '+', '-');
  std::replace(id.begin(), id.end(), '/', '_');
  return id;
}

Result<std::string> DecodeId(std::string_view text) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string bytes;
  uint32_t bits = 0;
  unsigned count = 0;
  for (const char digit : text) {
    const size_t value = kDigits.find(digit);
    if (value == std::string_view::npos) return InvalidArgument("the address names no path");
    bits = (bits << 6 | static_cast<uint32_t>(value)) & 0xFFFFu;
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes += static_cast<char>(bits >> count & 0xFFu);
  }
  // One form for each path: what is left over is zeros, and less than a digit.
  if (EncodeId(bytes) != text) return InvalidArgument("the address names no path");
  return bytes;
}

}  // namespace tapir::cli
