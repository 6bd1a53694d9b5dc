#pragma once

#include <string>
#include <vector>

#include "catalog/sql.h"
#include "tapir/catalog/store.h"

namespace tapir::catalog {

/// What stores have in common: what there is little of, kept by statements that every database
/// understands. Names, directories, places and listings are left to each.
class SqlStore : public Store {
 public:
  Status BeginReading() override;
  void EndReading() override;

  Result<std::vector<Volume>> Volumes() override;
  Result<VolumeKey> PutVolume(const Volume& volume) override;
  Status SetLocation(VolumeKey volume, const std::string& location) override;
  Status ForgetVolume(VolumeKey volume) override;
  Status AddNote(const Note& note) override;
  Result<std::vector<Note>> Notes() override;
  Status AddVerification(const Verification& verification) override;
  Result<std::vector<Verification>> Verifications() override;

  Result<std::vector<Session>> Sessions() override;
  Result<SessionKey> BeginSession(const Session& session) override;
  Status FinishSession(const Session& session) override;
  Status DropSession(SessionKey session) override;
  Status DropAbandoned() override;
  Status AddKeyEntries(std::span<const KeyEntry> entries) override;
  Result<std::vector<KeyEntry>> KeyEntries(const std::string& thumbprint) override;
  Status AddPolicy(const SessionPolicy& policy) override;
  Result<std::vector<SessionPolicy>> Policies() override;

 protected:
  virtual SqlConnection& sql() = 0;
  /// Begins a transaction that reads of one moment.
  virtual Status BeginSnapshot() = 0;
  bool is_reading() const { return reading_; }
  /// What begins here is kept as a whole or not at all. Not nested.
  virtual Status Begin() = 0;
  virtual Status Commit() = 0;
  virtual void Rollback() = 0;
  virtual Status DropListings(SessionKey session) = 0;
  /// Says in the row of a session who is at work on it, as long as it is.
  virtual Result<std::string> NameImporter() = 0;
  virtual Result<bool> IsAtWork(const std::string& importer) = 0;

  Status RunAll(std::initializer_list<std::string_view> statements, int64_t key);
  /// Runs `work` between Begin and Commit.
  template <typename Work>
  Status InTransaction(const Work& work) {
    TAPIR_RETURN_IF_ERROR(Begin());
    Status done = work();
    if (done.ok()) done = Commit();
    if (!done.ok()) Rollback();
    return done;
  }

 private:
  bool reading_ = false;

  Status Show(const Session& session);
  Status AddDamages(int64_t verification, const std::vector<Damage>& damages);
  Result<std::vector<Damage>> DamagesOf(int64_t verification);
};

}  // namespace tapir::catalog
