#include "catalog/version_finder.h"

#include <algorithm>
#include <tuple>

#include "bytes/checksum.h"
#include "catalog/directory_paths.h"
#include "catalog/listing_columns.h"

namespace tapir::catalog {
namespace {

bool IsMarker(ObjectType type) { return type >= ObjectType::kTombstone; }

bool BeginsWith(ByteSpan digest, const std::string& hex) { return ToHex(digest).starts_with(hex); }

std::vector<const Session*> MeantSessions(const Inventory& inventory, const FindRequest& request) {
  std::vector<const Session*> meant;
  for (const Session& session : inventory.sessions()) {
    const bool volume = request.volumes.empty() || request.volumes.contains(session.volume);
    const bool number = !request.session_number || *request.session_number == session.number;
    if (volume && number) meant.push_back(&session);
  }
  std::ranges::sort(meant, {}, [&](const Session* session) {
    const Volume& volume = inventory.VolumeOf(*session);
    return std::tuple(std::string_view(volume.set_uuid), ~uint64_t{session->number},
                      ~uint64_t{volume.sequence});
  });
  return meant;
}

}  // namespace

VersionFinder::VersionFinder(const Inventory& inventory, const FindRequest& request,
                             const std::function<Status(const Version&)>& take)
    : inventory_(inventory),
      request_(request),
      take_(take),
      ranks_(MeantSessions(inventory, request)) {}

const std::string& VersionFinder::SetOf(const RankedEntry& entry) const {
  return inventory_.VolumeOf(ranks_.at(entry.rank)).set_uuid;
}

bool VersionFinder::Fits(const Entry& entry) const {
  const FindRequest& r = request_;
  if (r.types.empty() ? IsMarker(entry.type) : !r.types.contains(entry.type)) return false;
  if (r.min_size && (entry.type != ObjectType::kRegular || entry.size < *r.min_size)) return false;
  if (r.max_size && (entry.type != ObjectType::kRegular || entry.size > *r.max_size)) return false;
  if (r.modified_from && entry.mtime < *r.modified_from) return false;
  if (r.modified_before && entry.mtime >= *r.modified_before) return false;
  if (r.uid && entry.uid != *r.uid) return false;
  if (r.gid && entry.gid != *r.gid) return false;
  if (r.digest.empty()) return true;
  return entry.type == ObjectType::kRegular &&
         (BeginsWith(entry.xxh128, r.digest) ||
          (HasSha256(entry) && BeginsWith(entry.sha256, r.digest)));
}

Status VersionFinder::Take(const std::string& path, std::span<const ListingRow> rows,
                           const std::function<bool(std::string_view name)>& wants) {
  TAPIR_ASSIGN_OR_RETURN(std::vector<RankedEntry> found, reader_.Read(rows, ranks_, path, wants));
  return ForEachName(found, [&](std::span<RankedEntry> versions) {
    return TakePath(JoinPath(path, versions.front().entry.path), versions);
  });
}

Status VersionFinder::TakePath(const std::string& path, std::span<RankedEntry> versions) {
  const std::string* served_set = nullptr;
  for (size_t i = 0; i < versions.size() && !is_full();) {
    const RankedEntry& last = versions[i];
    const Session& session = ranks_.at(last.rank);
    Version version{last.entry, &session, {}, last.entry.fragment_offset == 0};
    const std::string& set = SetOf(last);
    // Parts of the same session on the volumes before.
    for (++i; i < versions.size() && SetOf(versions[i]) == set; ++i) {
      const Session& earlier = ranks_.at(versions[i].rank);
      const Entry& part = versions[i].entry;
      if (earlier.number != session.number || !GoesOnFrom(versions[i - 1].entry, part)) break;
      version.earlier_parts.insert(version.earlier_parts.begin(), &earlier);
      version.has_beginning = part.fragment_offset == 0;
    }
    if (!only_.empty() && !only_.contains(session.key)) continue;
    const bool served = served_set != nullptr && *served_set == set;
    if ((served && !request_.all_versions) || !Fits(version.entry)) continue;
    version.entry.path = path;
    served_set = &set;
    ++handed_out_;
    TAPIR_RETURN_IF_ERROR(take_(version));
  }
  return OkStatus();
}

}  // namespace tapir::catalog
