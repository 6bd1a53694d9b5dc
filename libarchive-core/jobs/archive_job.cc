#include "tapir/jobs/archive_job.h"

#include <unistd.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "container/volume.h"
#include "jobs/block_proof.h"
#include "jobs/cartridge_memory.h"
#include "jobs/medium_contents.h"
#include "jobs/open_volume.h"
#include "object/session_writer.h"
#include "tapir/base/limits.h"
#include "tapir/device/open_device.h"

namespace tapir {
namespace {

Result<Label> MakeLabel(const LabelOptions& options, Ambient& ambient) {
  uint32_t bytes = options.max_block_bytes;
  bool block_fits = bytes >= limits::kMinMaxBlockBytes && bytes <= limits::kMaxBlockBytes &&
                    (bytes & (bytes - 1)) == 0;
  if (!block_fits) {
    return InvalidArgument("the block size must be a power of two from 64 KiB to 8 MiB");
  }
  if (options.name.size() > limits::kMaxLabelNameBytes) {
    return InvalidArgument("the label is longer than 255 bytes");
  }
  Label label;
  ambient.FillRandom(label.volume_uuid);
  ambient.FillRandom(label.set_uuid);
  label.created = ambient.Now();
  label.max_block_bytes = bytes;
  label.full_blocks = options.full_blocks;
  label.name = options.name;
  return label;
}

Result<AppendPoint> NewVolume(BlockDevice& device, const LabelOptions& options, Ambient& ambient) {
  TAPIR_ASSIGN_OR_RETURN(Label label, MakeLabel(options, ambient));
  if (TapeDrive* drive = TapeDriveOf(device)) {
    TAPIR_ASSIGN_OR_RETURN(label.max_block_bytes, ProveBlockSize(*drive, label.max_block_bytes));
    TAPIR_RETURN_IF_ERROR(device.Locate({}));
  }
  return WriteLabel(device, label);
}

// What is said where the drive takes smaller blocks only; else nothing.
std::string SmallerBlocks(const LabelOptions& options, const Label& label) {
  if (label.max_block_bytes == options.max_block_bytes) return {};
  return "the drive does not give back blocks of " +
         std::to_string(options.max_block_bytes / 1024) + " KiB: they have " +
         std::to_string(label.max_block_bytes / 1024) + " KiB at most";
}

// Stands behind the last session of an existing volume, or behind the label of a new one.
Result<AppendPoint> PrepareVolume(BlockDevice& device, const ArchiveRequest& request,
                                  bool& labelled) {
  Result<VolumeState> state = device.traits().can_locate
                                  ? ReadVolumeState(device, true)
                                  : Result<VolumeState>(NotFound("a stream begins empty"));
  labelled = state.status().code() == StatusCode::kNotFound;
  if (labelled) {
    if (device.traits().can_locate) TAPIR_RETURN_IF_ERROR(device.Locate({}));
    return NewVolume(device, request.label, *request.session.ambient);
  }
  if (!state.ok()) return std::move(state).status();
  TAPIR_ASSIGN_OR_RETURN(AppendPoint point, AppendPointOf(*state));
  TAPIR_RETURN_IF_ERROR(device.LocateEnd());
  DevicePosition end = device.position();
  bool stands_right = device.traits().keeps_block_boundaries
                          ? end.object == state->append_object
                          : end.offset_bytes == point.next_unit * limits::kUnitBytes;
  if (stands_right) return point;
  return DeviceError("the volume changed while its end was looked for");
}

ArchiveReport MakeReport(const WrittenSession& written, const SessionOptions& options) {
  ArchiveReport report;
  StartRecord start;
  start.with_sha256 = options.with_sha256;
  report.session = MakeSessionInfo(written.entry, &start);
  report.objects = written.totals.objects;
  report.content_bytes = written.totals.content_bytes;
  report.volume_bytes = written.volume_bytes;
  report.flawed = written.totals.flawed;
  report.left_out = written.totals.left_out;
  report.references = written.totals.references;
  report.reference_bytes = written.totals.reference_bytes;
  report.stream = written.stream;
  report.interrupted = written.entry.status == SessionStatus::kInterrupted;
  return report;
}

// The smaller of 2 GiB and a quarter of the memory.
uint64_t DefaultStreamBuffer() {
  constexpr uint64_t kMost = uint64_t{2} << 30;
  const auto pages = static_cast<uint64_t>(std::max(sysconf(_SC_PHYS_PAGES), 0L));
  const auto page_bytes = static_cast<uint64_t>(std::max(sysconf(_SC_PAGESIZE), 0L));
  return std::min(kMost, pages * page_bytes / 4);
}

SessionOptions OptionsFor(const ArchiveRequest& request, bool on_tape) {
  SessionOptions options = request.session;
  const uint64_t asked = request.buffer_bytes;
  if (on_tape) {
    options.stream_buffer_bytes = asked != 0 ? asked : DefaultStreamBuffer();
  } else if (asked != 0) {
    options.memory_bytes = asked;
  }
  return options;
}

void Warn(const SessionOptions& options, const std::string& text) {
  if (text.empty() || options.reporter == nullptr) return;
  options.reporter->Report(NoticeKind::kWarning, {}, text);
}

}  // namespace

Result<VolumeInfo> InitVolume(const std::string& volume, const LabelOptions& label,
                              const std::string& overwrite_existing, Ambient& ambient) {
  TAPIR_RETURN_IF_ERROR(MakeLabel(label, ambient).status());
  TAPIR_ASSIGN_OR_RETURN(std::unique_ptr<BlockDevice> device,
                         OpenDevice(volume, OpenMode::kAppendOrCreate, label.tape));
  TAPIR_ASSIGN_OR_RETURN(bool blank, IsBlank(*device));
  if (!blank) {
    Status allowed = CheckMayDestroy(*device, overwrite_existing);
    if (!allowed.ok()) return std::move(allowed).Annotate(volume);
    TAPIR_RETURN_IF_ERROR(device->Erase());
  }
  Result<AppendPoint> point = NewVolume(*device, label, ambient);
  if (!point.ok()) return std::move(point).status().Annotate(volume);
  if (TapeDrive* drive = TapeDriveOf(*device)) {
    TAPIR_RETURN_IF_ERROR(DescribeCartridge(*drive, point->label, ambient.Now()));
  }
  VolumeInfo info = MakeVolumeInfo(volume, point->label);
  info.remark = SmallerBlocks(label, point->label);
  return info;
}

Result<ArchiveReport> Archive(const ArchiveRequest& request) {
  // Looked at before the volume is opened: wrong paths must not leave an empty file behind.
  PosixSourceOptions first_look = request.source;
  first_look.reporter = request.session.reporter;
  first_look.io_threads = 0;
  TAPIR_RETURN_IF_ERROR(PosixSource::Create(std::move(first_look)).status());
  TAPIR_ASSIGN_OR_RETURN(std::unique_ptr<BlockDevice> device,
                         OpenDevice(request.volume, OpenMode::kAppendOrCreate, request.label.tape));
  PosixSourceOptions source_options = request.source;
  source_options.reporter = request.session.reporter;
  source_options.io_threads = request.session.threads > 1 ? request.session.io_threads : 0;
  for (const FileIdentity& file : FilesOf(*device)) {
    source_options.left_out.push_back({file.device, file.inode, "the volume being written"});
  }
  // The source comes first: a wrong path must not leave a label or a torn session behind.
  TAPIR_ASSIGN_OR_RETURN(std::unique_ptr<PosixSource> source,
                         PosixSource::Create(std::move(source_options)));
  bool labelled = false;
  Result<AppendPoint> point = PrepareVolume(*device, request, labelled);
  if (!point.ok()) return std::move(point).status().Annotate(request.volume);
  TapeDrive* drive = TapeDriveOf(*device);
  if (labelled) Warn(request.session, SmallerBlocks(request.label, point->label));
  if (drive != nullptr && !labelled) {
    Warn(request.session, CartridgeContradiction(*drive, point->label));
  }
  Result<WrittenSession> written =
      WriteSession(*device, *point, *source, OptionsFor(request, drive != nullptr));
  if (!written.ok()) return std::move(written).status().Annotate(request.volume);
  if (drive != nullptr) {
    Warn(request.session,
         DescribeCartridge(*drive, point->label, request.session.ambient->Now()).message());
  }
  ArchiveReport report = MakeReport(*written, request.session);
  report.labelled = labelled;
  report.excluded = source->left_out_count();
  return report;
}

}  // namespace tapir
