#include "object/packer.h"

#include <algorithm>
#include <utility>

#include "tapir/base/limits.h"

namespace tapir {

Packer::Packer(Loader& loader, Loader::Work& loaded, ObjectSource& source,
               const SessionOptions& options, size_t chunk_bytes)
    : loader_(loader),
      loaded_(loaded),
      options_(options),
      queue_(options.zstd_level, chunk_bytes, report_),
      equal_(source, options.with_sha256) {
  constexpr uint64_t kSession = ~uint64_t{0};
  for (const OpaqueRecord& record : options.session_records) {
    AddOpaqueRecord(queue_, kSession, record);
  }
  queue_.Flush(ChunkKind::kPolicy);
}

std::optional<PackedWork::Job> Packer::NextJob() {
  while (queue_.empty() && !finished_) {
    std::optional<LoadedUnit> unit = loaded_.Next();
    if (!unit) {
      status_ = loader_.status();
      queue_.Flush();
      finished_ = true;
      break;
    }
    if (auto* batch = std::get_if<LoadedBatch>(&*unit)) {
      status_ = TakeBatch(std::move(*batch));
    } else {
      status_ = TakePiece(std::get<LoadedPiece>(std::move(*unit)));
    }
    finished_ = !status_.ok();
  }
  if (!status_.ok()) return std::nullopt;
  return queue_.Pop();
}

Status Packer::TakePiece(LoadedPiece piece) {
  bool last = piece.last;
  if (!large_) {
    LimitAttributes(piece.object->metadata);
    LargePacker::Tools tools{loader_,
                             queue_,
                             equal_,
                             report_,
                             options_,
                             [this](uint64_t item_index) -> std::optional<uint64_t> {
                               auto found = large_ordinals_.find(item_index);
                               if (found == large_ordinals_.end()) return std::nullopt;
                               return found->second;
                             }};
    large_.emplace(tools, piece.object, next_ordinal_++);
  }
  TAPIR_RETURN_IF_ERROR(large_->Take(std::move(piece)));
  if (!last) return OkStatus();
  const LargeObject& object = large_->object();
  if (object.metadata.size > kCompareBytes && large_->holds_its_bytes()) {
    large_ordinals_[object.item_index] = large_->ordinal();
  }
  if (object.item.link_count > 1) {
    linked_[object.item_index] = {large_->ordinal(), object.metadata.path,
                                  object.item.link_count - 1};
  }
  large_.reset();
  return OkStatus();
}

Status Packer::TakeBatch(LoadedBatch batch) {
  for (LoadedObject& object : batch.objects) {
    TAPIR_RETURN_IF_ERROR(TakeObject(object));
  }
  return OkStatus();
}

// A further name becomes a hard link to the first one. If that was left out, this one takes its
// place.
bool Packer::ResolvePrimary(LoadedObject& object) {
  uint64_t primary_index = *object.primary_index;
  auto found = linked_.find(primary_index);
  if (found == linked_.end()) {
    loader_.LoadNow(object);
    object.item_index = primary_index;
    return false;
  }
  object.metadata.type = ObjectType::kHardLink;
  object.metadata.primary_ordinal = found->second.ordinal;
  object.metadata.primary_path = found->second.path;
  if (--found->second.names_left == 0) linked_.erase(found);
  return true;
}

Status Packer::TakeObject(LoadedObject& object) {
  if (object.failure.ok() && object.primary_index) ResolvePrimary(object);
  for (const std::string& warning : object.warnings) report_.Warn(object.item.path, warning);
  // What was found but could not be opened is stored with what is known of it.
  bool known = !object.metadata.path.empty() && object.failure.code() != StatusCode::kNotFound;
  if (!object.failure.ok() && known) {
    report_.Warn(object.item.path, object.failure.message());
    object.status = ObjectStatus::kUnreadable;
    object.digests = StreamDigester(options_.with_sha256).Finish();
    object.primary_index.reset();
  } else if (!object.failure.ok()) {
    report_.LeftOut(object.item.path, object.failure.message());
    return OkStatus();
  }
  LimitAttributes(object.metadata);
  if (object.metadata.excluded_by) {
    PackExcluded({next_ordinal_++, std::move(object.metadata)});
    return OkStatus();
  }
  return PackSmall(std::move(object));
}

void Packer::PackExcluded(const ObjectBegin& begin) {
  std::string payload = EncodeObjectBegin(begin.ordinal, begin.metadata);
  Entry entry = MakeMarkerEntry(begin, ItemType::kExcluded);
  entry.record_digest = RecordDigest(AsBytes(payload), {});
  entry.record_offset = queue_.AddRecord(ItemType::kExcluded, begin.ordinal, {AsBytes(payload)});
  queue_.AddEntry(std::move(entry));
  report_.Excluded(begin.metadata);
}

Status Packer::PackSmall(LoadedObject object) {
  bool is_link = object.metadata.type == ObjectType::kHardLink;
  if (!is_link) object.metadata.earlier_name = std::move(object.item.earlier_name);
  ObjectBegin begin{next_ordinal_++, std::move(object.metadata)};
  ObjectEnd end;
  end.ordinal = begin.ordinal;
  end.status = object.status;
  std::optional<Reference> reference;
  bool regular = begin.metadata.type == ObjectType::kRegular;
  if (regular) {
    StreamEnd stream;
    stream.size = stream.data_bytes = object.contents.size();
    stream.digests = object.digests;
    stream.has_sha256 = options_.with_sha256;
    end.streams.push_back(stream);
  }
  bool may_be_equal = regular && options_.dedup && end.status == ObjectStatus::kOk &&
                      object.contents.size() >= kMinEqualBytes;
  if (may_be_equal) {
    uint64_t size = object.contents.size();
    TAPIR_ASSIGN_OR_RETURN(std::optional<StoredContent> same,
                           equal_.Find(size, object.digests, {object.contents}));
    if (same) {
      reference = Reference{begin.ordinal, 0, 0, same->ordinal, size};
    } else {
      TAPIR_RETURN_IF_ERROR(equal_.Add(
          {begin.ordinal, size, object.digests, object.item.identity, object.item.path}));
    }
  }
  PackRecords(begin, end, {object.contents, std::move(object.memory)},
              reference ? &*reference : nullptr);
  report_.Stored(begin.metadata, end, reference ? &*reference : nullptr);
  // A name that could not be opened is no primary: another one may be readable.
  bool first_of_several = object.failure.ok() && object.item.link_count > 1 &&
                          !object.primary_index && begin.metadata.type != ObjectType::kDirectory;
  if (first_of_several) {
    linked_[object.item_index] = {begin.ordinal, object.item.path, object.item.link_count - 1};
  }
  return OkStatus();
}

void Packer::PackRecords(const ObjectBegin& begin, const ObjectEnd& end, LentContents contents,
                         const Reference* reference) {
  std::string begin_payload = EncodeObjectBegin(begin.ordinal, begin.metadata);
  std::string end_payload = EncodeObjectEnd(end);
  Entry entry = MakeEntry(begin, end, reference);
  entry.record_digest = RecordDigest(AsBytes(begin_payload), AsBytes(end_payload));
  // A file that grew since it was listed can be larger than what fits into one chunk.
  bool inlined = contents.bytes.size() <= kInlineBytes && begin.metadata.opaque_records.empty();
  if (reference == nullptr && inlined) {
    std::string head = EncodeWholeHead(begin_payload.size(), end_payload.size());
    entry.record_offset = queue_.AddRecord(
        ItemType::kWhole, begin.ordinal,
        {AsBytes(head), AsBytes(begin_payload), AsBytes(end_payload)}, std::move(contents));
    queue_.AddEntry(std::move(entry));
    return;
  }
  queue_.OpenObject(begin.ordinal, AsBytes(begin_payload));
  for (const OpaqueRecord& record : begin.metadata.opaque_records) {
    AddOpaqueRecord(queue_, begin.ordinal, record);
  }
  if (reference != nullptr) {
    std::string payload = EncodeReference(*reference);
    queue_.AddRecord(ItemType::kReference, begin.ordinal, {AsBytes(payload)});
  } else {
    for (uint64_t offset = 0; offset < contents.bytes.size(); offset += kInlineBytes) {
      std::string head;
      AppendDataHead(head, {begin.ordinal, 0, offset});
      ByteSpan rest = contents.bytes.subspan(offset);
      ByteSpan data = rest.first(std::min<size_t>(kInlineBytes, rest.size()));
      queue_.AddRecord(ItemType::kData, begin.ordinal, {AsBytes(head), data});
    }
  }
  queue_.CloseObject(std::move(entry), AsBytes(end_payload));
}

void Packer::LimitAttributes(Metadata& metadata) {
  // Half the limit leaves room for path, names and item heads.
  size_t room = limits::kMaxAttributeBytes / 2;
  size_t kept = 0;
  size_t used = 0;
  while (kept < metadata.xattrs.size()) {
    used += metadata.xattrs[kept].name.size() + metadata.xattrs[kept].value.size() + 32;
    if (used > room) break;
    ++kept;
  }
  if (kept == metadata.xattrs.size()) return;
  report_.Warn(metadata.path, std::to_string(metadata.xattrs.size() - kept) +
                                  " extended attributes are left out: over 4 MiB in all");
  metadata.xattrs.resize(kept);
}

}  // namespace tapir
