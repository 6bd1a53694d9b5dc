#include "tapir/jobs/encrypted_list_job.h"

#include <algorithm>
#include <utility>

#include "jobs/entry_view.h"
#include "jobs/volume_set.h"
#include "jobs/volume_shelf.h"
#include "object/content_reader.h"
#include "object/record_parser.h"
#include "tapir/windows/efs_raw.h"

namespace tapir {
namespace {

// Reads what objects of one session have at their beginning. Asked in their order.
class BeginReader {
 public:
  BeginReader(BlockDevice& device, const Label& label)
      : chunks_(device, ReaderOptions(label)), contents_(device, label) {}

  Result<EncryptedObject> Read(const Entry& entry) {
    TAPIR_RETURN_IF_ERROR(ReadChunk({{entry.block_object, entry.block_unit}, entry.chunk_offset}));
    const ParsedChunk parsed = ParseRecords(raw_, {.check_digests = false});
    for (const ParsedRecord& record : parsed.records) {
      const bool begins = record.is(ItemType::kWhole) || record.is(ItemType::kObjectBegin);
      if (begins && record.ordinal == entry.ordinal) return Describe(entry, record.begin.metadata);
    }
    return Corrupt("does not stand where the index says");
  }

 private:
  Status ReadChunk(const Locator& place) {
    if (place_ == place) return OkStatus();
    place_.reset();
    TAPIR_RETURN_IF_ERROR(chunks_.Seek(place));
    TAPIR_ASSIGN_OR_RETURN(const ChunkEvent event, chunks_.Next());
    const bool there = event.kind == ChunkEvent::Kind::kChunk && event.chunk.locator == place;
    if (!there) return Corrupt("something else stands where it should");
    TAPIR_ASSIGN_OR_RETURN(raw_, ExpandChunk(event.chunk, decompressor_));
    place_ = place;
    return OkStatus();
  }

  Result<EncryptedObject> Describe(const Entry& entry, const Metadata& metadata) {
    EncryptedObject object;
    object.path = entry.path;
    if (!metadata.ntfs) return object;
    const NtfsMetadata& ntfs = *metadata.ntfs;
    if (ntfs.efs_metadata.empty()) {
      TAPIR_RETURN_IF_ERROR(DescribeExport(entry, object));
      if (object.raw_export) return object;
    }
    const bool has_contents = metadata.type != ObjectType::kDirectory;
    object.stream_count = metadata.further_streams.size() + (has_contents ? 1 : 0);
    const NtfsStream* contents = ntfs.stream(0);
    object.size = contents != nullptr ? contents->size : metadata.size;
    object.metadata = ParseEfsMetadata(AsBytes(ntfs.efs_metadata));
    object.findings = object.metadata.findings;
    return object;
  }

  // If the contents are a raw export, sums it up.
  Status DescribeExport(const Entry& entry, EncryptedObject& object) {
    if (entry.type != ObjectType::kRegular || entry.size == 0) return OkStatus();
    EfsRawValidator validator;
    bool begun = false;
    place_.reset();
    Status read = contents_.Read(entry, [&](uint64_t /*offset*/, ByteSpan data) {
      if (!begun && !LooksLikeEfsRaw(data)) return Cancelled("something else");
      begun = true;
      validator.Feed(data);
      return OkStatus();
    });
    if (!begun && read.code() == StatusCode::kCancelled) return OkStatus();
    TAPIR_RETURN_IF_ERROR(read);
    EfsRawSummary summary = validator.Finish();
    object.raw_export = true;
    object.stream_count = summary.streams.size();
    for (const EfsRawStreamSummary& stream : summary.streams) {
      if (stream.name == "::$DATA") object.size = stream.size;
    }
    object.metadata = std::move(summary.metadata);
    object.findings = std::move(summary.findings);
    return OkStatus();
  }

  ChunkReader chunks_;
  ContentReader contents_;
  Decompressor decompressor_;
  std::optional<Locator> place_;
  RawChunk raw_;
};

using EntriesOfSessions = std::vector<std::vector<Entry>>;

Result<EntriesOfSessions> FindEncrypted(EntryView& view, ListReport& report) {
  EntriesOfSessions found(view.sessions().size());
  for (;;) {
    TAPIR_ASSIGN_OR_RETURN(std::optional<ViewedEntry> viewed, view.Next());
    if (!viewed) break;
    if (viewed->entry.type >= ObjectType::kTombstone) continue;
    const ViewedEntry& begun = viewed->before.empty() ? *viewed : viewed->before.front();
    if ((begun.entry.file_attributes & kWindowsEncrypted) == 0) continue;
    found[begun.session].push_back(begun.entry);
  }
  report.unmatched_patterns = view.UnmatchedPatterns();
  report.unsupported_sessions = view.unsupported_sessions();
  return found;
}

bool Opens(const EfsMetadata& metadata, const std::string& thumbprint) {
  return thumbprint.empty() || std::ranges::any_of(metadata.keys, [&](const EfsKeyEntry& key) {
           return key.thumbprint == thumbprint;
         });
}

Damage Unreadable(const Entry& entry, uint32_t session, const Status& status) {
  Damage damage;
  damage.kind = DamageKind::kRecord;
  damage.object = entry.block_object;
  damage.unit = entry.block_unit;
  damage.session_number = session;
  damage.text = status.message();
  damage.path = entry.path;
  return damage;
}

}  // namespace

Result<ListReport> ListEncrypted(const EncryptedListRequest& request,
                                 const std::function<Status(const EncryptedObject&)>& take) {
  ListReport report;
  const Selection& selection = request.selection;
  TAPIR_ASSIGN_OR_RETURN(OpenedSet set, OpenSetToRead(request.volume, selection.next_volumes));
  if (!set.back().state) {
    return InvalidArgument("encrypted objects are looked up in the index first; save " +
                           request.volume + " to a file");
  }
  report.torn = set.back().torn();
  TAPIR_ASSIGN_OR_RETURN(EntryView view,
                         EntryView::Open(set, selection, report.damages, OthersFor(selection)));
  TAPIR_ASSIGN_OR_RETURN(const EntriesOfSessions found, FindEncrypted(view, report));
  report.missing_volumes = MissingVolumes(set, view.sessions());
  VolumeShelf shelf(set, selection.find_volume, request.reporter);
  for (size_t i = 0; i < found.size(); ++i) {
    if (found[i].empty()) continue;
    const SessionPlace& place = view.sessions()[i];
    Result<OpenedVolume*> opened = shelf.VolumeOf(place);
    if (!opened.ok()) continue;  // told by the shelf
    BeginReader reader(*(*opened)->device, (*opened)->state->label);
    for (const Entry& entry : found[i]) {
      Result<EncryptedObject> object = reader.Read(entry);
      if (!object.ok() && EndsReading(object.status().code())) return object.status();
      if (!object.ok()) {
        report.damages.push_back(Unreadable(entry, place.number, object.status()));
        continue;
      }
      object->session_number = place.number;
      if (!Opens(object->metadata, request.thumbprint)) continue;
      TAPIR_RETURN_IF_ERROR(take(*object));
      ++report.listed;
    }
  }
  return report;
}

}  // namespace tapir
