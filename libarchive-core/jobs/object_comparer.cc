#include "jobs/object_comparer.h"

#include <algorithm>
#include <utility>

namespace tapir {
namespace {

// Enough that handing them to a thread costs little.
constexpr size_t kBatchObjects = 64;
constexpr uint64_t kBatchBytes = 4u << 20;
constexpr size_t kBatchesInFlight = 16;

SessionRecordReader::Options ReadingOptions(const WantedObjects& objects, ThreadPool* pool) {
  SessionRecordReader::Options options;
  options.pool = pool;
  options.wants = [&objects](uint64_t first, uint64_t count) {
    return objects.wanted.Intersects(first, count) || objects.needed.Intersects(first, count);
  };
  return options;
}

}  // namespace

ObjectComparer::ObjectComparer(BlockDevice& device, const Label& label, const SessionPlace& session,
                               const WantedObjects& objects, const Target& target,
                               std::vector<Damage>& damages)
    : target_(target),
      sink_(objects, damages),
      reader_(device, label, session, ReadingOptions(objects, target.pool), sink_) {}

void ObjectComparer::Tell(NoticeKind kind, const std::string& path, const std::string& text) {
  if (target_.reporter != nullptr) target_.reporter->Report(kind, path, text);
}

Result<std::optional<ArchivedObject>> ObjectComparer::NextArchived() {
  for (;;) {
    if (std::optional<ArchivedObject> object = sink_.TakeReady()) return object;
    if (at_end_) return std::optional<ArchivedObject>();
    if (target_.watch.is_cancelled()) return Cancelled("interrupted");
    TAPIR_ASSIGN_OR_RETURN(bool more, reader_.Step());
    at_end_ = !more;
  }
}

// Says why an object cannot be compared, if so.
bool ObjectComparer::IsComparable(const ArchivedObject& object) {
  if (object.primary_is_lost && !object.primary_is_wanted) {
    ++target_.report.damages;
    Tell(NoticeKind::kDamage, object.metadata.path,
         "its contents stand under another name, which cannot be read from the volume");
    return false;
  }
  if (object.partial) {
    Tell(NoticeKind::kWarning, object.metadata.path, "not all of it is at hand, not compared");
    return false;
  }
  if (object.status != ObjectStatus::kUnreadable) return true;
  Tell(NoticeKind::kWarning, object.metadata.path,
       "could not be read when it was archived, not compared");
  return false;
}

std::optional<OrderedWork<ObjectComparer::Comparison>::Job> ObjectComparer::NextJob() {
  auto batch = std::make_shared<std::vector<ComparisonTask>>();
  uint64_t bytes = 0;
  while (batch->size() < kBatchObjects && bytes < kBatchBytes) {
    Result<std::optional<ArchivedObject>> object = NextArchived();
    if (!object.ok()) failure_ = object.status();
    if (!object.ok() || !*object) break;
    read_.Add((*object)->ordinal);
    if (!IsComparable(**object)) continue;
    if ((*object)->contents) bytes += (*object)->contents->end.size;
    const std::string left_out = target_.form.Apply(**object);
    if (!left_out.empty()) {
      Tell(NoticeKind::kWarning, (*object)->metadata.path, "contents not compared: " + left_out);
    }
    batch->push_back(target_.live.MakeTask(**std::move(object)));
  }
  if (batch->empty() || !failure_.ok()) return std::nullopt;
  auto run = [batch, &live = target_.live] {
    Comparison comparison;
    for (const ComparisonTask& task : *batch) {
      Result<std::vector<Difference>> differences = live.Compare(task);
      if (!differences.ok()) {
        comparison.failure = differences.status();
        break;
      }
      comparison.objects.push_back(*std::move(differences));
    }
    batch->clear();
    return comparison;
  };
  return OrderedWork<Comparison>::Job{std::move(run), 0};
}

void ObjectComparer::Count(const Comparison& comparison) {
  for (const std::vector<Difference>& differences : comparison.objects) {
    uint64_t counted = 0;
    for (const Difference& difference : differences) {
      if (target_.is_meant && target_.is_meant(difference)) continue;
      ++counted;
      target_.take(difference);
    }
    ++target_.report.compared;
    target_.report.equal += counted == 0 ? 1u : 0u;
    target_.report.differences += counted;
  }
  if (target_.watch.progress != nullptr) {
    target_.watch.progress->objects += comparison.objects.size();
  }
}

Result<OrdinalSet> ObjectComparer::Run() {
  {
    OrderedWork<Comparison> work(target_.pool, {kBatchesInFlight}, [this] { return NextJob(); });
    while (std::optional<Comparison> comparison = work.Next()) {
      Count(*comparison);
      TAPIR_RETURN_IF_ERROR(comparison->failure);
    }
  }
  TAPIR_RETURN_IF_ERROR(failure_);
  read_.Seal();
  return std::move(read_);
}

}  // namespace tapir
