#include "tapir/jobs/archive_job.h"

#include <unistd.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "container/block_header.h"
#include "container/volume.h"
#include "device/tape/resuming_device.h"
#include "jobs/cartridge_memory.h"
#include "jobs/joined_source.h"
#include "jobs/medium_contents.h"
#include "jobs/next_volume.h"
#include "jobs/open_volume.h"
#include "jobs/policed_source.h"
#include "jobs/volume_labelling.h"
#include "object/session_writer.h"
#include "tapir/base/limits.h"
#include "tapir/device/open_device.h"
#include "tapir/device/virtual_tape.h"

namespace tapir {
namespace {

void Warn(const SessionOptions& options, const std::string& text) {
  if (text.empty() || options.reporter == nullptr) return;
  options.reporter->Report(NoticeKind::kWarning, {}, text);
}

// Copies of indexes only save ways: without them the session is written all the same.
std::vector<CopiedIndex> TakeIndexes(Result<std::vector<CopiedIndex>> read,
                                     const SessionOptions& options) {
  if (read.ok()) return *std::move(read);
  Warn(options, "indexes of earlier sessions cannot be copied: " + read.status().message());
  return {};
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
    TAPIR_ASSIGN_OR_RETURN(Label label, MakeLabel(request.label, *request.session.ambient));
    return LabelVolume(device, std::move(label));
  }
  if (!state.ok()) return std::move(state).status();
  TAPIR_ASSIGN_OR_RETURN(AppendPoint point, AppendPointOf(*state));
  if (device.traits().keeps_block_boundaries) {
    point.index_copies = TakeIndexes(IndexesToCopy(device, DirectoryOf(*state)), request.session);
  }
  TAPIR_RETURN_IF_ERROR(device.LocateEnd());
  DevicePosition end = device.position();
  bool stands_right = device.traits().keeps_block_boundaries
                          ? end.object == state->append_object
                          : end.offset_bytes == point.next_unit * limits::kUnitBytes;
  if (stands_right) return point;
  return DeviceError("the volume changed while its end was looked for");
}

// Adds what one volume got of the session.
void AddPart(const WrittenSession& written, const SessionOptions& options, ArchiveReport& report) {
  StartRecord start;
  start.with_sha256 = options.with_sha256;
  report.session = MakeSessionInfo(written.entry, &start);
  report.objects += written.totals.objects;
  report.content_bytes += written.totals.content_bytes;
  report.volume_bytes += written.volume_bytes;
  report.flawed += written.totals.flawed;
  report.left_out += written.totals.left_out;
  report.references += written.totals.references;
  report.reference_bytes += written.totals.reference_bytes;
  report.stream.capacity_bytes = written.stream.capacity_bytes;
  report.stream.most_bytes = std::max(report.stream.most_bytes, written.stream.most_bytes);
  report.stream.pauses += written.stream.pauses;
  report.stream.pause_s += written.stream.pause_s;
  report.interrupted = written.entry.status == SessionStatus::kInterrupted;
  for (const auto& [rule, left_out] : written.totals.excluded) {
    auto found = std::ranges::lower_bound(report.by_policy, rule, {}, &RuleOutcome::rule);
    const bool is_new = found == report.by_policy.end() || found->rule != rule;
    if (is_new) found = report.by_policy.insert(found, {rule, 0, 0});
    found->objects += left_out.objects;
    found->bytes += left_out.bytes;
  }
}

// The smaller of 2 GiB and a quarter of the memory.
uint64_t DefaultStreamBuffer() {
  constexpr uint64_t kMost = uint64_t{2} << 30;
  const auto pages = static_cast<uint64_t>(std::max(sysconf(_SC_PHYS_PAGES), 0L));
  const auto page_bytes = static_cast<uint64_t>(std::max(sysconf(_SC_PAGESIZE), 0L));
  return std::min(kMost, pages * page_bytes / 4);
}

uint64_t TapeBuffer(const ArchiveRequest& request) {
  return request.buffer_bytes != 0 ? request.buffer_bytes : DefaultStreamBuffer();
}

// Memory for blocks that were written. A virtual tape holds hardly any back.
uint64_t ResumeBytes(const ArchiveRequest& request, const TapeDrive& drive) {
  constexpr uint64_t kEnoughForVirtual = 16u << 20;
  const uint64_t half = TapeBuffer(request) / 2;
  const bool is_virtual = dynamic_cast<const VirtualTape*>(&drive) != nullptr;
  const uint64_t usual = is_virtual ? std::min(half, kEnoughForVirtual) : half;
  return std::min(half, request.resume_bytes.value_or(usual));
}

// What a session holds beside its objects.
Result<std::vector<OpaqueRecord>> SessionRecords(const ArchiveRequest& request) {
  std::vector<OpaqueRecord> records;
  if (!request.policy) return records;
  TAPIR_ASSIGN_OR_RETURN(std::string manifest, EncodePolicyManifest(*request.policy));
  records.push_back({static_cast<uint16_t>(ItemType::kPolicyManifest), std::move(manifest)});
  return records;
}

SessionOptions OptionsFor(const ArchiveRequest& request, const TapeDrive* drive,
                          std::vector<OpaqueRecord> records) {
  SessionOptions options = request.session;
  options.session_records = std::move(records);
  if (drive != nullptr) {
    options.stream_buffer_bytes = TapeBuffer(request);
  } else if (request.buffer_bytes != 0) {
    options.memory_bytes = request.buffer_bytes;
  }
  return options;
}

// Has the drive warn of the end of the medium in time.
Status KeepReserve(TapeDrive& drive, uint64_t bytes) {
  TAPIR_ASSIGN_OR_RETURN(TapeDriveParameters now, drive.GetTapeDriveParameters());
  TapeDriveSettings settings{now.ecc, now.compression, now.data_padding, now.report_setmarks,
                             static_cast<uint32_t>(std::min<uint64_t>(bytes, UINT32_MAX))};
  return drive.SetTapeDriveParameters(settings);
}

// Writes one session, on as many volumes as it takes.
class SetRun {
 public:
  SetRun(const ArchiveRequest& request, ObjectSource& source, SessionOptions options, bool on_tapes)
      : request_(request), options_(std::move(options)), source_(source), replay_(source) {
    spans_ = on_tapes && request.next_volume;
    options_.may_continue = spans_;
    spanning_.source = &replay_;
  }

