#include "catalog/sql_store.h"

#include <array>

namespace tapir::catalog {
namespace {

using Values = std::vector<SqlValue>;

// Of the row that was added. A table that was tampered with may take none.
Result<int64_t> TakeKey(std::vector<SqlRow>& rows) {
  if (rows.empty()) return Corrupt("the catalogue does not take a row");
  return SqlFields(rows.front()).Integer();
}

Session TakeSession(SqlRow& row) {
  SqlFields fields(row);
  Session session;
  session.key = fields.Integer();
  session.volume = fields.Integer();
  session.id = fields.Text();
  session.number = static_cast<uint32_t>(fields.Integer());
  session.kind = fields.Text();
  session.status = fields.Text();
  session.start = fields.Time();
  session.end = fields.Time();
  session.object_count = fields.Count();
  session.content_bytes = fields.Count();
  session.first_unit = fields.Count();
  session.index_unit = fields.Count();
  session.end_unit = fields.Count();
  session.digests = fields.Text();
  session.options = fields.Bytes();
  session.writer = fields.Bytes();
  session.end_digest = fields.Text();
  session.begins_on = fields.Text();
  session.from_records = fields.Integer() != 0;
  session.listing_sum = fields.Count();
  return session;
}

}  // namespace

Status SqlStore::BeginReading() {
  TAPIR_RETURN_IF_ERROR(BeginSnapshot());
  reading_ = true;
  return OkStatus();
}

void SqlStore::EndReading() {
  if (!reading_) return;
  reading_ = false;
  Rollback();
}

Status SqlStore::RunAll(std::initializer_list<std::string_view> statements, int64_t key) {
  const SqlValue value = key;
  for (std::string_view statement : statements) {
    TAPIR_RETURN_IF_ERROR(sql().Run(statement, {&value, 1}).status());
  }
  return OkStatus();
}

Result<std::vector<Session>> SqlStore::Sessions() {
  TAPIR_ASSIGN_OR_RETURN(
      std::vector<SqlRow> rows,
      sql().Run("SELECT session, volume, id, number, kind, status, started, ended, object_count, "
                "content_bytes, first_unit, index_unit, end_unit, digests, options, writer, "
                "end_digest, begins_on, from_records, listing_sum FROM session WHERE finished = 1 "
                "ORDER BY volume, number"));
  std::vector<Session> sessions;
  sessions.reserve(rows.size());
  for (SqlRow& row : rows) sessions.push_back(TakeSession(row));
  return sessions;
}

Result<SessionKey> SqlStore::BeginSession(const Session& session) {
  TAPIR_ASSIGN_OR_RETURN(std::string importer, NameImporter());
  const Values values = {session.volume,
                         session.id,
                         Number(session.number),
                         session.kind,
                         session.status,
                         ToNanoseconds(session.start),
                         ToNanoseconds(session.end),
                         Number(session.object_count),
                         Number(session.content_bytes),
                         Number(session.first_unit),
                         Number(session.index_unit),
                         Number(session.end_unit),
                         session.digests,
                         Bytes(session.options),
                         Bytes(session.writer),
                         session.end_digest,
                         session.begins_on,
                         std::move(importer)};
  TAPIR_ASSIGN_OR_RETURN(
      std::vector<SqlRow> rows,
      sql().Run("INSERT INTO session (volume, id, number, kind, status, started, ended, "
                "object_count, content_bytes, first_unit, index_unit, end_unit, digests, options, "
                "writer, end_digest, begins_on, from_records, listing_sum, finished, importer) "
                "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, "
                "$17, 0, 0, 0, $18) RETURNING session",
                values));
  return TakeKey(rows);
}

Status SqlStore::FinishSession(const Session& session) {
  TAPIR_RETURN_IF_ERROR(Flush());
  const Status shown = InTransaction([&] { return Show(session); });
  if (shown.ok()) return Flush();
  // What failed is what matters.
  if (shown.code() == StatusCode::kBusy) (void)DropSession(session.key);
  return shown;
}

// Several may import one volume at once. Who holds its row is the one that shows a session, and
// takes the place of what was there of it.
Status SqlStore::Show(const Session& session) {
  const SqlValue key = session.key;
  TAPIR_ASSIGN_OR_RETURN(
      std::vector<SqlRow> rows,
      sql().Run("UPDATE volume SET updated = updated WHERE volume = "
                "(SELECT volume FROM session WHERE session = $1) RETURNING volume",
                {&key, 1}));
  if (rows.empty()) {
    return Busy("the session or its volume was taken out of the catalogue meanwhile");
  }
  TAPIR_RETURN_IF_ERROR(
      RunAll({"UPDATE session SET finished = 0, importer = '' WHERE finished = 1 "
              "AND session <> $1 AND volume = (SELECT volume FROM session WHERE session = $1) "
              "AND id = (SELECT id FROM session WHERE session = $1)"},
             session.key));
  const Values values = {int64_t{session.from_records}, Number(session.listing_sum), session.key};
  TAPIR_ASSIGN_OR_RETURN(
      rows, sql().Run("UPDATE session SET finished = 1, importer = '', from_records = $1, "
                      "listing_sum = $2 WHERE session = $3 AND importer <> '' RETURNING session",
                      values));
  return rows.empty() ? Busy("what was imported of a session was removed meanwhile") : OkStatus();
}

Status SqlStore::DropSession(SessionKey session) {
  // What is half removed must not be seen, and is found again if this is cut off.
  TAPIR_RETURN_IF_ERROR(RunAll({"UPDATE session SET finished = 0 WHERE session = $1"}, session));
  TAPIR_RETURN_IF_ERROR(DropListings(session));
  TAPIR_RETURN_IF_ERROR(InTransaction([&] {
    return RunAll(
        {"DELETE FROM key_entry WHERE session = $1", "DELETE FROM policy WHERE session = $1",
         "DELETE FROM session WHERE session = $1"},
        session);
  }));
  return Flush();
}

Status SqlStore::DropAbandoned() {
  TAPIR_ASSIGN_OR_RETURN(std::vector<SqlRow> rows,
                         sql().Run("SELECT session, importer FROM session WHERE finished = 0"));
  for (SqlRow& row : rows) {
    SqlFields fields(row);
    const SessionKey session = fields.Integer();
    const std::string importer = fields.Text();
    bool at_work = false;
    // One that was finished, and then half removed, has none.
    if (!importer.empty()) {
      TAPIR_ASSIGN_OR_RETURN(at_work, IsAtWork(importer));
    }
    if (!at_work) TAPIR_RETURN_IF_ERROR(DropSession(session));
  }
  return OkStatus();
}

Result<std::vector<Volume>> SqlStore::Volumes() {
  TAPIR_ASSIGN_OR_RETURN(
      std::vector<SqlRow> rows,
      sql().Run("SELECT volume, uuid, set_uuid, label, sequence, created, writer, max_block_bytes, "
                "used_bytes, capacity_bytes, address, location, updated FROM volume "
                "ORDER BY volume"));
  std::vector<Volume> volumes;
  for (SqlRow& row : rows) {
    SqlFields fields(row);
    Volume& volume = volumes.emplace_back();
    volume.key = fields.Integer();
    volume.uuid = fields.Text();
    volume.set_uuid = fields.Text();
    volume.label = fields.Bytes();
    volume.sequence = static_cast<uint32_t>(fields.Integer());
    volume.created = fields.Time();
    volume.writer = fields.Bytes();
    volume.max_block_bytes = static_cast<uint32_t>(fields.Integer());
    volume.used_bytes = fields.Count();
    if (fields.is_null()) {
      fields.Skip();
    } else {
      volume.capacity_bytes = fields.Count();
    }
    volume.address = fields.Bytes();
    volume.location = fields.Bytes();
    volume.updated = fields.Time();
  }
  return volumes;
}

Result<VolumeKey> SqlStore::PutVolume(const Volume& volume) {
  const Values values = {volume.uuid,
                         volume.set_uuid,
                         Bytes(volume.label),
                         Number(volume.sequence),
                         ToNanoseconds(volume.created),
                         Bytes(volume.writer),
                         Number(volume.max_block_bytes),
                         Number(volume.used_bytes),
                         volume.capacity_bytes ? Number(*volume.capacity_bytes) : SqlValue(),
                         Bytes(volume.address),
                         ToNanoseconds(volume.updated)};
  TAPIR_ASSIGN_OR_RETURN(
      std::vector<SqlRow> rows,
      sql().Run("INSERT INTO volume (uuid, set_uuid, label, sequence, created, writer, "
                "max_block_bytes, used_bytes, capacity_bytes, address, updated) "
                "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) "
                "ON CONFLICT (uuid) DO UPDATE SET set_uuid = excluded.set_uuid, "
                "label = excluded.label, sequence = excluded.sequence, created = excluded.created, "
                "writer = excluded.writer, max_block_bytes = excluded.max_block_bytes, "
                "used_bytes = excluded.used_bytes, capacity_bytes = excluded.capacity_bytes, "
                "address = excluded.address, updated = excluded.updated RETURNING volume",
                values));
  return TakeKey(rows);
}

Status SqlStore::SetLocation(VolumeKey volume, const std::string& location) {
  const Values values = {Bytes(location), volume};
  TAPIR_RETURN_IF_ERROR(
      sql().Run("UPDATE volume SET location = $1 WHERE volume = $2", values).status());
  return Flush();
}

Status SqlStore::ForgetVolume(VolumeKey volume) {
  TAPIR_RETURN_IF_ERROR(InTransaction([&] {
    return RunAll(
        {"UPDATE volume SET updated = updated WHERE volume = $1",
         // Also those that are being imported.
         "UPDATE session SET finished = 0, importer = '' WHERE volume = $1",
         "DELETE FROM note WHERE volume = $1",
         "DELETE FROM damage WHERE verification IN "
         "(SELECT verification FROM verification WHERE volume = $1)",
         "DELETE FROM verification WHERE volume = $1", "DELETE FROM volume WHERE volume = $1"},
        volume);
  }));
  return DropAbandoned();
}

Status SqlStore::AddNote(const Note& note) {
  const Values values = {note.volume, ToNanoseconds(note.time), Bytes(note.text)};
  TAPIR_RETURN_IF_ERROR(
      sql().Run("INSERT INTO note (volume, time, text) VALUES ($1, $2, $3)", values).status());
  return Flush();
}

Result<std::vector<Note>> SqlStore::Notes() {
  TAPIR_ASSIGN_OR_RETURN(std::vector<SqlRow> rows,
                         sql().Run("SELECT volume, time, text FROM note ORDER BY note"));
  std::vector<Note> notes;
  for (SqlRow& row : rows) {
    SqlFields fields(row);
    Note& note = notes.emplace_back();
    note.volume = fields.Integer();
    note.time = fields.Time();
    note.text = fields.Bytes();
  }
  return notes;
}

Status SqlStore::AddVerification(const Verification& done) {
  TAPIR_RETURN_IF_ERROR(InTransaction([&]() -> Status {
    const Values values = {done.volume,
                           ToNanoseconds(done.time),
                           done.level,
                           done.coverage,
                           done.verdict,
                           Number(done.blocks),
                           Number(done.objects),
                           Number(done.proven_bytes),
                           Number(done.damage_count)};
    TAPIR_ASSIGN_OR_RETURN(
        std::vector<SqlRow> rows,
        sql().Run("INSERT INTO verification (volume, time, level, coverage, verdict, blocks, "
                  "objects, proven_bytes, damage_count) "
                  "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING verification",
                  values));
    TAPIR_ASSIGN_OR_RETURN(const int64_t key, TakeKey(rows));
    return AddDamages(key, done.damages);
  }));
  return Flush();
}

Status SqlStore::AddDamages(int64_t verification, const std::vector<Damage>& damages) {
  for (size_t i = 0; i < damages.size() && i < kMaxKeptDamages; ++i) {
    const Damage& damage = damages[i];
    const Values values = {verification,
                           static_cast<int64_t>(damage.kind),
                           Number(damage.object),
                           Number(damage.unit),
                           Number(damage.length_bytes),
                           Number(damage.session_number),
                           Bytes(damage.text),
                           Bytes(damage.path)};
    TAPIR_RETURN_IF_ERROR(
        sql().Run("INSERT INTO damage VALUES ($1, $2, $3, $4, $5, $6, $7, $8)", values).status());
  }
  return OkStatus();
}

Result<std::vector<Damage>> SqlStore::DamagesOf(int64_t verification) {
  const SqlValue key = verification;
  TAPIR_ASSIGN_OR_RETURN(
      std::vector<SqlRow> rows,
      sql().Run("SELECT kind, object, unit, length_bytes, session_number, text, path FROM damage "
                "WHERE verification = $1 ORDER BY unit, object",
                {&key, 1}));
  std::vector<Damage> damages;
  for (SqlRow& row : rows) {
    SqlFields fields(row);
    Damage& damage = damages.emplace_back();
    damage.kind = static_cast<DamageKind>(fields.Integer());
    damage.object = fields.Count();
    damage.unit = fields.Count();
    damage.length_bytes = fields.Count();
    damage.session_number = static_cast<uint32_t>(fields.Integer());
    damage.text = fields.Bytes();
    damage.path = fields.Bytes();
  }
  return damages;
}

Result<std::vector<Verification>> SqlStore::Verifications() {
  TAPIR_ASSIGN_OR_RETURN(
      std::vector<SqlRow> rows,
      sql().Run("SELECT verification, volume, time, level, coverage, verdict, blocks, objects, "
                "proven_bytes, damage_count FROM verification ORDER BY verification"));
  std::vector<Verification> all;
  for (SqlRow& row : rows) {
    SqlFields fields(row);
    const int64_t key = fields.Integer();
    Verification& one = all.emplace_back();
    one.volume = fields.Integer();
    one.time = fields.Time();
    one.level = fields.Text();
    one.coverage = fields.Text();
    one.verdict = fields.Text();
    one.blocks = fields.Count();
    one.objects = fields.Count();
    one.proven_bytes = fields.Count();
    one.damage_count = fields.Count();
    if (one.damage_count == 0) continue;
    TAPIR_ASSIGN_OR_RETURN(one.damages, DamagesOf(key));
  }
  return all;
}

Status SqlStore::AddKeyEntries(std::span<const KeyEntry> entries) {
  for (const KeyEntry& entry : entries) {
    const Values values = {entry.session,    Bytes(entry.path), static_cast<int64_t>(entry.list),
                           entry.thumbprint, entry.sid,         Bytes(entry.display_name)};
    TAPIR_RETURN_IF_ERROR(
        sql().Run("INSERT INTO key_entry VALUES ($1, $2, $3, $4, $5, $6)", values).status());
  }
  return OkStatus();
}

Result<std::vector<KeyEntry>> SqlStore::KeyEntries(const std::string& thumbprint) {
  const SqlValue wanted = thumbprint;
  TAPIR_ASSIGN_OR_RETURN(
      std::vector<SqlRow> rows,
      sql().Run("SELECT k.session, k.path, k.list, k.thumbprint, k.sid, k.display_name "
                "FROM key_entry k JOIN session s ON s.session = k.session "
                "WHERE s.finished = 1 AND (k.thumbprint = $1 OR $1 = '') ORDER BY k.session",
                {&wanted, 1}));
  std::vector<KeyEntry> entries;
  for (SqlRow& row : rows) {
    SqlFields fields(row);
    KeyEntry& entry = entries.emplace_back();
    entry.session = fields.Integer();
    entry.path = fields.Bytes();
    entry.list = static_cast<EfsKeyList>(fields.Integer());
    entry.thumbprint = fields.Text();
    entry.sid = fields.Text();
    entry.display_name = fields.Bytes();
  }
  return entries;
}

Status SqlStore::AddPolicy(const SessionPolicy& policy) {
  TAPIR_ASSIGN_OR_RETURN(const std::string manifest, EncodePolicyManifest(policy.manifest));
  const Values values = {policy.session, Bytes(manifest)};
  return sql().Run("INSERT INTO policy VALUES ($1, $2)", values).status();
}

Result<std::vector<SessionPolicy>> SqlStore::Policies() {
  TAPIR_ASSIGN_OR_RETURN(
      std::vector<SqlRow> rows,
      sql().Run("SELECT p.session, p.manifest FROM policy p JOIN session s "
                "ON s.session = p.session WHERE s.finished = 1 ORDER BY p.session"));
  std::vector<SessionPolicy> policies;
  for (SqlRow& row : rows) {
    SqlFields fields(row);
    SessionPolicy& policy = policies.emplace_back();
    policy.session = fields.Integer();
    TAPIR_ASSIGN_OR_RETURN(policy.manifest, DecodePolicyManifest(fields.Bytes()));
  }
  return policies;
}

}  // namespace tapir::catalog
