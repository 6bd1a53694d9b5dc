#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "jobs/matcher.h"
#include "jobs/open_volume.h"
#include "jobs/session_entries.h"
#include "tapir/jobs/selection.h"

namespace tapir {

/// An entry of a view, and the session it comes from.
struct ViewedEntry {
  size_t session = 0;  ///< position in EntryView::sessions()
  Entry entry;
};

/// The entries that a selection means (format chapter 6.4), in path order; with SessionChoice::kAll one
/// session after the other. Needs a device that can locate. Single-thread.
class EntryView {
 public:
  /// kNotFound if a session is asked for that is not there. References must outlive this.
  static Result<EntryView> Open(OpenedVolume& volume, const Selection& selection,
                                std::vector<Damage>& damages);

  Result<std::optional<ViewedEntry>> Next();

  const std::vector<SessionPlace>& sessions() const { return sessions_; }
  uint32_t session_number(size_t session) const;
  uint64_t unsupported_sessions() const { return unsupported_; }
  std::vector<std::string> UnmatchedPatterns() const { return matcher_.Unmatched(); }

 private:
  struct Stream {
    std::unique_ptr<SessionEntries> entries;
    std::optional<Entry> head;
    bool started = false;
  };

  EntryView(OpenedVolume& volume, const Selection& selection, std::vector<Damage>& damages);
  Status Choose(const Selection& selection);
  Status Advance(size_t stream);
  Result<std::optional<ViewedEntry>> NextInOrder();
  Result<std::optional<ViewedEntry>> NextNewest();
  bool IsHidden(const ViewedEntry& viewed);

  OpenedVolume& volume_;
  Matcher matcher_;
  bool newest_;
  std::vector<Damage>& damages_;
  std::vector<SessionPlace> sessions_;
  std::vector<Stream> streams_;
  uint64_t unsupported_ = 0;
  size_t current_ = 0;      ///< kAll: the session being handed out
  size_t device_at_ = 0;    ///< the stream that used the device last
  /// What hides older objects below it: no directory, or a tombstone.
  std::optional<std::string> blocker_path_;
  size_t blocker_session_ = 0;
};

}  // namespace tapir
