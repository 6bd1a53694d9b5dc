#include <algorithm>
#include <iterator>
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
      : store_(store),
        inventory_(inventory),
        sessions_(std::move(sessions)),
        state_(store, sessions_) {}

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
    NeedParts(version);
    if (entry.type == ObjectType::kHardLink) TAPIR_RETURN_IF_ERROR(NeedPartsOfTarget(version));
    if (entry.status == ObjectStatus::kContinued) {
      needs_.missing.push_back("the end of " + entry.path);
    }
    store_files_.insert(entry.sis.files.begin(), entry.sis.files.end());
    return OkStatus();
  }

  // References lead to objects of the same part, so to no other volume.
  void NeedParts(const Version& version) {
    for (const Session* part : version.earlier_parts) Need(*part);
    if (!version.has_beginning) needs_.missing.push_back("the beginning of " + version.entry.path);
  }

  // A hard link is in the same part as what it leads to, which may have begun on a volume before:
  // then its end is among the first that this part has.
  Status NeedPartsOfTarget(const Version& link) {
    if (link.session->begins_on.empty()) return OkStatus();
    if (walked_.insert(link.session->number).second) {
      TAPIR_RETURN_IF_ERROR(FindEnds(link.session->number));
    }
    const auto target = ends_.find({link.session->key, link.entry.link_ordinal});
    if (target != ends_.end()) NeedParts(target->second);
    return OkStatus();
  }

  // Of the files in pieces that a session has; in each part there can be one.
  Status FindEnds(uint32_t number) {
    std::vector<const Session*> parts;
    std::ranges::copy_if(sessions_, std::back_inserter(parts),
                         [&](const Session* one) { return one->number == number; });
    State state(store_, std::move(parts));
    return state.Walk(".", [&](const Version& version) {
      if (version.entry.fragment_offset > 0) {
        ends_.emplace(std::pair(version.session->key, version.entry.ordinal), version);
      }
      return OkStatus();
    });
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

  Store& store_;
  const Inventory& inventory_;
  std::vector<const Session*> sessions_;
  State state_;
  std::set<uint32_t> walked_;  ///< numbers of sessions of which ends_ are known
  std::map<std::pair<SessionKey, uint64_t>, Version> ends_;  ///< by part and ordinal
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