  Status Write(std::unique_ptr<BlockDevice> device, AppendPoint point, ArchiveReport& report) {
    NextVolume volume{request_.volume, std::move(device), std::move(point)};
    for (;;) {
      const Spanning before = spanning_;
      TAPIR_ASSIGN_OR_RETURN(WrittenSession written, WriteOn(volume));
      bool took_something = IsFurther() || report.volumes.empty();
      if (written.continued && !took_something) {
        spanning_ = before;
        TAPIR_RETURN_IF_ERROR(Exchange(volume));
        continue;
      }
      AddPart(written, options_, report);
      report.volumes.push_back(volume.name);
      if (!written.continued) return OkStatus();
      Warn(options_, written.has_end ? "" : volume.name + " ended before its index: " + kByScan);
      indexes_ = IndexesFor(volume, std::move(written.index));
      full_ = std::move(volume.point);
      TAPIR_RETURN_IF_ERROR(GoOn(volume, {}));
    }
  }

 private:
  static constexpr const char* kByScan = "it is listed by reading all of it, as a torn session";

  Result<WrittenSession> WriteOn(NextVolume& volume) {
    TapeDrive* drive = TapeDriveOf(*volume.device);
    if (request_.reserve_bytes != 0 && drive != nullptr) {
      Status kept = KeepReserve(*drive, request_.reserve_bytes);
      if (!kept.ok()) Warn(options_, "the reserve cannot be set: " + kept.message());
    }
    Result<WrittenSession> written =
        drive != nullptr ? WriteOnTape(volume) : WriteThrough(*volume.device, volume.point);
    if (!written.ok()) return std::move(written).status().Annotate(volume.name);
    if (drive != nullptr) {
      Warn(options_,
           DescribeCartridge(*drive, volume.point.label, options_.ambient->Now()).message());
    }
    return written;
  }

