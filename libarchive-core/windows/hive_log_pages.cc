#include <algorithm>
#include <bit>
#include <utility>

#include "windows/hive_cells.h"
#include "windows/hive_replay.h"

namespace tapir {
namespace {

constexpr std::string_view kDirtyMagic = "DIRT";
constexpr size_t kLogPageBytes = 512;
constexpr unsigned kBitsOfByte = 8;

// The map of changed pages in a log, a bit for each 512 bytes of the bins, and the pages.
struct DirtyPages {
  ByteSpan map;
  ByteSpan pages;
  uint64_t count = 0;
};

std::optional<DirtyPages> ReadDirtyPages(const HiveLog& log) {
  const uint32_t sectors = log.header.sectors;
  if (sectors != 1 && sectors != 8) return std::nullopt;
  const size_t sector_bytes = sectors * kHiveSectorBytes;
  ReadCursor from(log.bytes);
  from.ReadBytes(sector_bytes);
  if (from.ReadText(kDirtyMagic.size()) != kDirtyMagic) return std::nullopt;
  DirtyPages dirty;
  dirty.map = from.ReadBytes(log.header.bins_bytes / kLogPageBytes / kBitsOfByte);
  from.ReadBytes(RoundUp(from.position(), sector_bytes) - from.position());
  if (!from.ok()) return std::nullopt;
  for (const std::byte bits : dirty.map) {
    dirty.count += static_cast<uint64_t>(std::popcount(std::to_integer<uint8_t>(bits)));
  }
  if (dirty.count > from.remaining() / kLogPageBytes) return std::nullopt;
  dirty.pages = from.ReadRest();
  return dirty;
}

void ApplyPages(const DirtyPages& dirty, std::string& hive) {
  size_t from = 0;
  for (size_t i = 0; i < dirty.map.size() * kBitsOfByte; ++i) {
    const auto bits = std::to_integer<unsigned>(dirty.map[i / kBitsOfByte]);
    if ((bits >> (i % kBitsOfByte) & 1) == 0) continue;
    const std::string_view page = AsText(dirty.pages.subspan(from, kLogPageBytes));
    hive.replace(kHiveHeaderBytes + i * kLogPageBytes, page.size(), page);
    from += kLogPageBytes;
  }
}

// False, with the reason told: the log is not used, and the hive stays as it was.
bool ReplayPagesOf(const HiveLog& log, HiveReplay& replay) {
  const auto refuse = [&](std::string_view why) {
    replay.Tell(Severity::kWarning, kHiveSectorBytes,
                std::string(log.name) + ": " + std::string(why));
    return false;
  };
  if (log.header.bins_bytes == 0 || log.header.bins_bytes % kHivePageBytes != 0) {
    return refuse("a size of bins that no hive has");
  }
  const std::optional<DirtyPages> dirty = ReadDirtyPages(log);
  if (!dirty) return refuse("its map or pages are not whole");
  HiveReplay next{.result = {.hive = replay.result.hive},
                  .header = replay.header,
                  .most_bytes = replay.most_bytes};
  if (!replay.GrowTo(next.result.hive, log.header.bins_bytes)) {
    return refuse("it makes the hive larger than the logs can fill");
  }
  ApplyPages(*dirty, next.result.hive);
  if (!replay.header.is_sound) next.TakeHeader(log);
  next.header.bins_bytes = log.header.bins_bytes;
  next.header.root = log.header.root;
  next.header.sequence_done = next.header.sequence_begun;
  UpdateHiveHeader(next.header, std::as_writable_bytes(std::span(next.result.hive)));
  // Nothing guards these pages: what made a sound hive worse was torn.
  const bool is_sound = HiveCells::Of(AsBytes(next.result.hive)).ok();
  if (!is_sound && HiveCells::Of(AsBytes(replay.result.hive)).ok()) {
    return refuse("its pages make no hive");
  }
  replay.header = std::move(next.header);
  replay.result.hive = std::move(next.result.hive);
  replay.result.header_recovered = next.result.header_recovered;
  replay.result.replayed.push_back({log.name, 0, dirty->count});
  return true;
}

}  // namespace

void ReplayPages(std::vector<HiveLog> logs, HiveReplay& replay) {
  const std::string& hive = replay.result.hive;
  uint64_t written = replay.header.last_written;
  if (!replay.header.is_sound) {
    const size_t at = kHiveHeaderBytes + kBinTimeAt;
    if (hive.size() < at + sizeof written) return;
    written = LoadLe<uint64_t>(AsBytes(hive).data() + at);
  }
  // After a failed writing the other log holds what this one does, and more.
  std::ranges::stable_sort(logs, std::ranges::greater(),
                           [](const HiveLog& log) { return log.header.sequence_begun; });
  for (const HiveLog& log : logs) {
    if (log.header.last_written != written) {
      replay.Tell(Severity::kInfo, 0, std::string(log.name) + ": it is of another writing");
    } else if (ReplayPagesOf(log, replay)) {
      return;
    }
  }
}

}  // namespace tapir
