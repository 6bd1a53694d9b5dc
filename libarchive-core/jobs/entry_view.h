#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "jobs/entry_stream.h"
#include "jobs/session_choice.h"
#include "jobs/session_finding.h"
#include "jobs/volume_set.h"
#include "object/matcher.h"
#include "tapir/base/damage.h"
#include "tapir/jobs/path_policy.h"
#include "tapir/jobs/selection.h"

namespace tapir {

/// An entry of a view, and the session it comes from.
struct ViewedEntry {
  size_t session = 0;  ///< position in EntryView::sessions()
  Entry entry;
  /// Of a file that is in pieces: those before this one, in order.
  std::vector<ViewedEntry> before;
};

/// The entries that a selection means (format chapter 6.4), in path order; with SessionChoice::kAll
/// one session after the other. Single-thread.
class EntryView {
 public:
  /// Of volumes on devices that can locate. kNotFound if a session is asked for that is not
  /// there. References must outlive this. Damage met on the way is appended to `damages`.
  static Result<EntryView> Open(OpenedSet& volumes, const Selection& selection,
                                std::vector<Damage>& damages,
                                OtherVolumes others = OtherVolumes::kLeftOut);

  /// Of sessions that FindSessions found.
  static EntryView OfSessions(OpenedSet& volumes, const Selection& selection,
                              ChosenSessions sessions, std::vector<Damage>& damages);

  /// Of sessions whose entries come from `streams`, one for each.
  EntryView(const Selection& selection, ChosenSessions sessions,
            std::vector<std::unique_ptr<EntryStream>> streams);

  Result<std::optional<ViewedEntry>> Next();

  const std::vector<SessionPlace>& sessions() const { return sessions_.places; }
  uint32_t session_number(size_t session) const { return sessions_.places[session].number; }
  uint64_t unsupported_sessions() const { return sessions_.unsupported; }
  /// Objects passed over that a policy takes.
  uint64_t left_out() const { return left_out_; }
  std::vector<std::string> UnmatchedPatterns() const { return matcher_.Unmatched(); }

 private:
  struct Stream {
    std::unique_ptr<EntryStream> entries;
    std::optional<Entry> head;
  };
  /// What hides objects of earlier sessions below it: no directory, or a tombstone.
  struct Blocker {
    std::string path;
    size_t session = 0;
  };

  Status Start();
  Status FindBlockersAbove(const std::string& path);
  EntryStream& Use(size_t stream);
  Status Advance(size_t stream);
  Result<std::optional<ViewedEntry>> NextInOrder();
  Result<std::optional<ViewedEntry>> NextNewest();
  bool IsAsked(const Entry& entry);
  bool IsHidden(const std::string& path, size_t session);
  void AddBlocker(const std::string& path, size_t session);

  Matcher matcher_;
  bool newest_;
  std::optional<PathPolicy> policy_;
  uint64_t left_out_ = 0;
  bool excluded_;  ///< what was left out, and nothing else
  ChosenSessions sessions_;
  std::vector<Stream> streams_;
  bool started_ = false;
  size_t current_ = 0;             ///< kAll: the session being handed out
  size_t device_at_ = 0;           ///< the stream that used the device last
  std::vector<Blocker> blockers_;  ///< each below the one before and of a later session
};

}  // namespace tapir
