#include "jobs/verify_sink.h"

#include <algorithm>
#include <utility>

#include "object/content_digester.h"

namespace tapir {

VerifySink::VerifySink(VerifyReport& report, Progress* progress, const Options& options,
                       std::function<void(const Damage&)> on_damage)
    : report_(report), progress_(progress), options_(options), on_damage_(std::move(on_damage)) {}

void VerifySink::Damaged(const Damage& damage) {
  if (damage.kind == DamageKind::kUnusedTail) return;
  if (damage.kind != DamageKind::kUnsupported) ++report_.damage_count;
  if (report_.damages.size() < kMaxListedDamages) report_.damages.push_back(damage);
  if (on_damage_) on_damage_(damage);
}

void VerifySink::Complain(DamageKind kind, const BlockPlace& place, std::string text,
                          std::string path) {
  Damaged({kind, place.object, place.unit, 0, session_number_, std::move(text), std::move(path)});
}

void VerifySink::ComplainOfIndex(std::string text) {
  Complain(DamageKind::kIndex, index_place_, std::move(text), {});
}

void VerifySink::CountProven(const Metadata& metadata, const ObjectEnd& end, bool proven) {
  ++report_.objects;
  bool goes_on = end.status == ObjectStatus::kContinued;
  if (goes_on || metadata.fragment_offset) ++report_.continued;
  if (end.status != ObjectStatus::kOk && !goes_on) ++report_.flawed_objects;
  for (const StreamEnd& stream : end.streams) {
    if (!proven) {
      ++report_.unproven;
      continue;
    }
    ++report_.proven_xxh128;
    if (stream.has_sha256) ++report_.proven_sha256;
    report_.content_bytes += stream.size;
  }
  if (progress_ != nullptr) {
    progress_->objects += 1;
    progress_->content_bytes += metadata.size;
  }
}

Status VerifySink::Whole(const ParsedRecord& record, const DecodedChunk& chunk) {
  CountProven(record.begin.metadata, record.end, true);
  encrypted_.CheckMetadata(record.begin.metadata);
  sis_.TakeWhole(record);
  Entry entry = MakeEntry(record.begin, record.end, nullptr);
  entry.record_digest = RecordDigest(record.begin_payload, record.end_payload);
  SetPlace(entry, chunk.chunk.locator, record.offset);
  return index_->Expect(entry);
}

Status VerifySink::Data(const AssembledObject& object, uint32_t stream_number,
                        uint64_t offset_bytes, ByteSpan data) {
  encrypted_.TakeData(object, stream_number, data);
  sis_.TakeData(object, stream_number, offset_bytes, data);
  return OkStatus();
}

void VerifySink::TakeFinding(const std::string& path, const char* format, const Finding& finding) {
  ++report_.finding_count;
  if (report_.findings.size() >= kMaxListedDamages) return;
  report_.findings.push_back({path, session_number_, format, finding});
}

Status VerifySink::End(const AssembledObject& object, Proof proof) {
  encrypted_.End(object);
  sis_.End(object);
  Entry entry =
      MakeEntry(object.begin, object.end, object.reference ? &*object.reference : nullptr);
  entry.record_digest = object.record_digest;
  SetPlace(entry, object.locator, object.record_offset);
  CountProven(object.begin.metadata, object.end, proof == Proof::kDigest);
  if (proof == Proof::kPending && object.end.contents() != nullptr) {
    pending_.push_back({session_number_, entry, *object.end.contents(), {}});
  }
  return index_->Expect(entry);
}

Status VerifySink::Marker(const ParsedRecord& record, const DecodedChunk& chunk) {
  ++report_.objects;
  Entry entry = MakeMarkerEntry(record.begin, static_cast<ItemType>(record.type));
  entry.record_digest = RecordDigest(record.begin_payload, {});
  SetPlace(entry, chunk.chunk.locator, record.offset);
  return index_->Expect(entry);
}

void VerifySink::Abandon(const AssembledObject& object) {
  encrypted_.Abandon();
  sis_.Abandon();
  lost_names_[object.begin.ordinal] = object.begin.metadata.path;
}

void VerifySink::Lost(uint64_t first_ordinal, uint64_t count) {
  report_.lost_objects += count;
  lost_.emplace_back(first_ordinal, count);
}

bool VerifySink::IsLost(uint64_t ordinal) const {
  auto behind =
      std::upper_bound(lost_.begin(), lost_.end(), ordinal,
                       [](uint64_t wanted, const auto& range) { return wanted < range.first; });
  return behind != lost_.begin() && ordinal - std::prev(behind)->first < std::prev(behind)->second;
}

void VerifySink::AddLostPath(const std::string& path) {
  if (report_.lost_paths.size() < kMaxListedDamages) report_.lost_paths.push_back(path);
}

void VerifySink::SessionUnsupported(uint32_t /*number*/) { ++report_.unsupported_sessions; }

Status VerifySink::VolumeLabel(const Label& label) {
  VolumeJoints& joints = report_.joints;
  joints.volume_uuid = FormatUuid(label.volume_uuid);
  joints.set_uuid = FormatUuid(label.set_uuid);
  joints.set_label = label.name;
  joints.sequence = label.volume_sequence;
  return OkStatus();
}

Status VerifySink::SessionBegin(const ForwardSession& session) {
  session_number_ = session.number;
  const bool first = std::exchange(first_session_, false);
  if (first && session.start && session.start->continues) {
    const EarlierPart& before = *session.start->continues;
    report_.joints.before_volume = FormatUuid(before.volume_uuid);
    if (!AllZero(before.end_digest)) report_.joints.before_end = ToHex(before.end_digest);
  }
  lost_.clear();
  lost_names_.clear();
  first_pending_ = pending_.size();
  index_ = std::make_unique<IndexVerifier>(
      [this](std::string text, std::string path) {
        Complain(DamageKind::kIndex, index_place_, std::move(text), std::move(path));
      },
      [this](const Entry& entry) {
        if (!IsLost(entry.ordinal)) return;
        AddLostPath(entry.path);
        lost_names_.erase(entry.ordinal);
      },
      [this](const Entry& entry) {
        for (size_t i = first_pending_; i < pending_.size(); ++i) {
          if (pending_[i].entry.link_ordinal == entry.ordinal) pending_[i].target = entry;
        }
      });
  copies_.SessionBegin();
  if (options_.whole_volume) CheckEarlier(session);
  return OkStatus();
}

// What this session says of those before it has to be what was met.
void VerifySink::CheckEarlier(const ForwardSession& session) {
  if (!session.start) return;
  for (const SessionEntry& entry : session.start->earlier) {
    auto met = std::find_if(ended_.begin(), ended_.end(), [&](const EndedSession& ended) {
      return ended.id == entry.session_id;
    });
    std::string name = "session " + std::to_string(entry.session_number);
    if (met == ended_.end()) {
      bool passed_over = (entry.read_features & ~kKnownReadFeatures) != 0;
      if (passed_over) continue;
      Complain(DamageKind::kSession, entry.end_place,
               "the end of " + name + " cannot be read, though a later session names it", {});
      ended_.push_back({entry.session_id, entry.end_digest});
    } else if (met->end_digest != entry.end_digest) {
      Complain(DamageKind::kSession, entry.end_place,
               "the end of " + name + " is not the one that a later session names", {});
    }
  }
}

Status VerifySink::IndexPage(const ForwardSession& /*session*/, const DecodedChunk& page) {
  index_place_ = page.chunk.locator.block;
  const ChunkHeader& header = page.chunk.header;
  if (header.is(ChunkKind::kLeafCopy) || header.is(ChunkKind::kInnerCopy)) {
    copies_.TakeCopy(page, [this](std::string text) { ComplainOfIndex(std::move(text)); });
    return OkStatus();
  }
  copies_.TakeOwn(page);
  return index_->TakePage(page);
}

Status VerifySink::SessionEnd(const ForwardSession& session) {
  if (session.end) {
    ++report_.sessions;
    report_.joints.goes_on = session.end->status == SessionStatus::kContinued;
    report_.joints.last_end = ToHex(session.end_digest);
    index_place_ = session.end->index_place;
    if (options_.contents) {
      index_->Finish(*session.end);
      copies_.SessionEnd(*session.end,
                         [this](std::string text) { ComplainOfIndex(std::move(text)); });
    }
    ended_.push_back({session.id, session.end_digest});
    if (session.start && session.end->previous_end_digest != session.start->previous_end_digest) {
      Complain(DamageKind::kSession, session.end_place.block,
               "START and END name different sessions before this one", {});
    }
  }
  sis_.SessionEnd(session);
  // What a torn session left open is not lost: it never was there.
  for (const auto& [ordinal, path] : lost_names_) {
    if (IsLost(ordinal)) AddLostPath(path);
  }
  return OkStatus();
}

Status VerifySink::Prove(ContentReader& contents, const Pending& pending) {
  if (!pending.target) return Corrupt("the index does not list it");
  ContentDigester digester(pending.contents.has_sha256);
  uint64_t limit = pending.entry.reference_bytes;
  TAPIR_RETURN_IF_ERROR(
      contents.Read(*pending.target, [&](uint64_t offset, ByteSpan data) -> Status {
        if (offset >= limit) return OkStatus();
        digester.Data(
            offset,
            data.first(static_cast<size_t>(std::min<uint64_t>(data.size(), limit - offset))));
        return OkStatus();
      }));
  TAPIR_RETURN_IF_ERROR(contents.Read(pending.entry, [&](uint64_t offset, ByteSpan data) -> Status {
    if (offset < digester.end_bytes()) return Corrupt("data overlaps the referenced part");
    digester.Data(offset, data);
    return OkStatus();
  }));
  if (digester.end_bytes() > pending.contents.size) return Corrupt("it is too long");
  ContentDigester::Outcome outcome = digester.Finish(pending.contents.size);
  bool right = outcome.digests == pending.contents.digests &&
               outcome.map_form == pending.contents.map_digest;
  return right ? OkStatus() : Corrupt("the contents differ from their digest");
}

Status VerifySink::ProvePending(BlockDevice& device, const Label& label) {
  ContentReader contents(device, label);
  for (const Pending& pending : pending_) {
    Status proven = Prove(contents, pending);
    --report_.unproven;
    if (proven.ok()) {
      ++report_.proven_xxh128;
      if (pending.contents.has_sha256) ++report_.proven_sha256;
      report_.content_bytes += pending.contents.size;
      continue;
    }
    session_number_ = pending.session_number;
    --report_.objects;
    ++report_.lost_objects;
    AddLostPath(pending.entry.path);
    Complain(DamageKind::kReference, {pending.entry.block_object, pending.entry.block_unit},
             "part of it is another object's: " + proven.message(), pending.entry.path);
  }
  return OkStatus();
}

}  // namespace tapir
