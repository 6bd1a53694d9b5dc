#include "jobs/session_entries.h"

#include <utility>

#include "jobs/entry_making.h"
#include "jobs/session_record_reader.h"

namespace tapir {
namespace {

// Collects the entries of a session from the records themselves.
class EntrySink : public ObjectSink {
 public:
  EntrySink(std::vector<Entry>& entries, std::vector<Damage>& damages)
      : entries_(entries), damages_(damages) {}

  Status Whole(const ParsedRecord& record, const DecodedChunk& chunk) override {
    entries_.push_back(EntryOfRecord(record, chunk));
    return OkStatus();
  }
  Status End(const AssembledObject& object, Proof /*proof*/) override {
    entries_.push_back(EntryOfObject(object));
    return OkStatus();
  }
  Status Marker(const ParsedRecord& record, const DecodedChunk& chunk) override {
    entries_.push_back(EntryOfRecord(record, chunk));
    return OkStatus();
  }
  void Damaged(const Damage& damage) override {
    if (damage.kind != DamageKind::kUnusedTail) damages_.push_back(damage);
  }
  Status Begin(const AssembledObject&) override { return OkStatus(); }
  Status Refer(const AssembledObject&, const Reference&) override { return OkStatus(); }
  Status Data(const AssembledObject&, uint32_t, uint64_t, ByteSpan) override { return OkStatus(); }
  void Abandon(const AssembledObject&) override {}
  void Lost(uint64_t, uint64_t) override {}
  Status ChunkDone(const DecodedChunk&) override { return OkStatus(); }

 private:
  std::vector<Entry>& entries_;
  std::vector<Damage>& damages_;
};

}  // namespace

SessionEntries::SessionEntries(BlockDevice* device, const Label& label, const SessionPlace& session,
                               std::vector<Damage>& damages)
    : device_(device), label_(label), session_(session), damages_(damages) {}

void SessionEntries::Reposition() {
  if (index_) index_->Reposition();
}

Status SessionEntries::Open() {
  opened_ = true;
  if (session_.index) {
    const IndexCopy& index = session_.index->index;
    index_.emplace(session_.index->pages, index.root, index.root_digest, index.root_level);
    return OkStatus();
  }
  if (device_ == nullptr) {
    scanned_.emplace(std::vector<Entry>());
    return OkStatus();
  }
  if (session_.end_lost) return FallBack(Corrupt("its END cannot be read"));
  if (!session_.ended) return Scan();
  Result<FoundEnd> end = ReadEnd(*device_, label_, *session_.ended);
  if (!end.ok()) return FallBack(end.status());
  index_.emplace(*device_, label_, end->record);
  return OkStatus();
}

Status SessionEntries::FallBack(const Status& why) {
  // Everything but a device that gives up can be helped by reading the records.
  if (EndsReading(why.code())) return why;
  const bool elsewhere = session_.elsewhere != 0 || device_ == nullptr;
  const std::string what = elsewhere ? "its index cannot be used: "
                                     : "the index cannot be used, the session is read through: ";
  damages_.push_back({DamageKind::kIndex,
                      session_.begin.object,
                      session_.begin.unit,
                      0,
                      session_.number,
                      what + why.message(),
                      {}});
  index_.reset();
  if (!elsewhere) return Scan();
  scanned_.emplace(std::vector<Entry>());
  return OkStatus();
}

Status SessionEntries::Scan() {
  std::vector<Entry> entries;
  // What is cut off at the end of a session that never ended is no damage.
  std::vector<Damage> remains;
  EntrySink sink(entries, session_.torn() ? remains : damages_);
  SessionRecordReader reader(*device_, label_, session_, {}, sink);
  for (bool more = true; more;) {
    TAPIR_ASSIGN_OR_RETURN(more, reader.Step());
  }
  scanned_.emplace(std::move(entries));
  if (last_path_.empty()) return OkStatus();
  return scanned_->SeekTo(last_path_);
}

Result<std::optional<Entry>> SessionEntries::Next() {
  if (!opened_) TAPIR_RETURN_IF_ERROR(Open());
  if (index_) {
    Result<std::optional<Entry>> entry = index_->Next();
    if (entry.ok()) {
      if (*entry) last_path_ = (*entry)->path;
      last_handed_out_ = true;
      return entry;
    }
    TAPIR_RETURN_IF_ERROR(FallBack(entry.status()));
    TAPIR_ASSIGN_OR_RETURN(std::optional<Entry> first, scanned_->Next());
    bool again = last_handed_out_ && first && first->path == last_path_;
    if (!again) return first;
  }
  return scanned_->Next();
}

Status SessionEntries::SeekTo(const std::string& path) {
  if (!opened_) TAPIR_RETURN_IF_ERROR(Open());
  if (!index_) return scanned_->SeekTo(path);
  last_path_ = path;
  last_handed_out_ = false;
  Status sought = index_->SeekTo(path);
  return sought.ok() ? sought : FallBack(sought);
}

}  // namespace tapir
