#include "fuzz/support/hive_parts.h"

#include <algorithm>

#include "bytes/cursor.h"
#include "windows/hive_header.h"
#include "windows/marvin32.h"

namespace tapir::fuzz {
namespace {

constexpr size_t kLengths = 3;

void MendEntries(std::span<std::byte> entries) {
  constexpr size_t kHashesAt = 24;
  constexpr size_t kHeadBytes = 40;
  while (entries.size() >= kHeadBytes) {
    const size_t size = LoadLe<uint32_t>(entries.data() + 4);
    if (size < kHeadBytes || size > entries.size()) return;
    const std::span<std::byte> body = entries.subspan(kHeadBytes, size - kHeadBytes);
    StoreLe(entries.data() + kHashesAt, HiveEntryHash(body));
    StoreLe(entries.data() + kHashesAt + 8, HiveEntryHash(entries.first(kHashesAt + 8)));
    entries = entries.subspan(size);
  }
}

}  // namespace

HiveParts SplitHiveParts(std::span<const std::byte> input) {
  ReadCursor from(input);
  std::array<uint32_t, kLengths> lengths;
  for (uint32_t& length : lengths) length = from.U32();
  HiveParts parts;
  if (!from.ok()) return parts;
  for (size_t i = 0; i < kLengths; ++i) {
    parts[i] = from.ReadText(std::min<size_t>(lengths[i], from.remaining()));
  }
  parts[kLengths] = AsText(from.ReadRest());
  return parts;
}

std::string JoinHiveParts(const HiveParts& parts) {
  std::string input;
  WriteCursor to(input);
  for (size_t i = 0; i < kLengths; ++i) to.U32(static_cast<uint32_t>(parts[i].size()));
  for (const std::string_view part : parts) to.Text(part);
  return input;
}

void MendHiveParts(std::span<std::byte> input) {
  for (const std::string_view part : SplitHiveParts(input)) {
    if (part.size() < kHiveSectorBytes) continue;
    const std::span<std::byte> bytes =
        input.subspan(static_cast<size_t>(AsBytes(part).data() - input.data()), part.size());
    UpdateHiveHeader(*ReadHiveHeader(bytes), bytes);
    MendEntries(bytes.subspan(kHiveSectorBytes));
  }
}

}  // namespace tapir::fuzz
