#include "jobs/live_objects.h"

#include <fmt/format.h>

#include <utility>

#include "jobs/live_contents.h"

namespace tapir {

Status ComparisonWatch::Advance(uint64_t bytes) const {
  if (progress != nullptr) progress->content_bytes += bytes;
  return is_cancelled() ? Cancelled("interrupted") : OkStatus();
}

Status CompareStream(const ArchivedContents& archived, uint64_t live_size, SourceObject& live,
                     bool may_have_holes, const std::string& path, const std::string& name,
                     const ComparisonWatch& watch, std::vector<Difference>& out) {
  if (archived.end.size != live_size) {
    out.push_back(
        {DifferenceKind::kSize, path,
         fmt::format("{} {} is {} now", name.empty() ? "size" : "size of stream '" + name + "'",
                     archived.end.size, live_size)});
    return watch.Advance(archived.end.size);
  }
  Result<bool> same = HoldsContents(live, may_have_holes, archived,
                                    [&watch](uint64_t bytes) { return watch.Advance(bytes); });
  if (!same.ok() && same.status().code() == StatusCode::kCancelled) return same.status();
  if (!same.ok()) {
    out.push_back({DifferenceKind::kUnreadable, path, same.status().message()});
  } else if (!*same) {
    out.push_back({DifferenceKind::kContent, path,
                   name.empty() ? "the contents are others now"
                                : "stream '" + name + "' is another one now"});
  }
  return OkStatus();
}

}  // namespace tapir