  Result<WrittenSession> WriteOnTape(NextVolume& volume) {
    ResumingDevice::Options options;
    options.window_bytes = ResumeBytes(request_, *TapeDriveOf(*volume.device));
    options.stands_before = [&point = volume.point](ByteSpan block) {
      Result<BlockHeader> header = DecodeBlockHeader(block);
      return header.ok() && header->volume_uuid == point.label.volume_uuid &&
             header->block_number + 1 == point.next_block_number;
    };
    options.tell = [&](const std::string& news) { Warn(options_, volume.name + ": " + news); };
    ResumingDevice device(*volume.device, std::move(options));
    return WriteThrough(device, volume.point);
  }

  Result<WrittenSession> WriteThrough(BlockDevice& device, const AppendPoint& point) {
    return spans_ ? WriteSession(device, point, replay_, options_, &spanning_)
                  : WriteSession(device, point, source_, options_);
  }

  // Whether more is on the volumes than when this was asked last.
  bool IsFurther() {
    const uint64_t released = replay_.released();
    const uint64_t cut_bytes = spanning_.cut ? spanning_.cut->end_bytes : 0;
    const bool further = released > released_ || cut_bytes > cut_bytes_;
    released_ = released;
    cut_bytes_ = cut_bytes;
    return further;
  }

  // What the last volume of the set has to know of those before it.
  std::vector<CopiedIndex> IndexesFor(NextVolume& full, std::optional<CopiedIndex> own) const {
    // Of a volume on which only this session stands they are those it was given itself.
    std::vector<CopiedIndex> indexes = std::move(full.point.index_copies);
    if (!full.point.earlier.empty()) {
      indexes =
          TakeIndexes(AllIndexes(*full.device, {full.point.label, full.point.earlier}), options_);
    }
    if (own) indexes.push_back(*std::move(own));
    return indexes;
  }

  // Takes another volume in place of one that got nothing of the session.
  Status Exchange(NextVolume& volume) {
    Status emptied = volume.device->Erase();
    std::string refused = volume.name + ": the volume is too small for what comes next";
    if (!emptied.ok()) refused += ", and stays as it is: " + emptied.message();
    return GoOn(volume, std::move(refused));
  }

  Status GoOn(NextVolume& volume, std::string refused) {
    replay_.Rewind();
    // The same drive may be named again.
    volume.device.reset();
    TAPIR_ASSIGN_OR_RETURN(volume, TakeNextVolume(request_, full_, std::move(refused)));
    volume.point.index_copies = indexes_;
    std::string text = "goes on on volume " + std::to_string(volume.point.label.volume_sequence) +
                       ", " + volume.name;
    options_.reporter->Report(NoticeKind::kNote, {}, "the session " + text);
    return OkStatus();
  }

  const ArchiveRequest& request_;
  SessionOptions options_;
  ObjectSource& source_;
  ReplaySource replay_;
  Spanning spanning_;
  AppendPoint full_;  ///< of the volume before
  std::vector<CopiedIndex> indexes_;
  bool spans_ = false;
  uint64_t released_ = 0;
  uint64_t cut_bytes_ = 0;
};

// Whether the paths can be archived at all.
Status LookAtTree(const ArchiveRequest& request) {
  PosixSourceOptions options = request.source;
  options.reporter = request.session.reporter;
  options.io_threads = 0;
  return PosixSource::Create(std::move(options)).status();
}

Result<std::shared_ptr<ObjectSource>> OpenTree(const ArchiveRequest& request, BlockDevice& device) {
  PosixSourceOptions options = request.source;
  options.reporter = request.session.reporter;
  options.io_threads = request.session.threads > 1 ? request.session.io_threads : 0;
  for (const FileIdentity& file : FilesOf(device)) {
    options.left_out.push_back({file.device, file.inode, "the volume being written"});
  }
  // A virtual tape's side file has a second copy for as long as it is written.
  if (const auto* tape = dynamic_cast<const VirtualTape*>(TapeDriveOf(device))) {
    const std::string side = tape->Files().front();
    options.excludes.push_back(side.substr(side.rfind('/') + 1) + ".new");
  }
  TAPIR_ASSIGN_OR_RETURN(std::unique_ptr<PosixSource> source,
                         PosixSource::Create(std::move(options)));
  return std::shared_ptr<ObjectSource>(std::move(source));
}

}  // namespace

