#include "ntfs/volume_writer.h"

#include <utility>

#include "ntfs/name_calls.h"
#include "ntfs/short_name.h"
#include "tapir/windows/wtf8.h"

namespace tapir::ntfs {

void VolumeWriter::TellLosses(const std::string& path, const std::vector<std::string>& losses) {
  for (const std::string& loss : losses) {
    reporter_.Report(NoticeKind::kWarning, path, "not kept: " + loss);
  }
}

Result<uint64_t> VolumeWriter::MakeParent(const std::string& path) {
  Result<Found> found = directories_.Find(path);
  if (found.ok()) {
    if (found->is_directory) return found->reference;
    return Exists("'" + path + "' is a file");
  }
  if (found.status().code() != StatusCode::kNotFound) return std::move(found).status();
  TAPIR_ASSIGN_OR_RETURN(const SplitPath split, Split(path));
  TAPIR_ASSIGN_OR_RETURN(const uint64_t parent, MakeParent(split.parent));
  TAPIR_ASSIGN_OR_RETURN(const uint64_t made,
                         CreateName(*volume_, parent, split.name, true, Security::kNone));
  bare_.insert(made);
  return made;
}

void VolumeWriter::TellCaseClash(uint64_t parent, const std::u16string& name,
                                 const Metadata& metadata) {
  const Result<std::optional<Found>> other = directories_.FindIn(parent, name, true);
  if (!other.ok() || !*other) return;
  // On a volume that it came from so it may have stood.
  const bool came_so = metadata.ntfs && metadata.ntfs->file_reference != 0;
  reporter_.Report(came_so ? NoticeKind::kNote : NoticeKind::kWarning, metadata.path,
                   "differs only in case from another name there: Windows shows one of them");
}

void VolumeWriter::GiveShortName(uint64_t reference, const std::string& path,
                                 const NtfsMetadata& ntfs) {
  if (ntfs.short_name.empty()) return;
  const Status given = [&]() -> Status {
    TAPIR_ASSIGN_OR_RETURN(const SplitPath split, Split(path));
    TAPIR_ASSIGN_OR_RETURN(const Found parent, directories_.Find(split.parent));
    const std::optional<std::u16string> short_name = Utf16(ntfs.short_name);
    if (!short_name) return InvalidArgument("is not UTF-8");
    return SetShortName(*volume_, parent.reference, reference, split.name, *short_name);
  }();
  if (!given.ok()) {
    TellLosses(path, {"its short name " + ntfs.short_name + ": " + given.message()});
  }
}

Result<Placed> VolumeWriter::Place(const Metadata& metadata) {
  const std::string& path = metadata.path;
  const bool is_directory = metadata.type == ObjectType::kDirectory;
  if (path == ".") return Placed{FILE_root, path, {}, bare_.erase(FILE_root) == 0};
  TAPIR_ASSIGN_OR_RETURN(const SplitPath split, Split(path));
  TAPIR_ASSIGN_OR_RETURN(const uint64_t parent, MakeParent(split.parent));
  TAPIR_ASSIGN_OR_RETURN(const std::optional<Found> there, directories_.FindIn(parent, split.name));
  if (there && is_directory && there->is_directory) {
    return Placed{there->reference, path, {}, bare_.erase(there->reference) == 0};
  }
  const bool replaces = there && overwrite_ && !there->is_directory && !is_directory;
  if (there && !replaces) return Exists("'" + path + "' is there");
  if (!there) TellCaseClash(parent, split.name, metadata);
  Placed placed;
  placed.path = path;
  std::u16string name = split.name;
  if (replaces) {
    const std::string temporary = ".tapir-" + std::to_string(next_temporary_++);
    name = *Utf16(temporary);
    placed.temporary_path = split.parent == "." ? temporary : split.parent + "/" + temporary;
  }
  TAPIR_ASSIGN_OR_RETURN(placed.reference,
                         CreateName(*volume_, parent, name, is_directory, Security::kNone));
  return placed;
}

Status VolumeWriter::Settle(const Placed& placed, const NtfsMetadata& ntfs) {
  if (!placed.temporary_path.empty()) {
    TAPIR_RETURN_IF_ERROR(Remove(placed.path));
    TAPIR_RETURN_IF_ERROR(Rename(placed.temporary_path, placed.path));
  }
  const bool named = !placed.taken_over && placed.path != ".";
  if (named) GiveShortName(placed.reference, placed.path, ntfs);
  if (!placed.taken_over || overwrite_) made_.Add(placed.reference, ntfs);
  return OkStatus();
}

void VolumeWriter::Discard(const Placed& placed) {
  if (placed.taken_over || placed.path == ".") return;
  (void)Remove(placed.temporary_path.empty() ? placed.path : placed.temporary_path).ok();
}

Status VolumeWriter::AddName(uint64_t reference, const std::string& path) {
  TAPIR_ASSIGN_OR_RETURN(const SplitPath split, Split(path));
  TAPIR_ASSIGN_OR_RETURN(const uint64_t parent, MakeParent(split.parent));
  TAPIR_ASSIGN_OR_RETURN(const std::optional<Found> there, directories_.FindIn(parent, split.name));
  if (there && (!overwrite_ || there->is_directory)) return Exists("'" + path + "' is there");
  if (there) TAPIR_RETURN_IF_ERROR(Remove(path));
  return ntfs::AddName(*volume_, parent, split.name, reference);
}

Status VolumeWriter::Link(const std::string& primary_path, const Metadata& metadata) {
  TAPIR_ASSIGN_OR_RETURN(const Found primary, directories_.Find(primary_path));
  TAPIR_ASSIGN_OR_RETURN(const SplitPath split, Split(metadata.path));
  TAPIR_ASSIGN_OR_RETURN(const uint64_t parent, MakeParent(split.parent));
  TAPIR_ASSIGN_OR_RETURN(const std::optional<Found> there, directories_.FindIn(parent, split.name));
  if (!there) TellCaseClash(parent, split.name, metadata);
  TAPIR_RETURN_IF_ERROR(AddName(primary.reference, metadata.path));
  if (metadata.ntfs) GiveShortName(primary.reference, metadata.path, *metadata.ntfs);
  return OkStatus();
}

Status VolumeWriter::AdoptName(const Metadata& metadata) {
  const Result<Found> found = directories_.Find(metadata.path);
  if (found.status().code() == StatusCode::kNotFound) return OkStatus();
  if (!found.ok()) return found.status();
  const bool is_own = metadata.ntfs && made_.Contains(found->reference);
  if (is_own) GiveShortName(found->reference, metadata.path, *metadata.ntfs);
  return OkStatus();
}

Status VolumeWriter::Remove(const std::string& path) {
  TAPIR_ASSIGN_OR_RETURN(const SplitPath split, Split(path));
  TAPIR_ASSIGN_OR_RETURN(const Found parent, directories_.Find(split.parent));
  TAPIR_ASSIGN_OR_RETURN(const Found found, directories_.Find(path));
  directories_.Forget(path);
  TAPIR_RETURN_IF_ERROR(RemoveName(*volume_, parent.reference, split.name, found.reference));
  const bool has_other_names = OpenInode(*volume_, found.reference).ok();
  if (!has_other_names) made_.Remove(found.reference);
  return OkStatus();
}

Status VolumeWriter::Rename(const std::string& from, const std::string& to) {
  TAPIR_ASSIGN_OR_RETURN(const Found found, directories_.Find(from));
  TAPIR_RETURN_IF_ERROR(AddName(found.reference, to));
  return Remove(from);
}

}  // namespace tapir::ntfs
