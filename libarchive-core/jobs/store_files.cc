#include "jobs/store_files.h"

#include <map>
#include <optional>

#include "jobs/session_entries.h"
#include "jobs/sis_needs.h"

namespace tapir {

Status ForEachEntry(OpenedVolume& volume, const SessionPlace& place,
                    const std::function<void(const Entry&)>& take) {
  std::vector<Damage> known_damages;
  SessionEntries entries(volume.device.get(), volume.state->label, place, known_damages);
  for (;;) {
    TAPIR_ASSIGN_OR_RETURN(std::optional<Entry> entry, entries.Next());
    if (!entry) return OkStatus();
    take(*entry);
  }
}

Status FindStoreFiles(OpenedSet& volumes, const std::vector<SessionPlace>& sessions,
                      const std::set<std::string>& keys,
                      const std::function<void(size_t session, const Entry& entry)>& take) {
  std::map<std::string, uint32_t> found;  // and the number of the session
  if (keys.empty()) return OkStatus();
  for (size_t i = sessions.size(); i-- > 0;) {
    TAPIR_RETURN_IF_ERROR(
        ForEachEntry(volumes[sessions[i].volume], sessions[i], [&](const Entry& entry) {
          if (entry.sis.role != SisRole::kCommonStoreFile) return;
          const std::string key = SisStoreKey(entry.path);
          if (!keys.contains(key)) return;
          const uint32_t number = sessions[i].number;
          if (found.try_emplace(key, number).first->second == number) take(i, entry);
        }));
  }
  return OkStatus();
}

}  // namespace tapir
