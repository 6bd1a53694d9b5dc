#include "catalog/version_finder.h"

#include <algorithm>
#include <iterator>
#include <tuple>

#include "bytes/checksum.h"
#include "catalog/directory_paths.h"

namespace tapir::catalog {
namespace {

bool IsMarker(ObjectType type) { return type >= ObjectType::kTombstone; }

bool BeginsWith(ByteSpan digest, const std::string& hex) { return ToHex(digest).starts_with(hex); }

}  // namespace

bool VersionFinder::IsMeant(const Session& session) const {
  const bool volume = request_.volumes.empty() || request_.volumes.contains(session.volume);
  return volume && (!request_.session_number || *request_.session_number == session.number);
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
         (BeginsWith(entry.xxh128, r.digest) || BeginsWith(entry.sha256, r.digest));
}

Status VersionFinder::Take(const std::string& path, std::span<const ListingRow> rows,
                           const std::function<bool(std::string_view name)>& wants) {
  std::vector<Found> found;
  for (const ListingRow& row : rows) {
    const Session* session = inventory_.session(row.session);
    if (session == nullptr || !IsMeant(*session)) continue;
    Result<std::vector<Entry>> entries = pages_.Decode(row.page, row.session);
    if (!entries.ok()) {
      return std::move(entries).status().Annotate("the catalogue's listing of '" + path + "'");
    }
    for (Entry& entry : *entries) {
      if (!wants(entry.path)) continue;
      found.push_back({std::move(entry), session, &inventory_.VolumeOf(*session)});
    }
  }
  // Path by path, set by set, the newest session first, and of its parts the last.
  std::vector<Found*> order;
  for (Found& one : found) order.push_back(&one);
  const auto key = [](const Found* one) {
    return std::tuple(std::string_view(one->entry.path), std::string_view(one->volume->set_uuid),
                      ~uint64_t{one->session->number}, ~uint64_t{one->volume->sequence});
  };
  const bool one_session = std::ranges::all_of(
      rows, [&](const ListingRow& row) { return row.session == rows.front().session; });
  if (!one_session) {
    std::ranges::stable_sort(order, {}, key);
  }
  for (auto first = order.begin(); first != order.end() && !is_full();) {
    const std::string name = (*first)->entry.path;
    const auto last =
        std::find_if(first, order.end(), [&](const Found* one) { return one->entry.path != name; });
    std::vector<Found> versions;
    std::transform(first, last, std::back_inserter(versions),
                   [](Found* one) { return std::move(*one); });
    TAPIR_RETURN_IF_ERROR(TakePath(JoinPath(path, name), versions));
    first = last;
  }
  return OkStatus();
}

Status VersionFinder::TakePath(const std::string& path, std::span<Found> versions) {
  const std::string* served_set = nullptr;
  for (size_t i = 0; i < versions.size() && !is_full();) {
    Found& last = versions[i];
    Version version{std::move(last.entry), last.session, {}};
    // Parts of one session on the volumes before.
    size_t next = i + 1;
    for (; next < versions.size() && versions[next].volume->set_uuid == last.volume->set_uuid &&
           versions[next].session->number == last.session->number;
         ++next) {
      version.earlier_parts.insert(version.earlier_parts.begin(), versions[next].session);
    }
    i = next;
    const bool served = served_set != nullptr && *served_set == last.volume->set_uuid;
    if ((served && !request_.all_versions) || !Fits(version.entry)) continue;
    version.entry.path = path;
    served_set = &last.volume->set_uuid;
    ++handed_out_;
    TAPIR_RETURN_IF_ERROR(take_(version));
  }
  return OkStatus();
}

}  // namespace tapir::catalog
