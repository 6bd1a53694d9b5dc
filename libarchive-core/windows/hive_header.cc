#include "windows/hive_header.h"

#include <algorithm>

namespace tapir {
namespace {

constexpr std::string_view kHiveMagic = "regf";
constexpr size_t kTypeAt = 28;
constexpr size_t kFileNameUnits = 32;
constexpr size_t kFlagsAt = 144;
constexpr size_t kChecksumAt = 508;
constexpr uint32_t kDirectLoad = 1;

uint32_t HiveChecksum(const std::byte* sector) {
  uint32_t sum = 0;
  for (size_t at = 0; at < kChecksumAt; at += sizeof sum) sum ^= LoadLe<uint32_t>(sector + at);
  if (sum == 0xFFFFFFFF) return 0xFFFFFFFE;
  return sum == 0 ? 1 : sum;
}

}  // namespace

std::optional<HiveHeader> ReadHiveHeader(ByteSpan bytes) {
  if (bytes.size() < kHiveSectorBytes) return std::nullopt;
  ReadCursor from(bytes);
  HiveHeader header;
  const bool has_magic = from.ReadText(kHiveMagic.size()) == kHiveMagic;
  header.sequence_begun = from.U32();
  header.sequence_done = from.U32();
  header.last_written = from.U64();
  header.major_version = from.U32();
  header.minor_version = from.U32();
  header.type = from.U32();
  from.U32();
  header.root = from.U32();
  header.bins_bytes = from.U32();
  header.sectors = from.U32();
  for (size_t i = 0; i < kFileNameUnits; ++i) header.file_name += static_cast<char16_t>(from.U16());
  header.file_name.resize(std::min(header.file_name.find(u'\0'), kFileNameUnits));
  header.flags = LoadLe<uint32_t>(bytes.data() + kFlagsAt);
  header.is_sound =
      has_magic && LoadLe<uint32_t>(bytes.data() + kChecksumAt) == HiveChecksum(bytes.data());
  return header;
}

std::string BuildHiveHeader(const HiveHeader& header) {
  std::string bytes;
  WriteCursor to(bytes);
  to.Text(kHiveMagic);
  to.U32(header.sequence_begun);
  to.U32(header.sequence_done);
  to.U64(header.last_written);
  to.U32(header.major_version);
  to.U32(header.minor_version);
  to.U32(header.type);
  to.U32(kDirectLoad);
  to.U32(header.root);
  to.U32(header.bins_bytes);
  to.U32(header.sectors);
  for (const char16_t unit : header.file_name) to.U16(unit);
  bytes.resize(kHiveHeaderBytes, '\0');
  UpdateHiveHeader(header, std::as_writable_bytes(std::span(bytes)));
  return bytes;
}

void UpdateHiveHeader(const HiveHeader& header, std::span<std::byte> bytes) {
  StoreLe(bytes.data() + 4, header.sequence_begun);
  StoreLe(bytes.data() + 8, header.sequence_done);
  StoreLe(bytes.data() + 12, header.last_written);
  StoreLe(bytes.data() + kTypeAt, header.type);
  StoreLe(bytes.data() + 36, header.root);
  StoreLe(bytes.data() + 40, header.bins_bytes);
  StoreLe(bytes.data() + kFlagsAt, header.flags);
  StoreLe(bytes.data() + kChecksumAt, HiveChecksum(bytes.data()));
}

}  // namespace tapir
