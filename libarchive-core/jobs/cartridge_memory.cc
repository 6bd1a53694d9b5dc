#include "jobs/cartridge_memory.h"

#include <ctime>
#include <string_view>

#include "bytes/cursor.h"
#include "tapir/base/version.h"

namespace tapir {
namespace {

constexpr std::string_view kApplication = "tapir";
constexpr size_t kLabelBytes = 160;
constexpr size_t kUuidBytes = 36;

// Text attributes have a fixed length and are filled up with spaces (SSC).
struct TextAttribute {
  TapeAttribute id;
  std::string text;
  size_t length;
};

std::string Minutes(const Timestamp& time) {
  const std::time_t seconds = time.seconds;
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[16] = {};
  size_t size = std::strftime(text, sizeof text, "%Y%m%d%H%M", &parts);
  return {text, size};
}

// The name alone may be that of several volumes.
std::string LabelText(const Label& label) {
  return label.name.substr(0, kLabelBytes - kUuidBytes - 1) + " " + FormatUuid(label.volume_uuid);
}

}  // namespace

std::string ReadAttributeText(TapeDrive& drive, TapeAttribute attribute) {
  Result<std::vector<std::byte>> value = drive.ReadAttribute(attribute);
  if (!value.ok()) return {};
  std::string text(AsText(*value));
  text.erase(text.find_last_not_of(std::string_view(" \0", 2)) + 1);
  return text;
}

Status DescribeCartridge(TapeDrive& drive, const Label& label, const Timestamp& now) {
  const TextAttribute attributes[] = {
      {TapeAttribute::kApplicationVendor, "TAPIR", 8},
      {TapeAttribute::kApplicationName, std::string(kApplication), 32},
      {TapeAttribute::kApplicationVersion, std::string(kVersion), 8},
      {TapeAttribute::kUserTextLabel, LabelText(label), kLabelBytes},
      {TapeAttribute::kDateLastWritten, Minutes(now), 12},
      {TapeAttribute::kApplicationFormatVersion, "0.1", 16},
  };
  for (const TextAttribute& attribute : attributes) {
    std::string value = attribute.text.substr(0, attribute.length);
    value.resize(attribute.length, ' ');
    Status written = drive.WriteAttribute(attribute.id, AsBytes(value));
    if (TapeErrorOf(written) == TapeError::kNotSupported) return OkStatus();
    if (!written.ok()) return written;
  }
  return OkStatus();
}

std::string CartridgeContradiction(TapeDrive& drive, const Label& label) {
  if (ReadAttributeText(drive, TapeAttribute::kApplicationName) != kApplication) return {};
  std::string noted = ReadAttributeText(drive, TapeAttribute::kUserTextLabel);
  bool same = noted.ends_with(FormatUuid(label.volume_uuid));
  if (same || noted.empty()) return {};
  return "the cartridge memory names another volume, '" + noted + "'";
}

}  // namespace tapir
