#include "jobs/archived_object.h"

#include <algorithm>
#include <utility>

#include "object/foreign_form.h"

namespace tapir {

std::optional<ArchivedObject> ArchivedObjectSink::TakeReady() {
  if (ready_.empty()) return std::nullopt;
  ArchivedObject object = std::move(ready_.front());
  ready_.pop_front();
  return object;
}

Status ArchivedObjectSink::Whole(const ParsedRecord& record, const DecodedChunk& /*chunk*/) {
  extents_.clear();
  if (!record.bytes.empty()) extents_[0].push_back({0, record.bytes.size()});
  summer_.reset();
  TakeObject(record.begin, record.end);
  return OkStatus();
}

Status ArchivedObjectSink::Begin(const AssembledObject& /*object*/) {
  extents_.clear();
  summer_.reset();
  return OkStatus();
}

// Holes of the target are holes here too (format chapter 5.6).
Status ArchivedObjectSink::Refer(const AssembledObject& /*object*/, const Reference& reference) {
  auto target = needed_.find(reference.target_ordinal);
  if (target == needed_.end() || !target->second.contents) return OkStatus();
  for (const Extent& extent : target->second.contents->extents) {
    if (extent.offset_bytes >= reference.length) break;
    uint64_t rest = reference.length - extent.offset_bytes;
    extents_[0].push_back({extent.offset_bytes, std::min(extent.length_bytes, rest)});
  }
  return OkStatus();
}

Status ArchivedObjectSink::Data(const AssembledObject& object, uint32_t stream_number,
                                uint64_t offset_bytes, ByteSpan data) {
  if (data.empty()) return OkStatus();
  if (stream_number == 0 && HoldsRawExport(object.opaque_records)) {
    if (!summer_) summer_ = std::make_unique<RawExportSummer>();
    summer_->Feed(data);
  }
  std::vector<Extent>& extents = extents_[stream_number];
  bool adjacent =
      !extents.empty() && extents.back().offset_bytes + extents.back().length_bytes == offset_bytes;
  if (adjacent) {
    extents.back().length_bytes += data.size();
  } else {
    extents.push_back({offset_bytes, data.size()});
  }
  return OkStatus();
}

Status ArchivedObjectSink::End(const AssembledObject& object, Proof /*proof*/) {
  TakeObject(object.begin, object.end);
  return OkStatus();
}

void ArchivedObjectSink::TakeObject(const ObjectBegin& begin, const ObjectEnd& end) {
  std::optional<ArchivedContents> contents;
  // A last piece knows the digest of the whole file, but not where its data lies.
  bool in_pieces = begin.metadata.fragment_offset || end.status == ObjectStatus::kContinued;
  bool partial = in_pieces && (!end.whole || end.whole->map_digest);
  if (const StreamEnd* stream = end.whole ? &*end.whole : end.contents()) {
    contents.emplace();
    contents->end = *stream;
    contents->has_data = !extents_[0].empty();
    if (stream->map_digest) contents->extents = std::move(extents_[0]);
  }
  std::vector<ArchivedContents> further;
  for (const StreamEnd& stream : end.streams) {
    if (stream.stream_number == 0) continue;
    further.push_back({stream, {}, !extents_[stream.stream_number].empty()});
    if (stream.map_digest) further.back().extents = std::move(extents_[stream.stream_number]);
  }
  if (objects_.needed.Contains(begin.ordinal)) {
    needed_.insert_or_assign(begin.ordinal, Needed{end.status, contents, further});
  }
  if (!objects_.wanted.Contains(begin.ordinal)) return;
  ArchivedObject object{begin.ordinal, begin.metadata, end.status, std::move(contents),
                        std::move(further)};
  object.partial = partial;
  if (const auto summer = std::exchange(summer_, nullptr)) {
    object.is_raw_export = true;
    object.raw_export = summer->Finish();
  }
  if (begin.metadata.type == ObjectType::kHardLink) CompleteLink(object);
  ready_.push_back(std::move(object));
}

void ArchivedObjectSink::CompleteLink(ArchivedObject& link) const {
  uint64_t primary = link.metadata.primary_ordinal;
  link.primary_is_wanted = objects_.wanted.Contains(primary);
  auto found = needed_.find(primary);
  link.primary_is_lost = found == needed_.end();
  if (link.primary_is_lost) return;
  link.contents = found->second.contents;
  link.further = found->second.further;
  link.status = found->second.status;
}

}  // namespace tapir
