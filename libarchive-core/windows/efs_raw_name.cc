#include <string_view>

#include "bytes/cursor.h"
#include "tapir/windows/efs_raw.h"
#include "tapir/windows/wtf8.h"
#include "windows/efs_raw_format.h"

namespace tapir {
namespace {

constexpr std::string_view kDataType = ":$DATA";

bool CanBeName(std::string_view text) {
  return text.find(':') == text.npos && text.find('\0') == text.npos;
}

}  // namespace

std::optional<std::string> EfsRawStreamName(std::string_view name) {
  if (!CanBeName(name)) return std::nullopt;
  const std::optional<std::u16string> units =
      Utf16(std::string(":").append(name).append(kDataType).append(1, '\0'));
  if (!units) return std::nullopt;
  return std::string(AsText(std::as_bytes(std::span(*units))));
}

std::optional<std::string> EfsStreamNameOf(std::span<const std::byte> raw_name) {
  std::string text = efs::StreamNameText(raw_name);
  if (text.size() < kDataType.size() + 1 || text.front() != ':' || !text.ends_with(kDataType)) {
    return std::nullopt;
  }
  text = text.substr(1, text.size() - kDataType.size() - 1);
  if (!CanBeName(text)) return std::nullopt;
  return text;
}

std::string efs::StreamNameText(ByteSpan raw_name) {
  std::string text = Wtf8FromLe(raw_name);
  if (text.ends_with('\0')) text.pop_back();
  return text;
}

bool LooksLikeEfsRaw(std::span<const std::byte> first_bytes) {
  return AsText(first_bytes).starts_with(efs::kRootMagic);
}

}  // namespace tapir
