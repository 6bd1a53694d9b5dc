#include "tools/catalog/filter.h"

#include <fmt/format.h>
#include <grp.h>
#include <pwd.h>

#include <charconv>

#include "tools/size_text.h"

namespace tapir::cli {

namespace {

constexpr size_t kMostDigestDigits = 64;

std::optional<uint32_t> ParseId(std::string_view text) {
  uint32_t id = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, id);
  if (error != std::errc() || rest != end) return std::nullopt;
  return id;
}

bool AddType(char letter, std::set<ObjectType>& types) {
  switch (letter) {
    case 'f': types.insert({ObjectType::kRegular, ObjectType::kHardLink}); return true;
    case 'h': types.insert(ObjectType::kHardLink); return true;
    case 'd': types.insert(ObjectType::kDirectory); return true;
    case 'l': types.insert(ObjectType::kSymlink); return true;
    case 'p': types.insert(ObjectType::kFifo); return true;
    case 'c': types.insert(ObjectType::kCharDevice); return true;
    case 'b': types.insert(ObjectType::kBlockDevice); return true;
    case 'x': types.insert(ObjectType::kTombstone); return true;
    case 'e': types.insert(ObjectType::kExcluded); return true;
    default: return false;
  }
}

}  // namespace

Result<SizeRange> ParseSizeRange(std::string_view text) {
  SizeRange range;
  const size_t dots = text.find("..");
  const std::string_view from = text.substr(0, dots);
  const std::string_view to = dots == std::string_view::npos ? from : text.substr(dots + 2);
  if (from.empty() && to.empty()) {
    return InvalidArgument(
        fmt::format("'{}' is no range of sizes; give it as in 4K..2M, 4K.. or ..2M", text));
  }
  if (!from.empty()) {
    TAPIR_ASSIGN_OR_RETURN(range.min, ParseSize(from));
  }
  if (!to.empty()) {
    TAPIR_ASSIGN_OR_RETURN(range.max, ParseSize(to));
  }
  if (range.min && range.max && *range.min > *range.max) {
    return InvalidArgument(fmt::format("'{}' ends before it begins", text));
  }
  return range;
}

Result<std::set<ObjectType>> ParseTypes(std::string_view text) {
  std::set<ObjectType> types;
  for (const char letter : text) {
    if (letter != ',' && !AddType(letter, types)) {
      return InvalidArgument(
          fmt::format("'{}' has a letter that is none of f d l h p c b x e", text));
    }
  }
  if (types.empty()) return InvalidArgument("no type is given");
  return types;
}

Result<uint32_t> ParseUser(const std::string& text) {
  if (const auto id = ParseId(text)) return *id;
  const passwd* user = getpwnam(text.c_str());
  if (user == nullptr) {
    return InvalidArgument("'" + text + "' is no user of this machine; give the number");
  }
  return user->pw_uid;
}

Result<uint32_t> ParseGroup(const std::string& text) {
  if (const auto id = ParseId(text)) return *id;
  const group* found = getgrnam(text.c_str());
  if (found == nullptr) {
    return InvalidArgument("'" + text + "' is no group of this machine; give the number");
  }
  return found->gr_gid;
}

Result<std::string> ParseDigestPart(std::string_view text) {
  std::string digits;
  for (const char c : text) {
    const char lower = c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
    const bool is_digit = (lower >= '0' && lower <= '9') || (lower >= 'a' && lower <= 'f');
    if (!is_digit) return InvalidArgument(fmt::format("'{}' is no digest in hexadecimal", text));
    digits += lower;
  }
  if (digits.empty() || digits.size() > kMostDigestDigits) {
    return InvalidArgument("a digest has 1 to 64 hexadecimal digits");
  }
  return digits;
}

}  // namespace tapir::cli
