#include "tapir/catalog/import.h"

#include <algorithm>
#include <map>
#include <memory>
#include <utility>

#include "catalog/key_entries.h"
#include "catalog/name_cache.h"
#include "catalog/session_builder.h"
#include "catalog/volume_contents.h"
#include "tapir/catalog/inventory.h"
#include "tapir/object/path_order.h"

namespace tapir::catalog {
namespace {

class Import {
 public:
  Import(Store& store, const ImportRequest& request) : store_(store), request_(request) {}

  Result<ImportReport> Run() {
    TAPIR_RETURN_IF_ERROR(store_.DropAbandoned());
    TAPIR_RETURN_IF_ERROR(ReadMedium());
    // With the volume closed, for its device may not be opened twice.
    for (const Session& session : pending_) TAPIR_RETURN_IF_ERROR(AddKeysAndFinish(session));
    // What was replaced.
    TAPIR_RETURN_IF_ERROR(store_.DropAbandoned());
    return std::move(report_);
  }

 private:
  Status ReadMedium() {
    TAPIR_ASSIGN_OR_RETURN(VolumeContents contents,
                           VolumeContents::Open(request_.volume, request_.from_records));
    Volume& volume = report_.volume;
    volume = contents.volume();
    volume.updated = (request_.ambient != nullptr ? *request_.ambient : Ambient::System()).Now();
    TAPIR_ASSIGN_OR_RETURN(volume.key, store_.PutVolume(volume));
    report_.torn = contents.torn();
    report_.unsupported_sessions = contents.unsupported_sessions();
    TAPIR_RETURN_IF_ERROR(Choose(contents));
    for (;;) {
      TAPIR_ASSIGN_OR_RETURN(std::unique_ptr<SessionContents> session,
                             contents.Next(report_.damages));
      if (session == nullptr) return OkStatus();
      TAPIR_RETURN_IF_ERROR(Take(*session));
    }
  }

  // Leaves out what the catalogue has, unless it is to be made anew.
  Status Choose(VolumeContents& contents) {
    TAPIR_ASSIGN_OR_RETURN(const Inventory inventory, Inventory::Read(store_));
    std::map<std::string, const Session*> found;
    for (const Session* session : inventory.SessionsOf(report_.volume.key)) {
      found.emplace(session->id, session);
    }
    for (const Session& session : contents.sessions()) {
      const auto known = found.find(session.id);
      if (known == found.end()) continue;
      const Session& before = *known->second;
      found.erase(known);
      if (request_.from_records) continue;
      const bool same = before.end_digest == session.end_digest;
      (same ? report_.known : report_.changed).push_back(session.number);
      contents.LeaveOut(session.id);
    }
    for (const auto& [id, session] : found) report_.not_on_volume.push_back(session->number);
    std::ranges::sort(report_.not_on_volume);
    return OkStatus();
  }

  Status Take(SessionContents& contents) {
    Session session = contents.session;
    session.volume = report_.volume.key;
    if (!contents.readable) {
      report_.left_out.push_back(session.number);
      return OkStatus();
    }
    TAPIR_ASSIGN_OR_RETURN(session.key, store_.BeginSession(session));
    Result<bool> taken = TakeEntries(contents, session);
    if (!taken.ok() || !*taken) {
      Status dropped = store_.DropSession(session.key);
      if (!taken.ok()) return std::move(taken).status();
      report_.left_out.push_back(session.number);
      return dropped;
    }
    if (contents.policy) {
      TAPIR_RETURN_IF_ERROR(store_.AddPolicy({session.key, *contents.policy}));
    }
    if (!has_encrypted_) return Finish(session);
    pending_.push_back(std::move(session));
    return OkStatus();
  }

  // False: the index cannot be used to its end.
  Result<bool> TakeEntries(SessionContents& contents, Session& session) {
    SessionBuilder builder(store_, names_, session.key);
    has_encrypted_ = false;
    std::string last;
    for (;;) {
      if (IsCancelled()) return Cancelled("interrupted");
      Result<std::optional<Entry>> entry = contents.entries->Next();
      if (!entry.ok()) {
        if (EndsReading(entry.status().code())) return entry.status();
        report_.damages.push_back(contents.IndexDamage(entry.status()));
        return false;
      }
      if (!*entry) break;
      if (builder.entry_count() > 0 && ComparePaths((*entry)->path, last) <= 0) {
        // Indexes cannot do this, records that were forged can.
        report_.damages.push_back(contents.EntryDamage(**entry));
        continue;
      }
      last = (*entry)->path;
      has_encrypted_ = has_encrypted_ || ((*entry)->file_attributes & kWindowsEncrypted) != 0;
      TAPIR_RETURN_IF_ERROR(builder.Add(**std::move(entry)));
      if (request_.progress != nullptr) ++request_.progress->objects;
    }
    TAPIR_RETURN_IF_ERROR(builder.Finish());
    report_.objects += builder.entry_count();
    session.listing_sum = builder.listing_sum();
    session.from_records = contents.read_from_records();
    return true;
  }

  Status AddKeysAndFinish(const Session& session) {
    TAPIR_ASSIGN_OR_RETURN(
        const std::vector<KeyEntry> keys,
        ReadKeyEntries(request_.volume, session, *request_.reporter, report_.damages));
    TAPIR_RETURN_IF_ERROR(store_.AddKeyEntries(keys));
    return Finish(session);
  }

  Status Finish(const Session& session) {
    TAPIR_RETURN_IF_ERROR(store_.FinishSession(session));
    report_.added.push_back(session.number);
    return OkStatus();
  }

  bool IsCancelled() const {
    return request_.cancelled != nullptr && request_.cancelled->load(std::memory_order_relaxed);
  }

  Store& store_;
  const ImportRequest& request_;
  ImportReport report_;
  NameCache names_;
  std::vector<Session> pending_;  ///< that have encrypted objects
  bool has_encrypted_ = false;
};

}  // namespace

Result<ImportReport> ImportVolume(Store& store, const ImportRequest& request) {
  return Import(store, request).Run();
}

}  // namespace tapir::catalog
