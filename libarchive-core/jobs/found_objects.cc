#include "jobs/found_objects.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "jobs/difference_text.h"
#include "jobs/ntfs_difference.h"

namespace tapir {
namespace {

// One stream of an object as if it were all of it.
class StreamView : public SourceObject {
 public:
  StreamView(SourceObject& object, uint32_t number) : object_(object), number_(number) {}

  Status Open(Metadata&, std::vector<std::string>&) override { return OkStatus(); }
  Result<size_t> ReadAt(uint64_t offset_bytes, std::span<std::byte> buffer) override {
    return object_.ReadStreamAt(number_, offset_bytes, buffer);
  }
  Result<std::vector<Extent>> Extents(uint64_t size_bytes) override {
    return object_.StreamExtents(number_, size_bytes);
  }
  ObjectStatus Close() override { return ObjectStatus::kOk; }

 private:
  SourceObject& object_;
  uint32_t number_;
};

std::string NameOfStream(const Metadata& metadata, uint32_t number) {
  for (const FurtherStream& stream : metadata.further_streams) {
    if (stream.number == number) return stream.name;
  }
  return {};
}

// Streams are numbered anew by each source.
std::optional<SourceStream> FindStream(std::vector<SourceStream> streams, const Metadata& live,
                                       const std::string& name) {
  for (const SourceStream& stream : streams) {
    if (NameOfStream(live, stream.number) == name) return stream;
  }
  return std::nullopt;
}

}  // namespace

Result<bool> FoundObjects::IsPrimary(const ComparisonTask& task, const SourceItem& found) const {
  Result<SourceItem> primary = lookup_.Find(task.archived.metadata.primary_path);
  if (primary.status().code() == StatusCode::kNotFound) return false;
  if (!primary.ok()) return std::move(primary).status();
  return primary->identity.inode == found.identity.inode;
}

Status FoundObjects::CompareStreams(const ArchivedObject& archived, const SourceItem& found,
                                    const Metadata& live, std::vector<Difference>& out) const {
  std::vector<const ArchivedContents*> streams;
  if (archived.contents) streams.push_back(&*archived.contents);
  for (const ArchivedContents& stream : archived.further) streams.push_back(&stream);
  const std::string& path = archived.metadata.path;
  for (const ArchivedContents* stream : streams) {
    const std::string name = NameOfStream(archived.metadata, stream->end.stream_number);
    const std::optional<SourceStream> now = FindStream(found.object->Streams(), live, name);
    if (!now) {
      out.push_back({DifferenceKind::kStream, path,
                     name.empty() ? "has no contents any more"
                                  : fmt::format("stream '{}' is not there any more", name)});
      continue;
    }
    StreamView view(*found.object, now->number);
    TAPIR_RETURN_IF_ERROR(CompareStream(*stream, now->size, view, true, path, name, watch_, out));
  }
  for (const FurtherStream& stream : live.further_streams) {
    const auto& known = archived.metadata.further_streams;
    const bool is_known = std::any_of(known.begin(), known.end(), [&](const FurtherStream& one) {
      return one.name == stream.name;
    });
    if (!is_known) {
      out.push_back(
          {DifferenceKind::kStream, path, fmt::format("stream '{}' is new", stream.name)});
    }
  }
  return OkStatus();
}

// The volume has what the export stands for.
Status FoundObjects::CompareRaw(const ArchivedObject& archived, SourceObject& found,
                                const Metadata& live, std::vector<Difference>& out) const {
  const std::string& path = archived.metadata.path;
  if (!archived.raw_export || !archived.metadata.ntfs || !live.ntfs) {
    out.push_back({DifferenceKind::kContent, path, "has a raw export that is malformed"});
    return OkStatus();
  }
  NtfsMetadata wanted = *archived.metadata.ntfs;
  wanted.file_attributes |= live.ntfs->file_attributes & (kWindowsSparse | kWindowsDirectory);
  wanted.efs_metadata = live.ntfs->efs_metadata;
  wanted.streams = live.ntfs->streams;
  Metadata expected = archived.metadata;
  expected.ntfs = std::make_shared<const NtfsMetadata>(std::move(wanted));
  CompareNtfs(expected, live, out);
  const Result<RawExportSums> sums =
      SumEncrypted(found, live, [this](uint64_t bytes) { return watch_.Advance(bytes); });
  if (sums.status().code() == StatusCode::kCancelled) return sums.status();
  if (sums.ok()) {
    CompareSums(*archived.raw_export, *sums, path, out);
  } else {
    out.push_back({DifferenceKind::kUnreadable, path, sums.status().message()});
  }
  return OkStatus();
}

Result<std::vector<Difference>> FoundObjects::Compare(const ComparisonTask& task) const {
  const Metadata& archived = task.archived.metadata;
  std::vector<Difference> out;
  auto add = [&](DifferenceKind kind, std::string text) {
    out.push_back({kind, archived.path, std::move(text)});
  };
  auto add_failure = [&](const Status& status) {
    const bool missing = status.code() == StatusCode::kNotFound;
    add(missing ? DifferenceKind::kMissing : DifferenceKind::kUnreadable,
        missing ? "is not there any more" : status.message());
  };
  Result<SourceItem> found = lookup_.Find(archived.path);
  if (!found.ok()) {
    add_failure(found.status());
    return out;
  }
  Metadata live;
  std::vector<std::string> warnings;
  const Status opened = found->object->Open(live, warnings);
  if (!opened.ok()) {
    add_failure(opened);
    return out;
  }
  const bool is_link = archived.type == ObjectType::kHardLink;
  const std::optional<RawExportSums>& raw = task.archived.raw_export;
  const ObjectType wanted = raw && raw->is_directory() ? ObjectType::kDirectory : archived.type;
  if (live.type != wanted && !(is_link && live.type == ObjectType::kRegular)) {
    add(DifferenceKind::kType,
        fmt::format("was {} and is {} now", TypeInWords(wanted), TypeInWords(live.type)));
    return out;
  }
  for (std::string& warning : warnings) add(DifferenceKind::kUnreadable, std::move(warning));
  if (task.archived.is_raw_export) {
    TAPIR_RETURN_IF_ERROR(CompareRaw(task.archived, *found->object, live, out));
    return out;
  }
  CompareNtfs(archived, live, out);
  bool same_as_primary = false;
  if (task.archived.primary_is_wanted) {
    TAPIR_ASSIGN_OR_RETURN(same_as_primary, IsPrimary(task, *found));
    if (!same_as_primary) {
      add(DifferenceKind::kHardLink,
          fmt::format("is not the same file as '{}' any more", archived.primary_path));
    }
  }
  // The primary's contents are compared under its own name.
  if (!same_as_primary) TAPIR_RETURN_IF_ERROR(CompareStreams(task.archived, *found, live, out));
  return out;
}

}  // namespace tapir