Result<VolumeInfo> InitVolume(const std::string& volume, const LabelOptions& label,
                              const std::string& overwrite_existing, Ambient& ambient) {
  TAPIR_ASSIGN_OR_RETURN(Label new_label, MakeLabel(label, ambient));
  TAPIR_ASSIGN_OR_RETURN(std::unique_ptr<BlockDevice> device,
                         OpenDevice(volume, OpenMode::kAppendOrCreate, label.tape));
  TAPIR_ASSIGN_OR_RETURN(bool blank, IsBlank(*device));
  if (!blank) {
    Status allowed = CheckMayDestroy(*device, overwrite_existing);
    if (!allowed.ok()) return std::move(allowed).Annotate(volume);
    TAPIR_RETURN_IF_ERROR(device->Erase());
  }
  Result<AppendPoint> point = LabelVolume(*device, std::move(new_label));
  if (!point.ok()) return std::move(point).status().Annotate(volume);
  if (TapeDrive* drive = TapeDriveOf(*device)) {
    TAPIR_RETURN_IF_ERROR(DescribeCartridge(*drive, point->label, ambient.Now()));
  }
  VolumeInfo info = MakeVolumeInfo(volume, point->label);
  info.remark = SmallerBlocks(label.max_block_bytes, point->label);
  return info;
}

Result<ArchiveReport> Archive(const ArchiveRequest& request) {
  // Looked at before the volume is opened: wrong paths must not leave an empty file behind, nor a
  // label or a torn session.
  TAPIR_ASSIGN_OR_RETURN(std::vector<OpaqueRecord> records, SessionRecords(request));
  std::vector<std::shared_ptr<ObjectSource>> sources = request.further_sources;
  const bool with_tree = !request.source.paths.empty() || sources.empty();
  if (with_tree) TAPIR_RETURN_IF_ERROR(LookAtTree(request));
  TAPIR_ASSIGN_OR_RETURN(std::unique_ptr<BlockDevice> device,
                         OpenDevice(request.volume, OpenMode::kAppendOrCreate, request.label.tape));
  if (with_tree) {
    TAPIR_ASSIGN_OR_RETURN(std::shared_ptr<ObjectSource> tree, OpenTree(request, *device));
    sources.insert(sources.begin(), std::move(tree));
  }
  JoinedSource source(std::move(sources), request.selects, *request.session.reporter);
  PolicedSource policed(source, request.policy);
  bool labelled = false;
  Result<AppendPoint> point = PrepareVolume(*device, request, labelled);
  if (!point.ok()) return std::move(point).status().Annotate(request.volume);
  TapeDrive* drive = TapeDriveOf(*device);
  if (labelled) Warn(request.session, SmallerBlocks(request.label.max_block_bytes, point->label));
  if (drive != nullptr && !labelled) {
    Warn(request.session, CartridgeContradiction(*drive, point->label));
  }
  ArchiveReport report;
  report.labelled = labelled;
  SetRun run(request, policed, OptionsFor(request, drive, std::move(records)), drive != nullptr);
  TAPIR_RETURN_IF_ERROR(run.Write(std::move(device), *std::move(point), report));
  report.excluded = source.left_out_count();
  if (!report.interrupted) report.unmatched_selects = source.Unmatched();
  return report;
}

}  // namespace tapir
