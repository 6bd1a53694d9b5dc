#include "tapir/windows/hive_log.h"

#include <algorithm>
#include <array>
#include <utility>

#include "windows/hive_replay.h"

namespace tapir {
namespace {

bool IsEntriesLog(const HiveLog& log) { return log.header.type == kEntriesLogFile; }

bool IsPagesLog(const HiveLog& log) {
  return log.header.type == kLogFile || log.header.type == kOldLogFile;
}

// Logs that were written to their end. Programs leave empty ones beside a hive.
std::vector<HiveLog> SoundLogs(const HiveLogs& logs, HiveReplay& replay) {
  const std::array<std::pair<std::string_view, std::string_view>, 3> all = {
      {{"LOG", logs.log}, {"LOG1", logs.log1}, {"LOG2", logs.log2}}};
  std::vector<HiveLog> sound;
  for (const auto& [name, text] : all) {
    const ByteSpan bytes = AsBytes(text);
    if (AllZero(bytes)) continue;
    const std::optional<HiveHeader> header = ReadHiveHeader(bytes);
    if (!header || !header->is_sound) {
      replay.Tell(Severity::kWarning, 0, std::string(name) + ": its head is broken");
    } else if (header->sequence_begun != header->sequence_done) {
      replay.Tell(Severity::kWarning, 0, std::string(name) + ": its writing did not end");
    } else {
      sound.push_back({name, bytes, *header});
    }
  }
  return sound;
}

template <typename Pick>
std::vector<HiveLog> LogsThat(const std::vector<HiveLog>& logs, Pick is_wanted) {
  std::vector<HiveLog> wanted;
  std::ranges::copy_if(logs, std::back_inserter(wanted), is_wanted);
  return wanted;
}

}  // namespace

void HiveReplay::TakeHeader(const HiveLog& log) {
  const std::string_view sector = AsText(log.bytes.first(kHiveSectorBytes));
  result.hive.replace(0, sector.size(), sector);
  header = log.header;
  header.type = kHiveFile;
  result.header_recovered = true;
}

bool HiveReplay::GrowTo(std::string& hive, uint32_t bins_bytes) const {
  const size_t wanted = kHiveHeaderBytes + bins_bytes;
  if (wanted > most_bytes) return false;
  if (wanted > hive.size()) hive.resize(wanted, '\0');
  return true;
}

HiveRecovery RecoverHive(std::string hive, const HiveLogs& logs) {
  HiveReplay replay;
  replay.result.hive = std::move(hive);
  replay.most_bytes =
      replay.result.hive.size() + logs.log.size() + logs.log1.size() + logs.log2.size();
  const std::optional<HiveHeader> header = ReadHiveHeader(AsBytes(replay.result.hive));
  if (!header || replay.result.hive.size() < kHiveHeaderBytes) {
    replay.Tell(Severity::kReject, replay.result.hive.size(), "no whole head of a hive");
    return std::move(replay.result);
  }
  if (header->is_sound && header->sequence_begun == header->sequence_done) {
    return std::move(replay.result);
  }
  replay.result.was_dirty = true;
  replay.header = *header;
  const std::vector<HiveLog> sound = SoundLogs(logs, replay);
  ReplayEntries(LogsThat(sound, IsEntriesLog), replay);
  if (replay.result.replayed.empty()) ReplayPages(LogsThat(sound, IsPagesLog), replay);
  if (!replay.result.replayed.empty() || replay.result.header_recovered) {
    UpdateHiveHeader(replay.header, std::as_writable_bytes(std::span(replay.result.hive)));
  } else if (header->is_sound) {
    replay.Tell(Severity::kWarning, 0,
                "a writing of the hive did not end, and no log fits it: it is used as it is");
  } else {
    replay.Tell(Severity::kError, 0, "the head of the hive is broken, and no log has another");
  }
  return std::move(replay.result);
}

}  // namespace tapir
