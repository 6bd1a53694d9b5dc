#include <algorithm>
#include <map>
#include <utility>

#include "tapir/catalog/reports.h"

namespace tapir::catalog {
namespace {

using Digest = std::array<std::byte, 16>;

struct Content {
  Digest xxh128{};
  uint64_t size = 0;
  friend auto operator<=>(const Content&, const Content&) = default;
};

struct ContentOnVolume {
  Content content;
  VolumeKey volume = 0;
  friend auto operator<=>(const ContentOnVolume&, const ContentOnVolume&) = default;
};

struct ContentCount {
  Content content;
  uint64_t count = 0;
  uint64_t spare_bytes() const { return (count - 1) * content.size; }
};

// Map digests say nothing of plain contents, and so tell contents apart only among themselves.
bool IsCounted(const Version& version, const ContentRequest& request) {
  const Entry& entry = version.entry;
  return entry.type == ObjectType::kRegular && entry.size >= request.min_size &&
         entry.status == ObjectStatus::kOk;
}

Content ContentOf(const Entry& entry) {
  Content content{entry.xxh128, entry.size};
  if (entry.map_digest) content.size = ~content.size;
  return content;
}

FindRequest RequestFor(const ContentRequest& request, bool all_versions) {
  FindRequest all;
  all.types = {ObjectType::kRegular};
  all.volumes = request.volumes;
  all.all_versions = all_versions;
  all.cancelled = request.cancelled;
  return all;
}

// Of sorted contents, those that occur more than once, with the most spare bytes first.
std::vector<ContentCount> CountRepeated(const std::vector<Content>& contents, uint64_t limit) {
  std::vector<ContentCount> counts;
  for (auto first = contents.begin(); first != contents.end();) {
    const auto last = std::upper_bound(first, contents.end(), *first);
    if (last - first > 1) counts.push_back({*first, static_cast<uint64_t>(last - first)});
    first = last;
  }
  std::ranges::stable_sort(counts, std::ranges::greater(), &ContentCount::spare_bytes);
  if (limit != 0 && counts.size() > limit) counts.resize(limit);
  return counts;
}

}  // namespace

Status FindDuplicates(Store& store, const Inventory& inventory, const ContentRequest& request,
                      const std::function<Status(const ContentGroup&)>& take) {
  const FindRequest all = RequestFor(request, false);
  std::vector<Content> contents;
  TAPIR_RETURN_IF_ERROR(Find(store, inventory, all, [&](const Version& version) {
    if (IsCounted(version, request)) contents.push_back(ContentOf(version.entry));
    return OkStatus();
  }));
  std::ranges::sort(contents);
  const std::vector<ContentCount> counts = CountRepeated(contents, request.limit);
  std::vector<Content>().swap(contents);

  std::map<Content, ContentGroup> groups;
  for (const ContentCount& one : counts) {
    groups[one.content] = {one.content.size, one.content.xxh128, one.count, {}};
  }
  TAPIR_RETURN_IF_ERROR(Find(store, inventory, all, [&](const Version& version) {
    if (!IsCounted(version, request)) return OkStatus();
    const auto group = groups.find(ContentOf(version.entry));
    if (group == groups.end()) return OkStatus();
    group->second.size = version.entry.size;
    if (group->second.versions.size() < kMaxGroupVersions) {
      group->second.versions.push_back(version);
    }
    return OkStatus();
  }));
  for (const ContentCount& one : counts) TAPIR_RETURN_IF_ERROR(take(groups[one.content]));
  return OkStatus();
}

Status FindFewCopies(Store& store, const Inventory& inventory, const ContentRequest& request,
                     uint32_t copies,
                     const std::function<Status(const Version&, uint32_t copies)>& take) {
  std::vector<ContentOnVolume> contents;
  // Copies on any volume count, of any version.
  FindRequest all = RequestFor(request, true);
  all.volumes.clear();
  TAPIR_RETURN_IF_ERROR(Find(store, inventory, all, [&](const Version& version) {
    if (IsCounted(version, request) && version.has_beginning) {
      contents.push_back({ContentOf(version.entry), version.session->volume});
    }
    return OkStatus();
  }));
  std::ranges::sort(contents);
  contents.erase(std::unique(contents.begin(), contents.end()), contents.end());

  FindRequest newest = RequestFor(request, false);
  uint64_t handed_out = 0;
  const Status found = Find(store, inventory, newest, [&](const Version& version) -> Status {
    if (!IsCounted(version, request)) return OkStatus();
    const Content content = ContentOf(version.entry);
    const auto first = std::ranges::lower_bound(contents, content, {}, &ContentOnVolume::content);
    const auto last = std::ranges::upper_bound(contents, content, {}, &ContentOnVolume::content);
    const auto count = static_cast<uint32_t>(last - first);
    if (count >= copies) return OkStatus();
    if (request.limit != 0 && handed_out == request.limit) return Cancelled("as many as asked for");
    ++handed_out;
    return take(version, count);
  });
  const bool is_full = request.limit != 0 && handed_out == request.limit;
  return is_full && found.code() == StatusCode::kCancelled ? OkStatus() : found;
}

}  // namespace tapir::catalog
