#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "object/matcher.h"
#include "tapir/catalog/browse.h"
#include "tapir/catalog/reports.h"

namespace tapir::catalog {
namespace {

class NeedsFinder {
 public:
  NeedsFinder(Store& store, const Inventory& inventory, std::vector<const Session*> sessions)
      : inventory_(inventory), state_(store, std::move(sessions)) {}

  Result<Needs> Run(const std::vector<std::string>& patterns) {
    Matcher matcher(patterns);
    const auto take = [&](const Version& version) {
      return matcher.Selects(version.entry.path) ? Take(version) : OkStatus();
    };
    if (matcher.plain_paths() && !patterns.empty()) {
      for (const std::string& path : *matcher.plain_paths()) {
        TAPIR_RETURN_IF_ERROR(state_.Walk(path, take));
      }
    } else {
      TAPIR_RETURN_IF_ERROR(state_.Walk(".", take));
    }
    TAPIR_RETURN_IF_ERROR(ResolveStoreFiles());
    needs_.unmatched_patterns = matcher.Unmatched();
    for (auto& [key, volume] : volumes_) needs_.volumes.push_back(std::move(volume));
    std::ranges::sort(needs_.volumes, {}, [](const NeededVolume& needed) {
      return std::tuple(std::string_view(needed.volume->set_uuid), needed.volume->sequence,
                        needed.volume->key);
    });
    return std::move(needs_);
  }

 private:
  // Plain paths may lie in each other.
  Status Take(const Version& version) {
    const Entry& entry = version.entry;
    if (!taken_.emplace(version.session->key, entry.ordinal).second) return OkStatus();
    ++needs_.objects;
    const uint64_t bytes = entry.type == ObjectType::kRegular ? entry.size : 0;
    needs_.content_bytes += bytes;
    NeededVolume& last = Need(*version.session);
    ++last.objects;
    last.content_bytes += bytes;
    // References and hard links lead to objects of the same part, so to no other volume.
    for (const Session* part : version.earlier_parts) Need(*part);
    const bool begins_elsewhere = entry.fragment && version.earlier_parts.empty();
    if (begins_elsewhere) needs_.missing.push_back("the beginning of " + entry.path);
    if (entry.status == ObjectStatus::kContinued) {
      needs_.missing.push_back("the end of " + entry.path);
    }
    store_files_.insert(entry.sis.files.begin(), entry.sis.files.end());
    return OkStatus();
  }

  NeededVolume& Need(const Session& session) {
    NeededVolume& needed = volumes_[session.volume];
    needed.volume = &inventory_.VolumeOf(session);
    const auto place = std::ranges::lower_bound(needed.sessions, session.number);
    if (place == needed.sessions.end() || *place != session.number) {
      needed.sessions.insert(place, session.number);
    }
    return needed;
  }

  // The contents of SIS links are in files of the common store.
  Status ResolveStoreFiles() {
    for (const std::string& path : store_files_) {
      TAPIR_ASSIGN_OR_RETURN(const std::optional<Version> found, state_.Find(path));
      if (!found) {
        needs_.missing.push_back("the common-store file " + path);
        continue;
      }
      TAPIR_RETURN_IF_ERROR(Take(*found));
    }
    return OkStatus();
  }

  const Inventory& inventory_;
  State state_;
  Needs needs_;
  std::map<VolumeKey, NeededVolume> volumes_;
  std::set<std::pair<SessionKey, uint64_t>> taken_;
  std::set<std::string> store_files_;
};

}  // namespace

Result<Needs> FindNeeds(Store& store, const Inventory& inventory,
                        std::vector<const Session*> sessions,
                        const std::vector<std::string>& patterns) {
  return NeedsFinder(store, inventory, std::move(sessions)).Run(patterns);
}

}  // namespace tapir::catalog
