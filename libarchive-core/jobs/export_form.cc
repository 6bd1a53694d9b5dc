#include "jobs/export_form.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "bytes/cursor.h"
#include "object/foreign_form.h"
#include "tapir/windows/backup_stream_writer.h"
#include "tapir/windows/ea_list.h"
#include "tapir/windows/efs_raw.h"
#include "windows/efs_raw_writer.h"

namespace tapir {
namespace {

constexpr size_t kExportStepBytes = 1u << 20;
constexpr size_t kBackupObjectIdBytes = 64;
constexpr size_t kBackupHeadBytes = 20;

bool IsEncrypted(const NtfsMetadata& ntfs) {
  const bool any_stream =
      std::ranges::any_of(ntfs.streams, [](const NtfsStream& one) { return one.encrypted; });
  return any_stream || !ntfs.efs_metadata.empty() ||
         (ntfs.file_attributes & kWindowsEncrypted) != 0;
}

std::vector<FurtherStream> AllStreams(const Metadata& metadata) {
  std::vector<FurtherStream> streams = metadata.further_streams;
  if (metadata.type == ObjectType::kRegular) streams.insert(streams.begin(), FurtherStream{});
  return streams;
}

// What the volume says of a stream; one of which it says nothing is plain.
Result<NtfsStream> StateOf(const Metadata& metadata, uint32_t number,
                           const ExportContents& contents) {
  const uint64_t size = contents.size(number);
  const NtfsStream* known = metadata.ntfs->stream(number);
  if (known == nullptr) return NtfsStream{.number = number, .size = size, .valid_bytes = size};
  if (!known->encrypted && known->size != size) return Corrupt("a stream has not its length");
  return *known;
}

// Copies what `read` gives, until it gives nothing.
template <typename Read>
Status HandOn(Read read, const TakeExport& take) {
  std::vector<std::byte> buffer(kExportStepBytes);
  for (uint64_t offset = 0;;) {
    TAPIR_ASSIGN_OR_RETURN(const size_t got, read(std::span(buffer)));
    if (got == 0) return OkStatus();
    TAPIR_RETURN_IF_ERROR(take(offset, std::span(buffer).first(got)));
    offset += got;
  }
}

Status CopyContents(ExportContents& contents, const TakeExport& take) {
  const std::vector<Extent> whole = {{0, contents.size(0)}};
  if (contents.size(0) > 0 && contents.Extents(0) != whole)
    return Corrupt("parts of it are missing");
  uint64_t done = 0;
  const auto read = [&](std::span<std::byte> into) -> Result<size_t> {
    const auto size = static_cast<size_t>(std::min<uint64_t>(into.size(), contents.size(0) - done));
    TAPIR_RETURN_IF_ERROR(contents.Read(0, done, into.first(size)));
    done += size;
    return size;
  };
  return HandOn(read, take);
}

Status MakeEfsRaw(const Metadata& metadata, ExportContents& contents, const TakeExport& take) {
  if (HoldsRawExport(metadata.opaque_records)) return CopyContents(contents, take);
  std::vector<RawEncryptedStream> streams;
  std::vector<uint32_t> numbers;
  for (const FurtherStream& head : AllStreams(metadata)) {
    std::optional<std::string> name = EfsRawStreamName(head.name);
    if (!name) return InvalidArgument("a stream's name has no form in a raw export");
    TAPIR_ASSIGN_OR_RETURN(const NtfsStream state, StateOf(metadata, head.number, contents));
    RawEncryptedStream& stream = streams.emplace_back();
    stream.raw_name = *std::move(name);
    stream.encrypted = state.encrypted;
    stream.size = state.size;
    stream.valid_data_length = state.valid_bytes;
    stream.sparse = state.sparse;
    for (const Extent& extent : contents.Extents(head.number)) {
      stream.extents.push_back({extent.offset_bytes, extent.length_bytes});
    }
    numbers.push_back(head.number);
  }
  const auto pull = [&](size_t stream, uint64_t offset, std::span<std::byte> into) {
    return contents.Read(numbers[stream], offset, into);
  };
  TAPIR_ASSIGN_OR_RETURN(EfsRawWriter writer,
                         EfsRawWriter::Make(metadata.ntfs->efs_metadata, std::move(streams), pull));
  return HandOn([&](std::span<std::byte> into) { return writer.Read(into); }, take);
}

std::optional<std::string> UnlessEmpty(const std::string& bytes) {
  return bytes.empty() ? std::nullopt : std::optional(bytes);
}

// The parts of an object of a volume; part.stream is the number of a stream.
Result<std::vector<BackupPart>> PartsOfObject(const Metadata& metadata,
                                              const ExportContents& contents) {
  const NtfsMetadata& ntfs = *metadata.ntfs;
  BackupFile file;
  file.security = UnlessEmpty(ntfs.security_descriptor);
  file.ea = UnlessEmpty(EaListForm(ntfs.extended_attributes));
  file.reparse = UnlessEmpty(ntfs.reparse_data);
  file.object_id = UnlessEmpty(ntfs.object_id);
  // Parts that a volume leaves out are those that are zero.
  if (file.object_id) file.object_id->resize(kBackupObjectIdBytes, '\0');
  const std::vector<FurtherStream> heads = AllStreams(metadata);
  for (const FurtherStream& head : heads) {
    TAPIR_ASSIGN_OR_RETURN(const NtfsStream state, StateOf(metadata, head.number, contents));
    BackupDataStream& stream = file.streams.emplace_back();
    stream.name = head.name;
    stream.size_bytes = state.size;
    stream.is_sparse = state.sparse;
    if (!state.sparse) continue;
    for (const Extent& extent : contents.Extents(head.number)) {
      stream.allocated.push_back({extent.offset_bytes, extent.length_bytes});
    }
  }
  TAPIR_ASSIGN_OR_RETURN(std::vector<BackupPart> parts, CanonicalBackupParts(file));
  for (BackupPart& part : parts) {
    if (part.data_bytes > 0) part.stream = heads[part.stream].number;
  }
  return parts;
}

// The parts of a sequence as it was; part.stream is the number of a stream.
Result<std::vector<BackupPart>> PartsOfLayout(const Metadata& metadata,
                                              const ExportContents& contents,
                                              const std::string& skeleton) {
  std::vector<BackupPart> parts;
  ReadCursor in(AsBytes(skeleton));
  auto next_named = metadata.further_streams.begin();
  uint32_t open_stream = 0;
  while (in.remaining() > 0) {
    const size_t begin = in.position();
    const auto id = static_cast<BackupStreamId>(in.U32());
    in.U32();
    BackupPart part;
    part.data_bytes = in.U64();
    in.ReadBytes(in.U32());
    if (id == BackupStreamId::kSparseBlock) {
      part.place = in.U64();
      if (part.data_bytes < sizeof part.place) in.Fail();
      part.data_bytes -= sizeof part.place;
    } else if (id == BackupStreamId::kData) {
      open_stream = 0;
    } else if (id == BackupStreamId::kAlternateData) {
      if (next_named == metadata.further_streams.end()) return Corrupt("a named stream is missing");
      open_stream = next_named++->number;
    } else {
      in.ReadBytes(static_cast<size_t>(std::exchange(part.data_bytes, 0)));
    }
    const uint64_t size = contents.size(open_stream);
    const bool inside = part.place <= size && part.data_bytes <= size - part.place;
    if (!in.ok() || (part.data_bytes > 0 && !inside)) {
      return Corrupt("the layout of its backup streams is malformed");
    }
    part.stream = open_stream;
    part.bytes = skeleton.substr(begin, in.position() - begin);
    part.header_bytes = std::min(part.bytes.size(), kBackupHeadBytes);
    parts.push_back(std::move(part));
  }
  return parts;
}

Status MakeBackup(const Metadata& metadata, ExportContents& contents, const TakeExport& take) {
  TAPIR_ASSIGN_OR_RETURN(const std::optional<BackupLayout> layout,
                         FindBackupLayout(metadata.opaque_records));
  if (layout && layout->verbatim) return CopyContents(contents, take);
  TAPIR_ASSIGN_OR_RETURN(std::vector<BackupPart> parts,
                         layout ? PartsOfLayout(metadata, contents, layout->skeleton)
                                : PartsOfObject(metadata, contents));
  BackupStreamWriter writer(std::move(parts),
                            [&](size_t stream, uint64_t offset, std::span<std::byte> into) {
                              return contents.Read(static_cast<uint32_t>(stream), offset, into);
                            });
  return HandOn([&](std::span<std::byte> into) { return writer.Read(into); }, take);
}

}  // namespace

std::string_view ExportSuffix(ExportForm form) {
  return form == ExportForm::kEfsRaw ? ".efsraw" : ".bks";
}

std::string WhyNotExported(ExportForm form, const Metadata& metadata) {
  const Result<std::optional<BackupLayout>> layout = FindBackupLayout(metadata.opaque_records);
  const bool raw_export = HoldsRawExport(metadata.opaque_records);
  if (form == ExportForm::kBackupStream && layout.ok() && *layout) return {};
  if (form == ExportForm::kEfsRaw && raw_export) return {};
  if (!metadata.ntfs) return "was not archived from a Windows volume: it has no such form";
  const bool encrypted = IsEncrypted(*metadata.ntfs);
  if (form == ExportForm::kEfsRaw) {
    if (!encrypted) return "is not encrypted: it has no raw export";
    return metadata.ntfs->efs_metadata.empty() ? "is encrypted, and its $EFS is not there" : "";
  }
  if (encrypted) {
    return "is encrypted: only who has the key gets backup streams of it (--as efs-raw needs none)";
  }
  return {};
}

Status MakeExport(ExportForm form, const Metadata& metadata, ExportContents& contents,
                  const TakeExport& take) {
  return form == ExportForm::kEfsRaw ? MakeEfsRaw(metadata, contents, take)
                                     : MakeBackup(metadata, contents, take);
}

}  // namespace tapir
