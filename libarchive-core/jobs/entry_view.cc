#include "jobs/entry_view.h"

#include <algorithm>
#include <utility>

#include "jobs/session_entries.h"
#include "jobs/session_manifest.h"
#include "tapir/object/path_order.h"

namespace tapir {
namespace {

bool IsMarker(const Entry& entry) {
  return entry.type == ObjectType::kTombstone || entry.type == ObjectType::kExcluded;
}

bool Blocks(const Entry& entry) {
  return entry.type != ObjectType::kDirectory && entry.type != ObjectType::kExcluded;
}

}  // namespace

Result<EntryView> EntryView::Open(OpenedSet& volumes, const Selection& selection,
                                  std::vector<Damage>& damages, OtherVolumes others) {
  TAPIR_ASSIGN_OR_RETURN(ChosenSessions chosen, FindSessions(volumes, selection, others, damages));
  return OfSessions(volumes, selection, std::move(chosen), damages);
}

EntryView EntryView::OfSessions(OpenedSet& volumes, const Selection& selection,
                                ChosenSessions sessions, std::vector<Damage>& damages) {
  std::vector<std::unique_ptr<EntryStream>> streams;
  for (const SessionPlace& place : sessions.places) {
    OpenedVolume& volume = volumes[place.volume];
    streams.push_back(
        std::make_unique<SessionEntries>(volume.device.get(), volume.state->label, place, damages));
  }
  std::optional<PathPolicy> policy = FindPolicy(volumes, sessions.places, selection, damages);
  EntryView view(selection, std::move(sessions), std::move(streams));
  view.policy_ = std::move(policy);
  return view;
}

EntryView::EntryView(const Selection& selection, ChosenSessions sessions,
                     std::vector<std::unique_ptr<EntryStream>> streams)
    : matcher_(selection.patterns),
      newest_(selection.sessions == SessionChoice::kNewest),
      excluded_(selection.excluded),
      sessions_(std::move(sessions)) {
  for (auto& entries : streams) streams_.push_back({std::move(entries), {}});
}

EntryStream& EntryView::Use(size_t index) {
  EntryStream& entries = *streams_[index].entries;
  if (device_at_ != index) entries.Reposition();
  device_at_ = index;
  return entries;
}

// Plain paths let every stream skip what cannot be selected.
Status EntryView::Start() {
  started_ = true;
  const auto& plain = matcher_.plain_paths();
  if (plain) {
    if (newest_ && streams_.size() > 1) TAPIR_RETURN_IF_ERROR(FindBlockersAbove(plain->front()));
    for (size_t i = 0; i < streams_.size(); ++i) {
      TAPIR_RETURN_IF_ERROR(Use(i).SeekTo(plain->front()));
    }
  }
  for (size_t i = 0; newest_ && i < streams_.size(); ++i) TAPIR_RETURN_IF_ERROR(Advance(i));
  return OkStatus();
}

// The objects above a path are skipped with all the others before it, and may hide it all the same.
// What is above later plain paths comes by itself, or is above the first one too.
Status EntryView::FindBlockersAbove(const std::string& path) {
  for (size_t end = path.find('/'); end != std::string::npos; end = path.find('/', end + 1)) {
    std::string above = path.substr(0, end);
    for (size_t i = 0; i < streams_.size(); ++i) {
      TAPIR_RETURN_IF_ERROR(Use(i).SeekTo(above));
      TAPIR_ASSIGN_OR_RETURN(std::optional<Entry> entry, Use(i).Next());
      if (entry && entry->path == above && Blocks(*entry)) AddBlocker(above, i);
    }
  }
  return OkStatus();
}

Status EntryView::Advance(size_t index) {
  Stream& stream = streams_[index];
  TAPIR_ASSIGN_OR_RETURN(stream.head, Use(index).Next());
  const auto& plain = matcher_.plain_paths();
  if (!stream.head || !plain) return OkStatus();
  // Behind the last plain path and all below it nothing more can be selected.
  const std::string& path = stream.head->path;
  bool over = ComparePaths(path, plain->back()) > 0;
  for (const std::string& wanted : *plain) over = over && !IsBelow(path, wanted);
  if (over) stream.head.reset();
  return OkStatus();
}

Result<std::optional<ViewedEntry>> EntryView::Next() {
  if (!started_) TAPIR_RETURN_IF_ERROR(Start());
  for (;;) {
    TAPIR_ASSIGN_OR_RETURN(std::optional<ViewedEntry> viewed,
                           newest_ ? NextNewest() : NextInOrder());
    if (!viewed) return viewed;
    if (IsAsked(viewed->entry)) return viewed;
  }
}

bool EntryView::IsAsked(const Entry& entry) {
  const bool is_kind = excluded_ ? entry.type == ObjectType::kExcluded : !IsMarker(entry);
  if (!is_kind || !matcher_.Selects(entry.path)) return false;
  const bool is_directory = entry.type == ObjectType::kDirectory;
  if (!policy_ || !policy_->RuleFor(entry.path, is_directory)) return true;
  ++left_out_;
  return false;
}

Result<std::optional<ViewedEntry>> EntryView::NextInOrder() {
  for (; current_ < streams_.size(); ++current_) {
    TAPIR_RETURN_IF_ERROR(Advance(current_));
    std::optional<Entry>& head = streams_[current_].head;
    if (head) return std::optional<ViewedEntry>(ViewedEntry{current_, *std::move(head), {}});
  }
  return std::optional<ViewedEntry>();
}

bool EntryView::IsHidden(const std::string& path, size_t session) {
  while (!blockers_.empty() && !IsBelow(path, blockers_.back().path)) blockers_.pop_back();
  return !blockers_.empty() && session < blockers_.back().session;
}

void EntryView::AddBlocker(const std::string& path, size_t session) {
  if (!blockers_.empty() && session <= blockers_.back().session) return;
  blockers_.push_back({path, session});
}

// Of equal paths the last session's is taken. What was no directory in an earlier session removed
// everything below it then, also where the path is a directory again.
Result<std::optional<ViewedEntry>> EntryView::NextNewest() {
  for (;;) {
    const Entry* first = nullptr;
    for (const Stream& stream : streams_) {
      bool takes =
          stream.head && (first == nullptr || ComparePaths(stream.head->path, first->path) < 0);
      if (takes) first = &*stream.head;
    }
    if (first == nullptr) return std::optional<ViewedEntry>();
    const std::string path = first->path;
    std::optional<size_t> blocking;
    ViewedEntry newest;
    bool any = false;
    for (size_t i = 0; i < streams_.size(); ++i) {
      if (!streams_[i].head || streams_[i].head->path != path) continue;
      ViewedEntry found{i, *std::move(streams_[i].head), {}};
      if (GoesOnFrom(found.entry, newest.entry)) {
        found.before = std::exchange(newest.before, {});
        found.before.push_back(std::move(newest));
      }
      // What a session left out stays as earlier ones had it.
      const bool stays = any && !excluded_ && found.entry.type == ObjectType::kExcluded;
      if (!stays) newest = std::move(found);
      any = true;
      if (!stays && Blocks(newest.entry)) blocking = i;
      TAPIR_RETURN_IF_ERROR(Advance(i));
    }
    bool hidden = IsHidden(path, newest.session);
    if (blocking) AddBlocker(path, *blocking);
    if (!hidden) return std::optional<ViewedEntry>(std::move(newest));
  }
}

}  // namespace tapir
