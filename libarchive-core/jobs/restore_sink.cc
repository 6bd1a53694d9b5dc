#include "jobs/restore_sink.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <random>
#include <utility>

#include "jobs/restored_copy.h"

namespace tapir {
namespace {

// Chunks whose files are being written at the same time.
constexpr size_t kJobsInFlight = 8;

// After these nothing else can be written either.
bool EndsTheRun(const Status& status) {
  int error = status.sys_errno();
  return error == ENOSPC || error == EDQUOT || error == EROFS || error == EIO;
}

// The object is not for this target, whatever room it has.
bool CannotHold(const Status& status) {
  const int error = status.sys_errno();
  return status.code() == StatusCode::kUnsupported || error == ENAMETOOLONG || error == EILSEQ ||
         error == EFBIG;
}

}  // namespace

std::string HiddenPathOf(const std::string& what) {
  static const uint32_t kRun = std::random_device()();
  return fmt::format("{}{:08x}-{}", kHiddenPrefix, kRun, what);
}

RestoreSink::RestoreSink(ObjectTarget& target, RestorePlan& plan, const Options& options)
    : target_(target), plan_(&plan), options_(options), jobs_(options.threads, kJobsInFlight) {}

void RestoreSink::Say(NoticeKind kind, const std::string& path, const std::string& text) {
  const std::lock_guard lock(hidden_mutex_);
  const auto hidden = hidden_.find(path);
  options_.reporter->Report(kind, hidden == hidden_.end() ? path : hidden->second, text);
}

void RestoreSink::Damaged(const Damage& damage) {
  bool counts = damage.kind != DamageKind::kUnusedTail;
  if (!counts) return;
  ++damages_;
  std::string place = damage.path.empty() ? "unit " + std::to_string(damage.unit) : damage.path;
  Say(NoticeKind::kDamage, place, damage.text);
}

// Counts and tells the outcome for one object. Runs on any thread.
void RestoreSink::Account(const Metadata& metadata, uint64_t size, const Status& status) {
  if (status.ok()) {
    ++counts_.restored;
    counts_.content_bytes += size;
    if (options_.progress != nullptr) {
      options_.progress->objects += 1;
      options_.progress->content_bytes += size;
    }
    if (SisLinks* links = Links()) links->Restored(metadata);
    return;
  }
  if (status.code() == StatusCode::kExists) {
    ++counts_.kept;
    Say(NoticeKind::kWarning, metadata.path, "kept as it is: something is there already");
    return;
  }
  if (status.code() == StatusCode::kCorrupt) {
    ++counts_.damaged;
    Say(NoticeKind::kDamage, metadata.path, status.message());
    return;
  }
  if (CannotHold(status)) {
    ++counts_.refused;
    Say(NoticeKind::kWarning, metadata.path, "not restored: " + status.message());
    return;
  }
  ++counts_.failed;
  Say(NoticeKind::kFailure, metadata.path, status.message());
  if (!EndsTheRun(status)) return;
  std::lock_guard lock(fatal_mutex_);
  if (fatal_.ok()) fatal_ = status;
}

Status RestoreSink::Fatal() {
  std::lock_guard lock(fatal_mutex_);
  return fatal_;
}

// Under which metadata an object is restored, if it is.
std::optional<Metadata> RestoreSink::Choose(uint64_t ordinal, const Metadata& metadata,
                                            ObjectStatus status) {
  std::optional<Metadata> chosen;
  if (plan_->IsSelected(ordinal, metadata)) {
    if (SisLinks* links = Links(); links != nullptr && links->IsThere(metadata)) {
      plan_->Settled(ordinal);
      return std::nullopt;
    }
    chosen = metadata;
  } else if (std::optional<std::string> promoted = plan_->PromotedPath(ordinal)) {
    chosen = metadata;
    chosen->path = *promoted;
    if (metadata.ntfs && !metadata.ntfs->short_name.empty()) {
      auto of_all_names = std::make_shared<NtfsMetadata>(*metadata.ntfs);
      of_all_names->short_name.clear();
      chosen->ntfs = std::move(of_all_names);
    }
  } else if (std::optional<std::string> hidden = plan_->HiddenPath(ordinal)) {
    chosen.emplace();
    chosen->path = *hidden;
    chosen->mode = 0600;
    chosen->size = metadata.size;
    const std::lock_guard lock(hidden_mutex_);
    hidden_.emplace(*hidden, metadata.path);
  }
  if (!chosen) return chosen;
  const bool is_link = chosen->type == ObjectType::kRegular && SisCopies::IsLink(*chosen);
  if (Copies() != nullptr && is_link) chosen = SisCopies::AsFile(*chosen);
  if (status == ObjectStatus::kUnreadable) {
    plan_->Settled(ordinal);
    ++counts_.unreadable;
    Say(NoticeKind::kWarning, chosen->path, "could not be read when it was archived; not restored");
    return std::nullopt;
  }
  if (status != ObjectStatus::kOk) {
    Say(NoticeKind::kWarning, chosen->path, "had changed while it was archived");
  }
  bool has_names = metadata.link_count > 1 && metadata.type != ObjectType::kDirectory &&
                   metadata.type != ObjectType::kHardLink;
  if (has_names) {
    uint32_t restored = plan_->NamesOf(ordinal, metadata.link_count);
    if (earlier_names_.contains(metadata.earlier_name)) {
      // The volume before counted these as missing.
      counts_.links_outside -= restored;
    } else {
      counts_.links_outside += metadata.link_count - std::min(restored, metadata.link_count);
    }
    earlier_names_.insert(chosen->path);
  }
  if (plan_->Replaces(*chosen)) {
    jobs_.Wait();
    Status removed = target_.Remove(chosen->path);
    if (!removed.ok()) Say(NoticeKind::kWarning, chosen->path, removed.message());
  }
  return chosen;
}

SisLinks* RestoreSink::Links() const {
  return options_.sis != nullptr && options_.sis->links ? &*options_.sis->links : nullptr;
}

SisCopies* RestoreSink::Copies() const {
  return options_.sis != nullptr && options_.sis->copies ? &*options_.sis->copies : nullptr;
}

bool RestoreSink::IsCopyOfLink(const Metadata& metadata) const {
  return Copies() != nullptr && metadata.type == ObjectType::kRegular && metadata.ntfs &&
         metadata.ntfs->sis.role == SisRole::kLink;
}

Status RestoreSink::MakeCopyOfLink(const Metadata& metadata, ByteSpan contents) {
  TAPIR_ASSIGN_OR_RETURN(const std::unique_ptr<TargetFile> file, target_.OpenFile(metadata));
  TAPIR_RETURN_IF_ERROR(Copies()->Fill(metadata, *file));
  if (!contents.empty()) TAPIR_RETURN_IF_ERROR(file->WriteAt(0, contents));
  return file->Commit(metadata, metadata.size);
}

// A further name of a file that an earlier volume of the session brought stays one.
Result<bool> RestoreSink::LinkToEarlier(uint64_t ordinal, const Metadata& metadata) {
  if (metadata.earlier_name.empty() || !earlier_names_.contains(metadata.earlier_name)) {
    return false;
  }
  jobs_.Wait();
  Status linked = target_.MakeHardLink(metadata.earlier_name, metadata);
  if (linked.code() == StatusCode::kNotFound) return false;
  plan_->Settled(ordinal);
  TAPIR_RETURN_IF_ERROR(plan_->Remember(ordinal, metadata.path));
  Account(metadata, 0, linked);
  return true;
}

Status RestoreSink::Whole(const ParsedRecord& record, const DecodedChunk& /*chunk*/) {
  std::optional<Metadata> chosen = Choose(record.ordinal, record.begin.metadata, record.end.status);
  if (!chosen) return Fatal();
  TAPIR_ASSIGN_OR_RETURN(bool linked, LinkToEarlier(record.ordinal, *chosen));
  if (linked) return Fatal();
  return TakeSmall(record.ordinal, *std::move(chosen), record.bytes);
}

Status RestoreSink::TakeSmall(uint64_t ordinal, Metadata metadata, ByteSpan contents) {
  plan_->Settled(ordinal);
  switch (metadata.type) {
    case ObjectType::kDirectory: Account(metadata, 0, target_.MakeDirectory(metadata)); break;
    case ObjectType::kRegular:
      TAPIR_RETURN_IF_ERROR(plan_->Remember(ordinal, metadata.path));
      if (IsCopyOfLink(metadata)) {
        Account(metadata, metadata.size, MakeCopyOfLink(metadata, contents));
        break;
      }
      batch_.push_back({std::move(metadata), contents});
      break;
    case ObjectType::kHardLink: links_.push_back(std::move(metadata)); break;
    default:
      TAPIR_RETURN_IF_ERROR(plan_->Remember(ordinal, metadata.path));
      Account(metadata, 0, target_.MakeNode(metadata));
      break;
  }
  return Fatal();
}

Status RestoreSink::ChunkDone(const DecodedChunk& chunk) {
  if (!batch_.empty()) {
    auto batch = std::make_shared<std::vector<SmallFile>>(std::exchange(batch_, {}));
    jobs_.Submit([this, batch, owner = chunk.raw.owner] {
      for (const SmallFile& file : *batch) {
        if (!Fatal().ok()) return;
        Account(file.metadata, file.contents.size(),
                target_.MakeFile(file.metadata, file.contents));
      }
    });
  }
  if (!links_.empty()) {
    jobs_.Wait();
    for (const Metadata& link : std::exchange(links_, {})) {
      TAPIR_ASSIGN_OR_RETURN(std::optional<std::string> primary,
                             plan_->RestoredPath(link.primary_ordinal));
      if (primary && *primary == link.path) {
        // It got the contents itself.
        const Status adopted = target_.AdoptName(link);
        if (!adopted.ok()) Account(link, 0, adopted);
        continue;
      }
      Status linked = primary ? target_.MakeHardLink(*primary, link) : NotFound("no first name");
      if (linked.code() != StatusCode::kNotFound) {
        Account(link, 0, linked);
      } else {
        // Why its first name is not there was told, and counts for the outcome, with that one.
        ++counts_.kept;
        Say(NoticeKind::kWarning, link.path,
            "not linked: its first name '" + link.primary_path + "' was not restored");
      }
    }
  }
  return Fatal();
}

// Goes on with the file whose beginning was on the volume before.
bool RestoreSink::TakeUpCarried(const Metadata& metadata) {
  bool fits = carried_ && metadata.fragment_offset == carried_->written_end &&
              metadata.path == carried_->metadata.path;
  if (fits) {
    open_ = std::exchange(carried_, std::nullopt);
    open_->begin_bytes = open_->written_end;
    open_->reference.reset();
  }
  return fits;
}

// What was to go on did not.
void RestoreSink::GiveUpCarried() {
  if (!carried_) return;
  ++counts_.continued;
  Say(NoticeKind::kWarning, carried_->metadata.path,
      carried_->headless ? "only a part of it is at hand; not restored"
                         : "goes on on the next volume; not restored");
  KeepPartial(*carried_);
  carried_.reset();
}

void RestoreSink::KeepPartial(OpenFile& open) {
  if (!options_.keep_partial || open.written_end == 0) return;
  Status kept = open.file->KeepPartial(open.metadata, open.written_end);
  if (kept.ok()) {
    ++counts_.partial;
    Say(NoticeKind::kWarning, open.metadata.path + ".tapir-partial", "is a part of it");
  } else {
    Account(open.metadata, 0, kept);
  }
}

Status RestoreSink::Begin(const AssembledObject& object) {
  open_.reset();
  const Metadata& metadata = object.begin.metadata;
  if (TakeUpCarried(metadata)) return Fatal();
  bool with_streams = target_.keeps_further_streams() && !metadata.further_streams.empty();
  if (metadata.type != ObjectType::kRegular && !with_streams) return OkStatus();
  std::optional<Metadata> chosen = Choose(object.begin.ordinal, metadata, ObjectStatus::kOk);
  if (!chosen) return Fatal();
  TAPIR_ASSIGN_OR_RETURN(bool linked, LinkToEarlier(object.begin.ordinal, *chosen));
  if (linked) return Fatal();
  Result<std::unique_ptr<TargetFile>> file = target_.OpenFile(*chosen);
  if (file.ok() && IsCopyOfLink(*chosen)) {
    Status filled = Copies()->Fill(*chosen, **file);
    if (!filled.ok()) file = std::move(filled);
  }
  if (!file.ok() && metadata.type == ObjectType::kDirectory) {
    // It is made without them when it ends.
    ++counts_.failed;
    Say(NoticeKind::kFailure, chosen->path, "its streams: " + file.status().message());
    return Fatal();
  }
  if (!file.ok()) {
    plan_->Settled(object.begin.ordinal);
    Account(*chosen, 0, file.status());
    return Fatal();
  }
  bool headless = metadata.fragment_offset.has_value();
  with_streams &= !chosen->further_streams.empty();
  open_.emplace(OpenFile{.metadata = *std::move(chosen),
                         .file = *std::move(file),
                         .digester = ContentDigester(true),
                         .headless = headless,
                         .with_streams = with_streams});
  return OkStatus();
}

Status RestoreSink::Refer(const AssembledObject& /*object*/, const Reference& reference) {
  if (open_) open_->reference = reference;
  return OkStatus();
}

// Brings the contents referred to from where this run restored them. They are digested on the way.
Status RestoreSink::CopyReference(const Reference& reference) {
  TAPIR_ASSIGN_OR_RETURN(std::optional<std::string> from,
                         plan_->RestoredPath(reference.target_ordinal));
  if (!from) return Corrupt("it has the contents of an object that was not restored");
  // What was put off until the end of the chunk may be the file wanted.
  if (!batch_.empty()) {
    for (const SmallFile& file : std::exchange(batch_, {})) {
      Account(file.metadata, file.contents.size(), target_.MakeFile(file.metadata, file.contents));
    }
  }
  jobs_.Wait();
  return CopyRestored(target_, *from, reference.length, open_->digester, *open_->file);
}

Status RestoreSink::WriteContents(uint64_t offset_bytes, ByteSpan data) {
  if (open_->reference) {
    if (open_->digester.end_bytes() == 0) TAPIR_RETURN_IF_ERROR(CopyReference(*open_->reference));
    open_->digester.Data(offset_bytes, data);
  }
  offset_bytes += open_->begin_bytes;
  open_->written_end = offset_bytes + data.size();
  return open_->file->WriteAt(offset_bytes, data);
}

void RestoreSink::TellRecords(const AssembledObject& object) {
  if (std::exchange(open_->told_records, true)) return;
  if (!object.opaque_records.empty()) open_->file->TakeRecords(object.opaque_records);
}

Status RestoreSink::Data(const AssembledObject& object, uint32_t stream_number,
                         uint64_t offset_bytes, ByteSpan data) {
  if (!open_ || (stream_number != 0 && !open_->with_streams)) return OkStatus();
  TellRecords(object);
  Status written = stream_number == 0
                       ? WriteContents(offset_bytes, data)
                       : open_->file->WriteStreamAt(stream_number, offset_bytes, data);
  if (options_.progress != nullptr) options_.progress->content_bytes += data.size();
  if (written.ok()) return OkStatus();
  plan_->Settled(object.begin.ordinal);
  Account(open_->metadata, 0, written);
  open_.reset();
  return Fatal();
}

// With a reference the proof is made here, from what was copied and what came itself.
Status RestoreSink::CommitOpen(const AssembledObject& object, Proof proof) {
  static const StreamEnd kNoContents;
  const bool has_contents = object.end.contents() != nullptr;
  const StreamEnd& contents = has_contents ? *object.end.contents() : kNoContents;
  if (open_->reference) {
    if (open_->digester.end_bytes() == 0) {
      TAPIR_RETURN_IF_ERROR(CopyReference(*open_->reference));
    }
    if (open_->digester.end_bytes() > contents.size) return Corrupt("it is too long");
    ContentDigester::Outcome outcome = open_->digester.Finish(contents.size);
    bool right = outcome.digests.xxh128 == contents.digests.xxh128 &&
                 (!contents.has_sha256 || outcome.digests.sha256 == contents.digests.sha256);
    if (!right) return Corrupt("the contents differ from their digest");
  } else if (proof != Proof::kDigest) {
    return Corrupt("the contents are not proven");
  }
  open_->written_end = open_->begin_bytes + contents.size;
  bool whole = object.end.status != ObjectStatus::kContinued && !open_->headless;
  if (!whole) {
    GiveUpCarried();
    carried_ = std::exchange(open_, std::nullopt);
    return OkStatus();
  }
  for (const StreamEnd& stream : object.end.streams) {
    if (stream.stream_number == 0 || !open_->with_streams) continue;
    TAPIR_RETURN_IF_ERROR(open_->file->EndStream(stream.stream_number, stream.size));
  }
  open_->metadata.opaque_records = object.opaque_records;
  TAPIR_RETURN_IF_ERROR(open_->file->Commit(open_->metadata, open_->written_end));
  return plan_->Remember(object.begin.ordinal, open_->metadata.path);
}

void RestoreSink::TellLostStreams(const AssembledObject& object) {
  const Metadata& metadata = object.begin.metadata;
  if (target_.keeps_further_streams() || metadata.further_streams.empty()) return;
  Say(NoticeKind::kWarning, metadata.path, "its further streams are not restored");
}

Status RestoreSink::End(const AssembledObject& object, Proof proof) {
  uint64_t ordinal = object.begin.ordinal;
  if (object.begin.metadata.type != ObjectType::kRegular && !open_) {
    std::optional<Metadata> chosen = Choose(ordinal, object.begin.metadata, object.end.status);
    if (!chosen) return Fatal();
    TellLostStreams(object);
    return TakeSmall(ordinal, *std::move(chosen), {});
  }
  if (!open_) return Fatal();
  plan_->Settled(ordinal);
  OpenFile& open = *open_;
  if (object.end.status == ObjectStatus::kUnreadable) {
    ++counts_.unreadable;
    Say(NoticeKind::kWarning, open.metadata.path,
        "could not be read when it was archived; not restored");
  } else {
    Status committed = CommitOpen(object, proof);
    if (open_) {
      Account(open.metadata, open.written_end, committed);
    }
    if (open_ && committed.ok()) TellLostStreams(object);
  }
  open_.reset();
  return Fatal();
}

void RestoreSink::Abandon(const AssembledObject& object) {
  if (!open_) return;
  plan_->Settled(object.begin.ordinal);
  ++counts_.damaged;
  Say(NoticeKind::kDamage, open_->metadata.path, "cannot be read to its end from the volume");
  KeepPartial(*open_);
  open_.reset();
}

Status RestoreSink::SessionBegin(const ForwardSession& session) {
  return plan_->SessionBegin(session);
}

Status RestoreSink::SessionEnd(const ForwardSession& /*session*/) {
  jobs_.Wait();
  if (!plan_->KeepsHidden()) RemoveHidden();
  return Fatal();
}

void RestoreSink::RemoveHidden() {
  for (const auto& [path, owner] : std::exchange(hidden_, {})) {
    Status removed = target_.Remove(path);
    if (removed.ok()) --counts_.restored;
    // What could not be restored was told.
    if (removed.ok() || removed.code() == StatusCode::kNotFound) continue;
    options_.reporter->Report(NoticeKind::kWarning, path, removed.message());
  }
}

Status RestoreSink::Flush() {
  jobs_.Wait();
  batch_.clear();
  open_.reset();
  return Fatal();
}

Status RestoreSink::Finish() {
  GiveUpCarried();
  Status flushed = Flush();
  RemoveHidden();
  return flushed;
}

}  // namespace tapir
