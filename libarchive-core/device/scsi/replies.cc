#include "device/scsi/replies.h"

#include <algorithm>

#include "bytes/big_endian.h"
#include "bytes/checksum.h"

namespace tapir::scsi {
namespace {

// More items than any drive has; what comes after them is not looked at.
constexpr size_t kMaxItems = 4096;

template <typename T>
T Be(ByteSpan bytes, size_t at) {
  return at + sizeof(T) <= bytes.size() ? LoadBe<T>(bytes.data() + at) : T{};
}
uint8_t U8(ByteSpan bytes, size_t at) { return Be<uint8_t>(bytes, at); }

ByteSpan Piece(ByteSpan bytes, size_t at, size_t size) {
  at = std::min(at, bytes.size());
  return bytes.subspan(at, std::min(size, bytes.size() - at));
}

std::string Text(ByteSpan bytes) {
  std::string text(AsText(bytes));
  for (char& c : text) {
    if (c < ' ' || c > '~') c = ' ';
  }
  text.erase(text.find_last_not_of(' ') + 1);
  text.erase(0, text.find_first_not_of(' '));
  return text;
}

}  // namespace

std::optional<InquiryData> ParseInquiry(ByteSpan bytes) {
  if (bytes.size() < 5) return std::nullopt;
  InquiryData data;
  data.device_type = U8(bytes, 0) & 0x1F;
  data.removable = (U8(bytes, 1) & 0x80) != 0;
  data.vendor = Text(Piece(bytes, 8, 8));
  data.product = Text(Piece(bytes, 16, 16));
  data.revision = Text(Piece(bytes, 32, 4));
  return data;
}

std::optional<ByteSpan> ParseVpdPage(ByteSpan bytes, uint8_t page) {
  if (bytes.size() < 4 || U8(bytes, 1) != page) return std::nullopt;
  return Piece(bytes, 4, Be<uint16_t>(bytes, 2));
}

std::string ParseSerialNumber(ByteSpan bytes) {
  std::optional<ByteSpan> page = ParseVpdPage(bytes, 0x80);
  return page ? Text(*page) : std::string();
}

std::vector<std::string> ParseDesignators(ByteSpan bytes) {
  std::vector<std::string> found;
  ByteSpan rest = ParseVpdPage(bytes, 0x83).value_or(ByteSpan());
  while (rest.size() > 4 && found.size() < kMaxItems) {
    ByteSpan value = Piece(rest, 4, U8(rest, 3));
    bool of_logical_unit = (U8(rest, 1) & 0x30) == 0;
    bool binary = (U8(rest, 0) & 0x0F) == 1;
    if (of_logical_unit && !value.empty()) found.push_back(binary ? ToHex(value) : Text(value));
    rest = rest.subspan(4 + value.size());
  }
  return found;
}

bool ParseWormCapable(ByteSpan bytes) {
  std::optional<ByteSpan> page = ParseVpdPage(bytes, 0xB0);
  return page && (U8(*page, 0) & 0x01) != 0;
}

std::optional<BlockLimits> ParseBlockLimits(ByteSpan bytes) {
  if (bytes.size() < 6) return std::nullopt;
  return BlockLimits{.granularity = static_cast<uint8_t>(U8(bytes, 0) & 0x1F),
                     .max_bytes = LoadBe24(bytes.data() + 1),
                     .min_bytes = Be<uint16_t>(bytes, 4)};
}

std::optional<PositionReply> ParseShortPosition(ByteSpan bytes) {
  if (bytes.size() < 8) return std::nullopt;
  uint8_t flags = U8(bytes, 0);
  constexpr uint8_t kUnknown = 0x04;
  return PositionReply{.beginning = (flags & 0x80) != 0,
                       .near_end = (flags & 0x40) != 0,
                       .known = (flags & kUnknown) == 0,
                       .partition = U8(bytes, 1),
                       .object = Be<uint32_t>(bytes, 4)};
}

std::optional<PositionReply> ParseLongPosition(ByteSpan bytes) {
  if (bytes.size() < 16) return std::nullopt;
  uint8_t flags = U8(bytes, 0);
  // Partition or object number unknown; or bits that this form does not have, by which a drive
  // that answers all forms alike gives itself away.
  constexpr uint8_t kUnknown = 0x08 | 0x04 | 0x20 | 0x10;
  return PositionReply{.beginning = (flags & 0x80) != 0,
                       .near_end = (flags & 0x40) != 0,
                       .known = (flags & kUnknown) == 0,
                       .partition = Be<uint32_t>(bytes, 4),
                       .object = Be<uint64_t>(bytes, 8)};
}

std::vector<Density> ParseDensities(ByteSpan bytes) {
  std::vector<Density> found;
  if (bytes.size() < 4) return found;
  constexpr size_t kDensityBytes = 52;
  // The length counts two bytes of the header, too.
  ByteSpan rest = Piece(bytes, 4, std::max<size_t>(Be<uint16_t>(bytes, 0), 2) - 2);
  while (rest.size() >= kDensityBytes && found.size() < kMaxItems) {
    uint8_t flags = U8(rest, 2);
    found.push_back({.primary = U8(rest, 0),
                     .secondary = U8(rest, 1),
                     .writable = (flags & 0x80) != 0,
                     .is_default = (flags & 0x20) != 0,
                     .capacity_mb = Be<uint32_t>(rest, 12),
                     .organization = Text(Piece(rest, 16, 8)),
                     .name = Text(Piece(rest, 24, 8))});
    rest = rest.subspan(kDensityBytes);
  }
  return found;
}

std::vector<SupportedCommand> ParseSupportedCommands(ByteSpan bytes) {
  std::vector<SupportedCommand> found;
  ByteSpan rest = Piece(bytes, 4, Be<uint32_t>(bytes, 0));
  while (rest.size() >= 8 && found.size() < kMaxItems) {
    uint8_t flags = U8(rest, 5);
    SupportedCommand command{.opcode = U8(rest, 0)};
    if ((flags & 0x01) != 0) command.service_action = Be<uint16_t>(rest, 2);
    rest = rest.subspan(8);
    if ((flags & 0x02) != 0) {
      size_t size = 2u + Be<uint16_t>(rest, 0);
      command.nominal_s = Be<uint32_t>(rest, 4);
      command.recommended_s = Be<uint32_t>(rest, 8);
      rest = rest.subspan(std::min(size, rest.size()));
    }
    found.push_back(command);
  }
  return found;
}

std::optional<uint64_t> LogParameter::Number() const {
  if (value.empty() || value.size() > 8) return std::nullopt;
  uint64_t number = 0;
  for (std::byte byte : value) number = number << 8 | std::to_integer<uint64_t>(byte);
  return number;
}

std::vector<LogParameter> ParseLogPage(ByteSpan bytes, uint8_t page) {
  std::vector<LogParameter> found;
  if (bytes.size() < 4 || (U8(bytes, 0) & 0x3F) != page) return found;
  ByteSpan rest = Piece(bytes, 4, Be<uint16_t>(bytes, 2));
  while (rest.size() >= 4 && found.size() < kMaxItems) {
    size_t size = U8(rest, 3);
    if (size > rest.size() - 4) break;
    found.push_back({.code = Be<uint16_t>(rest, 0), .value = rest.subspan(4, size)});
    rest = rest.subspan(4 + size);
  }
  return found;
}

std::optional<uint64_t> LogNumber(const std::vector<LogParameter>& parameters, uint16_t code) {
  for (const LogParameter& parameter : parameters) {
    if (parameter.code == code) return parameter.Number();
  }
  return std::nullopt;
}

std::vector<uint8_t> ParseTapeAlert(ByteSpan bytes) {
  constexpr uint16_t kFlags = 64;
  std::array<bool, kFlags + 1> up{};
  for (const LogParameter& parameter : ParseLogPage(bytes, log_page::kTapeAlert)) {
    if (parameter.code >= 1 && parameter.code <= kFlags && !parameter.value.empty()) {
      up[parameter.code] = (U8(parameter.value, 0) & 0x01) != 0;
    }
  }
  std::vector<uint8_t> found;
  for (uint8_t flag = 1; flag <= kFlags; ++flag) {
    if (up[flag]) found.push_back(flag);
  }
  return found;
}

ErrorCounters ParseErrorCounters(ByteSpan bytes, uint8_t page) {
  std::vector<LogParameter> parameters = ParseLogPage(bytes, page);
  return {.corrected = LogNumber(parameters, 0x0003),
          .uncorrected = LogNumber(parameters, 0x0006),
          .bytes_processed = LogNumber(parameters, 0x0005)};
}

CapacityLog ParseCapacityLog(ByteSpan bytes, uint32_t partition) {
  if (partition > 1) return {};
  std::vector<LogParameter> parameters = ParseLogPage(bytes, log_page::kCapacity);
  auto first = static_cast<uint16_t>(1 + partition);
  return {.remaining = LogNumber(parameters, first),
          .maximum = LogNumber(parameters, static_cast<uint16_t>(first + 2))};
}

std::vector<Attribute> ParseAttributes(ByteSpan bytes) {
  std::vector<Attribute> found;
  ByteSpan rest = Piece(bytes, 4, Be<uint32_t>(bytes, 0));
  while (rest.size() >= 5 && found.size() < kMaxItems) {
    size_t size = Be<uint16_t>(rest, 3);
    if (size > rest.size() - 5) break;
    uint8_t kind = U8(rest, 2);
    found.push_back({.id = Be<uint16_t>(rest, 0),
                     .read_only = (kind & 0x80) != 0,
                     .format = static_cast<AttributeFormat>(kind & 0x03),
                     .value = rest.subspan(5, size)});
    rest = rest.subspan(5 + size);
  }
  return found;
}

std::string EncodeAttribute(const Attribute& attribute) {
  std::array<std::byte, 9> head{};
  StoreBe(head.data(), static_cast<uint32_t>(5 + attribute.value.size()));
  StoreBe(head.data() + 4, attribute.id);
  head[6] = static_cast<std::byte>(attribute.format);
  StoreBe(head.data() + 7, static_cast<uint16_t>(attribute.value.size()));
  std::string list(AsText(head));
  list += AsText(attribute.value);
  return list;
}

}  // namespace tapir::scsi
