#include "jobs/entry_view.h"

#include <algorithm>
#include <utility>

#include "tapir/object/path_order.h"

namespace tapir {

EntryView::EntryView(OpenedVolume& volume, const Selection& selection,
                     std::vector<Damage>& damages)
    : volume_(volume),
      matcher_(selection.patterns),
      newest_(selection.sessions == SessionChoice::kNewest),
      damages_(damages) {}

Result<EntryView> EntryView::Open(OpenedVolume& volume, const Selection& selection,
                                  std::vector<Damage>& damages) {
  EntryView view(volume, selection, damages);
  TAPIR_RETURN_IF_ERROR(view.Choose(selection));
  for (const SessionPlace& session : view.sessions_) {
    Stream stream;
    stream.entries = std::make_unique<SessionEntries>(*volume.device, volume.state->label, session,
                                                      damages);
    view.streams_.push_back(std::move(stream));
  }
  return view;
}

Status EntryView::Choose(const Selection& selection) {
  const VolumeState& state = *volume_.state;
  for (const SessionEntry& entry : state.sessions) {
    if (selection.at && entry.end > *selection.at) continue;
    bool wanted = selection.sessions != SessionChoice::kNumber ||
                  entry.session_number == selection.session_number;
    if (!wanted) continue;
    if (!IsSupported(entry)) {
      ++unsupported_;
      continue;
    }
    bool alone = selection.sessions == SessionChoice::kLast ||
                 (newest_ && entry.kind == SessionKind::kFull);
    if (alone) sessions_.clear();
    sessions_.push_back({entry, entry.start_place, entry.session_number});
  }
  if (selection.include_torn && state.torn) {
    SessionPlace torn;
    if (state.last_end) torn.begin = state.last_end->place;
    torn.number = state.last_session_number;
    bool is_later = !state.last_end ||
                    torn.number > state.last_end->record.session_number;
    if (is_later) sessions_.push_back(torn);
  }
  if (selection.sessions == SessionChoice::kNumber && sessions_.empty() && unsupported_ == 0) {
    return NotFound("the volume has no session " + std::to_string(selection.session_number));
  }
  return OkStatus();
}

uint32_t EntryView::session_number(size_t session) const {
  return streams_[session].entries->number();
}

// Reads the next entry of a stream; plain paths let it skip what cannot be selected.
Status EntryView::Advance(size_t index) {
  Stream& stream = streams_[index];
  if (device_at_ != index) stream.entries->Reposition();
  device_at_ = index;
  const auto& plain = matcher_.plain_paths();
  if (!stream.started && plain) TAPIR_RETURN_IF_ERROR(stream.entries->SeekTo(plain->front()));
  stream.started = true;
  TAPIR_ASSIGN_OR_RETURN(stream.head, stream.entries->Next());
  if (!stream.head || !plain) return OkStatus();
  // Behind the last plain path and all below it nothing more can be selected.
  const std::string& path = stream.head->path;
  bool over = ComparePaths(path, plain->back()) > 0;
  for (const std::string& wanted : *plain) over = over && !IsBelow(path, wanted);
  if (over) stream.head.reset();
  return OkStatus();
}

Result<std::optional<ViewedEntry>> EntryView::Next() {
  for (;;) {
    TAPIR_ASSIGN_OR_RETURN(std::optional<ViewedEntry> viewed,
                           newest_ ? NextNewest() : NextInOrder());
    if (!viewed) return viewed;
    bool marker = viewed->entry.type == ObjectType::kTombstone ||
                  viewed->entry.type == ObjectType::kExcluded;
    if (!marker && matcher_.Selects(viewed->entry.path)) return viewed;
  }
}

Result<std::optional<ViewedEntry>> EntryView::NextInOrder() {
  for (; current_ < streams_.size(); ++current_) {
    TAPIR_RETURN_IF_ERROR(Advance(current_));
    std::optional<Entry>& head = streams_[current_].head;
    if (head) return std::optional<ViewedEntry>(ViewedEntry{current_, *std::move(head)});
  }
  return std::optional<ViewedEntry>();
}

// An object that is newer and no directory hides what is older below it.
bool EntryView::IsHidden(const ViewedEntry& viewed) {
  const std::string& path = viewed.entry.path;
  if (blocker_path_ && IsBelow(path, *blocker_path_)) return viewed.session < blocker_session_;
  bool blocks = viewed.entry.type != ObjectType::kDirectory &&
                viewed.entry.type != ObjectType::kExcluded;
  blocker_path_.reset();
  if (blocks) {
    blocker_path_ = path;
    blocker_session_ = viewed.session;
  }
  return false;
}

Result<std::optional<ViewedEntry>> EntryView::NextNewest() {
  for (;;) {
    std::optional<size_t> best;
    for (size_t i = 0; i < streams_.size(); ++i) {
      if (!streams_[i].started) TAPIR_RETURN_IF_ERROR(Advance(i));
      if (!streams_[i].head) continue;
      // Of equal paths the last session's is taken.
      bool takes = !best || ComparePaths(streams_[i].head->path, streams_[*best].head->path) <= 0;
      if (takes) best = i;
    }
    if (!best) return std::optional<ViewedEntry>();
    ViewedEntry viewed{*best, *std::move(streams_[*best].head)};
    TAPIR_RETURN_IF_ERROR(Advance(*best));
    for (size_t i = 0; i < streams_.size(); ++i) {
      bool same = i != *best && streams_[i].head && streams_[i].head->path == viewed.entry.path;
      if (same) TAPIR_RETURN_IF_ERROR(Advance(i));
    }
    if (!IsHidden(viewed)) return std::optional<ViewedEntry>(std::move(viewed));
  }
}

}  // namespace tapir
