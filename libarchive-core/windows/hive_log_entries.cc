#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "windows/hive_replay.h"
#include "windows/marvin32.h"

namespace tapir {
namespace {

constexpr std::string_view kEntryMagic = "HvLE";
constexpr size_t kEntryHeaderBytes = 40;
constexpr size_t kEntryHashedBytes = 32;  // by the second hash

struct PageReference {
  uint32_t offset;
  ByteSpan bytes;
};

struct LogEntry {
  size_t size = 0;
  uint32_t flags = 0;
  uint32_t sequence = 0;
  uint32_t bins_bytes = 0;
  std::vector<PageReference> pages;
};

// Nothing follows, something that is not whole, or an entry.
enum class EntryState { kNone, kBroken, kSound };

bool ReadEntryPages(ReadCursor from, uint32_t count, LogEntry& entry) {
  constexpr size_t kReferenceBytes = 2 * sizeof(uint32_t);
  if (count > from.remaining() / kReferenceBytes) return false;
  ReadCursor references(from.ReadBytes(count * kReferenceBytes));
  for (uint32_t i = 0; i < count; ++i) {
    const uint32_t offset = references.U32();
    const uint32_t size = references.U32();
    if (offset > entry.bins_bytes || size > entry.bins_bytes - offset) return false;
    entry.pages.push_back({offset, from.ReadBytes(size)});
    if (!from.ok()) return false;
  }
  return true;
}

EntryState ReadEntry(ByteSpan rest, LogEntry& entry) {
  ReadCursor from(rest);
  if (from.ReadText(kEntryMagic.size()) != kEntryMagic) return EntryState::kNone;
  entry.size = from.U32();
  entry.flags = from.U32();
  entry.sequence = from.U32();
  entry.bins_bytes = from.U32();
  const uint32_t page_count = from.U32();
  const uint64_t data_hash = from.U64();
  const uint64_t header_hash = from.U64();
  const bool fits = from.ok() && entry.size >= kEntryHeaderBytes && entry.size <= rest.size() &&
                    entry.size % kHiveSectorBytes == 0;
  if (!fits) return EntryState::kBroken;
  const ByteSpan body = rest.subspan(kEntryHeaderBytes, entry.size - kEntryHeaderBytes);
  const bool is_whole = header_hash == HiveEntryHash(rest.first(kEntryHashedBytes)) &&
                        data_hash == HiveEntryHash(body) &&
                        entry.bins_bytes % kHivePageBytes == 0 && entry.bins_bytes > 0 &&
                        ReadEntryPages(ReadCursor(body), page_count, entry);
  return is_whole ? EntryState::kSound : EntryState::kBroken;
}

void ApplyEntry(const LogEntry& entry, HiveReplay& replay) {
  std::string& hive = replay.result.hive;
  for (const PageReference& page : entry.pages) {
    std::ranges::copy(AsText(page.bytes),
                      hive.begin() + static_cast<ptrdiff_t>(kHiveHeaderBytes + page.offset));
  }
  HiveHeader& header = replay.header;
  header.bins_bytes = entry.bins_bytes;
  header.sequence_begun = header.sequence_done = entry.sequence;
  header.flags = (header.flags & ~kHiveHasTransactions) | (entry.flags & kHiveHasTransactions);
}

// Takes the entries of one log that follow each other, from number `first` on.
ReplayedLog ReplayEntriesOf(const HiveLog& log, uint32_t first, HiveReplay& replay) {
  ReplayedLog done{log.name};
  const std::string name(log.name);
  size_t at = kHiveSectorBytes;
  for (uint32_t expected = first;; ++expected) {
    LogEntry entry;
    const EntryState state = ReadEntry(log.bytes.subspan(std::min(at, log.bytes.size())), entry);
    const bool is_next = state != EntryState::kNone && entry.sequence == expected;
    if (state == EntryState::kBroken && is_next) {
      replay.Tell(Severity::kWarning, at,
                  fmt::format("{}: entry {} is not whole; the log ends before it", name, expected));
    } else if (done.entries == 0 && !is_next) {
      replay.Tell(Severity::kWarning, at, name + ": it does not begin with the entry it names");
    }
    if (state != EntryState::kSound || !is_next) return done;
    if (!replay.GrowTo(replay.result.hive, entry.bins_bytes)) {
      replay.Tell(
          Severity::kWarning, at,
          fmt::format("{}: entry {} makes the hive larger than the logs can fill", name, expected));
      return done;
    }
    ApplyEntry(entry, replay);
    ++done.entries;
    done.pages += entry.pages.size();
    at += entry.size;
  }
}

}  // namespace

void ReplayEntries(std::vector<HiveLog> logs, HiveReplay& replay) {
  std::ranges::stable_sort(logs, {}, [](const HiveLog& log) { return log.header.sequence_begun; });
  if (logs.empty()) return;
  if (!replay.header.is_sound) {
    logs.erase(logs.begin(), logs.end() - 1);
    replay.TakeHeader(logs[0]);
  }
  uint32_t least = replay.header.sequence_done;
  for (const HiveLog& log : logs) {
    const uint32_t first = log.header.sequence_begun;
    const bool continues = !replay.result.replayed.empty();
    if (first < least || (continues && first != least)) {
      replay.Tell(Severity::kInfo, 0,
                  fmt::format("{}: its entries, from {} on, do not follow {}", log.name, first,
                              continues ? least - 1 : least));
      continue;
    }
    const ReplayedLog done = ReplayEntriesOf(log, first, replay);
    if (done.entries == 0) continue;
    replay.result.replayed.push_back(done);
    least = replay.header.sequence_done + 1;
  }
}

}  // namespace tapir
