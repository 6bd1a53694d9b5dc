#include "tests/support/hive_logs.h"

#include <algorithm>

#include "windows/hive_header.h"
#include "windows/marvin32.h"

namespace tapir::test {
namespace {

std::span<std::byte> Writable(std::string& bytes) {
  return std::as_writable_bytes(std::span(bytes));
}

// Where pages of this size begin, in the bins of `to`, that differ from those of `from`.
std::vector<size_t> ChangedPages(const std::string& from, const std::string& to, size_t page) {
  std::vector<size_t> changed;
  for (size_t at = kHiveHeaderBytes; at < to.size(); at += page) {
    const bool is_same = at < from.size() && from.compare(at, page, to, at, page) == 0;
    if (!is_same) changed.push_back(at - kHiveHeaderBytes);
  }
  return changed;
}

}  // namespace

std::string WithOpenWriting(std::string hive) {
  HiveHeader header = *ReadHiveHeader(AsBytes(hive));
  ++header.sequence_begun;
  UpdateHiveHeader(header, Writable(hive));
  return hive;
}

std::string WithBrokenHead(std::string hive) {
  hive[4] ^= 1;
  return hive;
}

std::string BinsOf(const std::string& hive) { return hive.substr(kHiveHeaderBytes); }

std::string LogHead(const std::string& hive, uint32_t type, uint32_t sequence, uint32_t sectors) {
  HiveHeader header = *ReadHiveHeader(AsBytes(hive));
  header.type = type;
  header.sequence_begun = header.sequence_done = sequence;
  header.sectors = sectors;
  return BuildHiveHeader(header).substr(0, sectors * kHiveSectorBytes);
}

std::string PagesLog(const std::string& from, const std::string& to, uint32_t sectors) {
  constexpr size_t kPage = 512;
  const uint32_t sequence = ReadHiveHeader(AsBytes(to))->sequence_done;
  std::string log = LogHead(to, kLogFile, sequence, sectors);
  const std::vector<size_t> changed = ChangedPages(from, to, kPage);
  std::string map((to.size() - kHiveHeaderBytes) / kPage / 8, '\0');
  for (const size_t at : changed) {
    map[at / kPage / 8] = static_cast<char>(map[at / kPage / 8] | 1 << (at / kPage % 8));
  }
  WriteCursor write(log);
  write.Text("DIRT");
  write.Text(map);
  write.PadTo(sectors * kHiveSectorBytes);
  for (const size_t at : changed) write.Text(to.substr(kHiveHeaderBytes + at, kPage));
  return log;
}

std::string LogEntryBytes(uint32_t sequence, uint32_t bins_bytes, uint32_t count,
                          std::string_view references_and_pages) {
  std::string body(references_and_pages);
  body.resize(RoundUp(40 + body.size(), kHiveSectorBytes) - 40, '\0');
  std::string entry;
  WriteCursor write(entry);
  write.Text("HvLE");
  write.U32(static_cast<uint32_t>(40 + body.size()));
  write.U32(0);
  write.U32(sequence);
  write.U32(bins_bytes);
  write.U32(count);
  write.U64(HiveEntryHash(AsBytes(body)));
  write.U64(HiveEntryHash(AsBytes(entry)));
  return entry + body;
}

std::string EntriesLog(const std::vector<std::string>& hives, uint32_t first_sequence) {
  std::string log = LogHead(hives.at(1), kEntriesLogFile, first_sequence);
  for (size_t i = 1; i < hives.size(); ++i) {
    const std::vector<size_t> changed = ChangedPages(hives[i - 1], hives[i], kHivePageBytes);
    std::string body;
    WriteCursor write(body);
    for (const size_t at : changed) {
      write.U32(static_cast<uint32_t>(at));
      write.U32(kHivePageBytes);
    }
    for (const size_t at : changed) {
      write.Text(hives[i].substr(kHiveHeaderBytes + at, kHivePageBytes));
    }
    log += LogEntryBytes(first_sequence + static_cast<uint32_t>(i) - 1,
                         static_cast<uint32_t>(hives[i].size() - kHiveHeaderBytes),
                         static_cast<uint32_t>(changed.size()), body);
  }
  return log;
}

}  // namespace tapir::test
