#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "jobs/entry_stream.h"
#include "jobs/session_choice.h"
#include "jobs/volume_set.h"
#include "tapir/base/damage.h"
#include "tapir/base/status.h"
#include "tapir/catalog/records.h"
#include "tapir/object/policy_manifest.h"

namespace tapir::catalog {

/// One session of a volume, to be read.
struct SessionContents {
  Session session;
  SessionPlace place;
  bool readable = true;  ///< false: its index is not to be had
  std::unique_ptr<EntryStream> entries;
  std::optional<PolicyManifest> policy;
  /// Damage that was met before its entries are read; more of it means that the index was not used.
  std::vector<Damage>* damages = nullptr;
  size_t damages_before = 0;

  bool read_from_records() const;
  Damage IndexDamage(const Status& failure) const;
  /// The path does not come behind the one before.
  Damage EntryDamage(const Entry& entry) const;
};

/// What a volume says of itself, and its sessions one after the other, in the order in which a
/// device is fast. Single-thread.
class VolumeContents {
 public:
  /// `from_records`: sessions whose index cannot be used, or whose END is lost, are read through.
  /// Failures as OpenSetToRead; kInvalidArgument for a stream.
  static Result<VolumeContents> Open(const std::string& volume, bool from_records);

  /// Without key, location and time.
  const Volume& volume() const { return volume_; }
  bool torn() const { return set_.front().torn(); }
  uint64_t unsupported_sessions() const { return unsupported_; }
  /// What can be told of each without reading more than the end of the volume.
  const std::vector<Session>& sessions() const { return sessions_; }
  /// Not handed out by Next.
  void LeaveOut(const std::string& id) { left_out_.insert(id); }

  /// Null: that was all. What is damaged is appended to `damages`, which must stay.
  Result<std::unique_ptr<SessionContents>> Next(std::vector<Damage>& damages);

 private:
  Status FindSessions();
  Status GatherWanted();
  Status Complete(SessionContents& contents);
  void OpenEntries(SessionContents& contents, std::vector<Damage>& damages);

  OpenedSet set_;
  bool from_records_ = false;
  Volume volume_;
  std::vector<Session> sessions_;
  std::vector<SessionPlace> places_;  ///< of sessions_, in the same order
  std::set<std::string> left_out_;
  uint64_t unsupported_ = 0;
  bool gathered_ = false;
  size_t next_ = 0;
};

}  // namespace tapir::catalog
