#include "jobs/session_entries.h"

#include <algorithm>
#include <utility>

#include "object/decoded_reader.h"
#include "object/object_assembler.h"
#include "tapir/object/path_order.h"

namespace tapir {
namespace {

// Makes entries from the records themselves.
class EntrySink : public ObjectSink {
 public:
  explicit EntrySink(std::vector<Entry>& entries) : entries_(entries) {}

  Status Whole(const ParsedRecord& record, const DecodedChunk& chunk) override {
    Entry entry = MakeEntry(record.begin, record.end, nullptr);
    entry.record_digest = RecordDigest(record.begin_payload, record.end_payload);
    SetPlace(entry, chunk.chunk.locator, record.offset);
    entries_.push_back(std::move(entry));
    return OkStatus();
  }
  Status End(const AssembledObject& object, Proof /*proof*/) override {
    Entry entry =
        MakeEntry(object.begin, object.end, object.reference ? &*object.reference : nullptr);
    entry.record_digest = object.record_digest;
    SetPlace(entry, object.locator, object.record_offset);
    entries_.push_back(std::move(entry));
    return OkStatus();
  }
  Status Marker(const ParsedRecord& record, const DecodedChunk& chunk) override {
    Entry entry = MakeEntry(record.begin, {}, nullptr);
    entry.type = record.is(ItemType::kTombstone) ? ObjectType::kTombstone : ObjectType::kExcluded;
    SetPlace(entry, chunk.chunk.locator, record.offset);
    entries_.push_back(std::move(entry));
    return OkStatus();
  }
  Status Begin(const AssembledObject&) override { return OkStatus(); }
  Status Refer(const AssembledObject&, const Reference&) override { return OkStatus(); }
  Status Data(const AssembledObject&, uint32_t, uint64_t, ByteSpan) override { return OkStatus(); }
  void Abandon(const AssembledObject&) override {}
  void Lost(uint64_t, uint64_t) override {}
  void Damaged(const Damage&) override {}
  Status ChunkDone(const DecodedChunk&) override { return OkStatus(); }

 private:
  std::vector<Entry>& entries_;
};

}  // namespace

SessionEntries::SessionEntries(BlockDevice& device, const Label& label, const SessionPlace& session,
                               std::vector<Damage>& damages)
    : device_(device), label_(label), session_(session), damages_(damages) {}

void SessionEntries::Reposition() {
  if (index_) index_->Reposition();
}

Status SessionEntries::Open() {
  opened_ = true;
  if (!session_.ended) return Scan();
  Result<FoundEnd> end = ReadEnd(device_, label_, *session_.ended);
  if (!end.ok()) return FallBack(end.status());
  index_.emplace(device_, label_, end->record);
  return OkStatus();
}

Status SessionEntries::FallBack(const Status& why) {
  damages_.push_back({DamageKind::kIndex, session_.begin.object, session_.begin.unit, 0,
                      session_.number, "the index cannot be used, the session is read through: " +
                                           why.message(),
                      {}});
  index_.reset();
  return Scan();
}

Status SessionEntries::Scan() {
  scanned_.clear();
  ChunkReader chunks(device_, ReaderOptions(label_));
  TAPIR_RETURN_IF_ERROR(chunks.Seek(session_.begin));
  DecodedReader::Options options;
  options.parse.check_digests = false;
  DecodedReader reader([&chunks] { return chunks.Next(); }, nullptr, options);
  EntrySink sink(scanned_);
  ObjectAssembler::Options assembling;
  assembling.complete = assembling.check_digests = false;
  ObjectAssembler assembler(assembling, sink);
  std::optional<SessionId> session_id;
  if (session_.ended) session_id = session_.ended->session_id;
  for (;;) {
    TAPIR_ASSIGN_OR_RETURN(std::optional<DecodedChunk> decoded, reader.Next());
    if (!decoded || decoded->kind == ChunkEvent::Kind::kEnd) break;
    if (decoded->kind != ChunkEvent::Kind::kChunk) continue;
    const Chunk& chunk = decoded->chunk;
    if (!session_id && chunk.header.is(ChunkKind::kStart)) session_id = chunk.session_id;
    if (!session_id || chunk.session_id != *session_id) {
      if (session_.number != 0 && chunk.session_number > session_.number) break;
      continue;
    }
    session_.number = chunk.session_number;
    if (chunk.header.is(ChunkKind::kEnd)) break;
    bool data = chunk.section == static_cast<uint8_t>(BlockType::kData);
    if (data) TAPIR_RETURN_IF_ERROR(assembler.Take(*decoded));
  }
  TAPIR_RETURN_IF_ERROR(assembler.Finish(std::nullopt));
  next_scanned_ = 0;
  while (any_path_ && next_scanned_ < scanned_.size() &&
         ComparePaths(scanned_[next_scanned_].path, last_path_) <= 0) {
    ++next_scanned_;
  }
  return OkStatus();
}

Result<std::optional<Entry>> SessionEntries::Next() {
  if (!opened_) TAPIR_RETURN_IF_ERROR(Open());
  if (index_) {
    Result<std::optional<Entry>> entry = index_->Next();
    StatusCode code = entry.status().code();
    bool index_bad = code == StatusCode::kCorrupt || code == StatusCode::kUnsupported ||
                     code == StatusCode::kLimitExceeded;
    if (!index_bad) {
      if (entry.ok() && *entry) {
        last_path_ = (*entry)->path;
        any_path_ = true;
      }
      return entry;
    }
    TAPIR_RETURN_IF_ERROR(FallBack(entry.status()));
  }
  if (next_scanned_ == scanned_.size()) return std::optional<Entry>();
  return std::optional<Entry>(std::move(scanned_[next_scanned_++]));
}

Status SessionEntries::SeekTo(const std::string& path) {
  if (!opened_) TAPIR_RETURN_IF_ERROR(Open());
  if (index_) {
    Status sought = index_->SeekTo(path);
    if (sought.ok()) return sought;
    TAPIR_RETURN_IF_ERROR(FallBack(sought));
  }
  while (next_scanned_ < scanned_.size() &&
         ComparePaths(scanned_[next_scanned_].path, path) < 0) {
    ++next_scanned_;
  }
  return OkStatus();
}

}  // namespace tapir
