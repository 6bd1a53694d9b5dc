#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "tapir/base/status.h"
#include "tapir/catalog/records.h"
#include "tapir/catalog/store.h"

namespace tapir::catalog {

/// The volumes of a catalogue and what sessions they hold, as of one moment. Immutable; any thread.
class Inventory {
 public:
  static Result<Inventory> Read(Store& store);

  const std::vector<Volume>& volumes() const { return volumes_; }
  /// By volume and number.
  const std::vector<Session>& sessions() const { return sessions_; }

  /// Null: not there.
  const Volume* volume(VolumeKey key) const;
  const Session* session(SessionKey key) const;
  /// Precondition: `session` is one of these.
  const Volume& VolumeOf(const Session& session) const { return *volume(session.volume); }
  std::vector<const Session*> SessionsOf(VolumeKey volume) const;

  /// What a volume or set is called: its UUID, or eight or more digits at its beginning; its label;
  /// the UUID of its set; how it was called when it was last read. In the order of sequences.
  /// kNotFound; kInvalidArgument if volumes of several sets are called so.
  Result<std::vector<const Volume*>> FindSet(std::string_view name) const;
  /// One volume; of a set that is meant by its label, kInvalidArgument names the volumes.
  Result<const Volume*> FindVolume(std::string_view name) const;

  /// Sessions of these volumes in the order in which they are the newest state: by number, and the
  /// parts of one session by their volumes.
  std::vector<const Session*> SessionsOf(const std::vector<const Volume*>& volumes) const;

 private:
  std::vector<Volume> volumes_;
  std::vector<Session> sessions_;
  std::map<VolumeKey, size_t> volume_places_;
  std::map<SessionKey, size_t> session_places_;
};

}  // namespace tapir::catalog
