#include "tapir/device/virtual_tape.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <numeric>
#include <thread>
#include <utility>

#include "device/file_lock.h"
#include "device/vtape/drive_state.h"

namespace tapir {
namespace {

using Kind = VirtualTapeFault::Kind;
using vtape::SideFile;
using vtape::TapeImage;

constexpr std::chrono::milliseconds kSlowDelay{10};

double SystemSeconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

bool IsThere(const std::string& path) { return access(path.c_str(), F_OK) == 0; }

Result<SideFile> NewSide(const VirtualTapeOptions& options) {
  const TapeProfile* profile = FindTapeProfile(options.profile);
  if (profile == nullptr) return InvalidArgument("no tape profile '" + options.profile + "'");
  SideFile side;
  side.profile = options.profile;
  side.worm = options.worm;
  uint64_t capacity =
      options.capacity_bytes != 0 ? options.capacity_bytes : profile->capacity_bytes;
  side.partition_bytes = {capacity};
  // As drives have it, but never less than a few blocks of the usual size.
  const uint64_t usual = std::clamp<uint64_t>(capacity / 64, 4u << 20, 64u << 20);
  side.early_warning_bytes = options.early_warning_bytes != 0 ? options.early_warning_bytes
                                                              : std::min(usual, capacity / 4);
  return side;
}

// An image that came without side file is a tape of the usual profile, or as large as it is.
Result<SideFile> SideOf(const std::string& path, bool is_new, const VirtualTapeOptions& options) {
  if (is_new) return NewSide(options);
  Result<SideFile> side = SideFile::Read(path);
  if (side.status().code() == StatusCode::kNotFound) return NewSide({});
  if (!side.ok()) return side;
  if (FindTapeProfile(side->profile) == nullptr || side->partition_bytes.empty()) {
    return Corrupt("'" + path + "' names no known profile, or no partition");
  }
  return side;
}

}  // namespace

std::string_view VirtualTapeFaultName(Kind kind) {
  switch (kind) {
    case Kind::kBadBlock: return "bad-block";
    case Kind::kWriteError: return "write-error";
    case Kind::kShortWrite: return "short-write";
    case Kind::kLostPosition: return "lost-position";
    case Kind::kReset: return "reset";
    case Kind::kReadOnly: return "read-only";
    case Kind::kSlow: return "slow";
  }
  return "unknown";
}

VirtualTape::VirtualTape(std::unique_ptr<State> state) : state_(std::move(state)) {}

VirtualTape::~VirtualTape() {
  // Nobody can be told any more; what had to last was saved when it was made.
  (void)state_->Save();
}

Result<std::unique_ptr<VirtualTape>> VirtualTape::Open(const std::string& path, Mode mode,
                                                       const VirtualTapeOptions& options) {
  const bool is_new = !IsThere(path);
  if (is_new && mode == Mode::kExisting) return NotFound("no virtual tape '" + path + "'");
  auto state = std::make_unique<State>();
  state->path = path;
  TAPIR_ASSIGN_OR_RETURN(state->side, SideOf(state->SidePath(), is_new, options));
  state->writable = is_new || access(path.c_str(), W_OK) == 0;
  TAPIR_RETURN_IF_ERROR(state->OpenPartitions(state->side.partition_bytes.size(), is_new,
                                              IsThere(state->SidePath())));
  SideFile& side = state->side;
  if (side.partition >= state->images.size()) side.partition = 0;
  side.object = std::min<uint64_t>(side.object, state->object_count());
  state->StartModel(side.times, SystemSeconds);
  if (is_new) {
    state->model->Load();
    TAPIR_RETURN_IF_ERROR(state->Save());
  }
  return std::unique_ptr<VirtualTape>(new VirtualTape(std::move(state)));
}

std::vector<std::string> VirtualTape::Files() const {
  std::vector<std::string> files = {state_->SidePath()};
  for (size_t i = 0; i < state_->images.size(); ++i) files.push_back(state_->PartitionPath(i));
  return files;
}

std::string VirtualTape::name() const { return "vtape:" + state_->path; }

void VirtualTape::AddFault(const VirtualTapeFault& fault) { state_->side.faults.push_back(fault); }

void VirtualTape::SetWriteProtected(bool write_protected) {
  state_->side.write_protected = write_protected;
}

void VirtualTape::SetClock(std::function<double()> clock) {
  state_->StartModel(state_->model->times(), std::move(clock));
}

TapeModelReport VirtualTape::ModelReport() const {
  const vtape::ModelTimes times = state_->model->times();
  return {state_->side.profile, times.total_s,      times.moving_s, times.streaming_s,
          times.hitching_s,     times.back_hitches, times.locates};
}

const TapeProfile& VirtualTape::State::profile() const { return *FindTapeProfile(side.profile); }

void VirtualTape::State::StartModel(const vtape::ModelTimes& times, vtape::TimeModel::Clock clock) {
  TapeProfile scaled = profile();
  scaled.capacity_bytes =
      std::accumulate(side.partition_bytes.begin(), side.partition_bytes.end(), uint64_t{0});
  model = std::make_unique<vtape::TimeModel>(scaled, std::move(clock));
  model->Continue(times);
}

std::string VirtualTape::State::PartitionPath(size_t partition) const {
  return partition == 0 ? path : path + ".p" + std::to_string(partition + 1);
}

Status VirtualTape::State::OpenPartitions(size_t count, bool create, bool ours) {
  while (images.size() > count) {
    images.pop_back();
    unlink(PartitionPath(images.size()).c_str());
  }
  while (images.size() < count) {
    const std::string file = PartitionPath(images.size());
    TAPIR_ASSIGN_OR_RETURN(TapeImage image, ours ? TapeImage::OpenOurs(file, writable, create)
                                                 : TapeImage::Open(file, writable, create));
    // A drive has one user; who cannot write to its file cannot lock it either.
    if (images.empty() && writable) {
      TAPIR_RETURN_IF_ERROR(internal::LockForWriting(image.descriptor(), path));
    }
    images.push_back(std::move(image));
  }
  return OkStatus();
}

Status VirtualTape::State::Save() {
  if (!writable) return OkStatus();
  side.times = model->times();
  return side.Write(SidePath());
}

uint64_t VirtualTape::State::PlaceBytes(uint32_t partition, uint64_t object) {
  uint64_t before = 0;
  for (uint32_t i = 0; i < partition; ++i) before += side.partition_bytes[i];
  return before + images[partition].DataBytesBefore(object);
}

void VirtualTape::State::MoveTo(uint32_t partition, uint64_t object) {
  model->Move(PlaceBytes(), PlaceBytes(partition, object));
  side.partition = partition;
  side.object = object;
}

void VirtualTape::State::DropSetmarks() {
  auto first = side.setmarks.lower_bound({side.partition, side.object});
  auto last = side.setmarks.lower_bound({side.partition + 1, 0});
  side.setmarks.erase(first, last);
}

Status VirtualTape::State::CheckReady(std::string_view doing) {
  if (attention != TapeError::kNone) {
    return TapeFailure(std::exchange(attention, TapeError::kNone), doing);
  }
  return side.loaded ? OkStatus() : TapeFailure(TapeError::kNoMediaInDrive, doing);
}

Status VirtualTape::State::CheckPosition(std::string_view doing) {
  TAPIR_RETURN_IF_ERROR(CheckReady(doing));
  return position_known ? OkStatus()
                        : TapeFailure(TapeError::kIoDevice,
                                      std::string(doing) + ", the position is not known");
}

Status VirtualTape::State::CheckWritable(std::string_view doing) {
  TAPIR_RETURN_IF_ERROR(CheckPosition(doing));
  bool worm_overwrite = side.worm && side.object < object_count();
  bool read_only = false;
  for (const VirtualTapeFault& fault : side.faults) {
    bool here = fault.partition == side.partition + 1 && fault.object <= side.object;
    read_only = read_only || (fault.kind == Kind::kReadOnly && here);
  }
  if (!protects() && !worm_overwrite && !read_only) return OkStatus();
  return TapeFailure(TapeError::kWriteProtected, doing);
}

Status VirtualTape::State::NoteChange() {
  if (change_noted) return OkStatus();
  change_noted = true;
  ++side.change_reference;
  return Save();
}

bool VirtualTape::State::TakeFault(Kind kind, bool once) {
  auto found = std::find_if(side.faults.begin(), side.faults.end(), [&](const auto& fault) {
    return fault.kind == kind && fault.partition == side.partition + 1 &&
           fault.object == side.object;
  });
  if (found == side.faults.end()) return false;
  if (once) side.faults.erase(found);
  return true;
}

Status VirtualTape::State::StrikeFaults(std::string_view doing) {
  for (const VirtualTapeFault& fault : side.faults) {
    bool slow = fault.kind == Kind::kSlow && fault.partition == side.partition + 1 &&
                fault.object <= side.object;
    if (slow) std::this_thread::sleep_for(kSlowDelay);
  }
  bool reset = TakeFault(Kind::kReset, true);
  if (!reset && !TakeFault(Kind::kLostPosition, true)) return OkStatus();
  position_known = false;
  return TapeFailure(reset ? TapeError::kBusReset : TapeError::kIoDevice, doing);
}

}  // namespace tapir
