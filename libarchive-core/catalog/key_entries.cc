#include "catalog/key_entries.h"

#include "tapir/jobs/encrypted_list_job.h"

namespace tapir::catalog {

Result<std::vector<KeyEntry>> ReadKeyEntries(const std::string& volume, const Session& session,
                                             Reporter& reporter, std::vector<Damage>& damages) {
  EncryptedListRequest request;
  request.volume = volume;
  request.selection.sessions = SessionChoice::kNumber;
  request.selection.session_number = session.number;
  request.reporter = &reporter;
  std::vector<KeyEntry> entries;
  TAPIR_ASSIGN_OR_RETURN(
      const ListReport report, ListEncrypted(request, [&](const EncryptedObject& object) {
        for (const EfsKeyEntry& key : object.metadata.keys) {
          entries.push_back(
              {session.key, object.path, key.list, key.thumbprint, key.sid, key.display_name});
        }
        return OkStatus();
      }));
  damages.insert(damages.end(), report.damages.begin(), report.damages.end());
  return entries;
}

}  // namespace tapir::catalog
