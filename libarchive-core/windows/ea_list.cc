#include "tapir/windows/ea_list.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "bytes/cursor.h"

namespace tapir {
namespace {

constexpr size_t kEaHeadBytes = 8;
constexpr size_t kEaAlignment = 4;
constexpr uint8_t kNeedEa = 0x80;
constexpr std::string_view kNotInEaNames = "\\/:*?\"<>|,+=[];";

bool IsEaName(std::string_view name) {
  return !name.empty() && std::ranges::all_of(name, [](char c) {
    return static_cast<uint8_t>(c) >= 0x20 && kNotInEaNames.find(c) == std::string_view::npos;
  });
}

struct EaEntry {
  size_t bytes = 0;  // 0: does not lie inside
  uint32_t next = 0;
  uint8_t flags = 0;
  std::string_view name;
};

EaEntry ReadEaEntry(ByteSpan rest) {
  ReadCursor read(rest);
  EaEntry entry;
  entry.next = read.U32();
  entry.flags = read.U8();
  const uint8_t name_bytes = read.U8();
  const uint16_t value_bytes = read.U16();
  entry.name = read.ReadText(name_bytes);
  read.Zeros(1);
  read.ReadBytes(value_bytes);
  if (read.ok()) entry.bytes = kEaHeadBytes + name_bytes + 1 + value_bytes;
  return entry;
}

struct LastEa {
  size_t at = 0;
  size_t bytes = 0;
};

// Nothing if the list cannot be walked to its end.
std::optional<LastEa> FindLast(const std::string& list) {
  const ByteSpan bytes = AsBytes(list);
  for (size_t at = 0;;) {
    const EaEntry entry = ReadEaEntry(bytes.subspan(at));
    const size_t left = bytes.size() - at;
    if (entry.bytes == 0) return std::nullopt;
    if (entry.next == 0 || entry.next >= left) return LastEa{at, entry.bytes};
    if (entry.next < entry.bytes) return std::nullopt;
    at += entry.next;
  }
}

}  // namespace

std::vector<Finding> CheckEaList(std::span<const std::byte> bytes) {
  std::vector<Finding> findings;
  if (bytes.size() > kMaxEaBytes) {
    findings.push_back({0, Severity::kWarning,
                        std::to_string(bytes.size()) + " bytes of extended attributes, limit " +
                            std::to_string(kMaxEaBytes)});
  }
  for (size_t at = 0;;) {
    const EaEntry entry = ReadEaEntry(bytes.subspan(at));
    if (entry.bytes == 0) {
      findings.push_back({at, Severity::kReject, "an extended attribute does not lie inside"});
      return findings;
    }
    if (!IsEaName(entry.name)) {
      findings.push_back({at, Severity::kWarning, "an extended attribute has no valid name"});
    }
    if ((entry.flags & ~kNeedEa) != 0) {
      findings.push_back({at + 4, Severity::kWarning, "flags of an extended attribute"});
    }
    if (entry.next == 0) {
      if (at + entry.bytes < bytes.size()) {
        findings.push_back(
            {at + entry.bytes, Severity::kWarning, "bytes after the last extended attribute"});
      }
      return findings;
    }
    if (entry.next % 4 != 0 || entry.next < entry.bytes || entry.next >= bytes.size() - at) {
      findings.push_back(
          {at, Severity::kReject,
           "the next extended attribute is " + std::to_string(entry.next) + " bytes further"});
      return findings;
    }
    at += entry.next;
  }
}

std::string EaListForm(std::string list) {
  const std::optional<LastEa> last = FindLast(list);
  if (!last) return list;
  StoreLe(std::as_writable_bytes(std::span(list)).data() + last->at, uint32_t{0});
  list.resize(last->at + last->bytes);
  return list;
}

std::string EaVolumeForm(std::string list) {
  const std::optional<LastEa> last = FindLast(list);
  if (!last) return list;
  list.resize(RoundUp(last->at + last->bytes, kEaAlignment));
  StoreLe(std::as_writable_bytes(std::span(list)).data() + last->at,
          static_cast<uint32_t>(list.size() - last->at));
  return list;
}

}  // namespace tapir
