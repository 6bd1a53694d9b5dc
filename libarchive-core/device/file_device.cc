#include "tapir/device/file_device.h"
#include "tapir/base/limits.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <utility>

#include "device/data_end.h"
#include "device/file_lock.h"
#include "device/file_reader.h"
#include "device/file_writer.h"
#include "device/transfer.h"

namespace tapir {

using internal::TransferResult;

namespace {

uint64_t RoundUpToUnit(uint64_t bytes) {
  return (bytes + limits::kUnitBytes - 1) / limits::kUnitBytes * limits::kUnitBytes;
}

bool MeansNoRoom(int sys_errno) {
  return sys_errno == ENOSPC || sys_errno == EDQUOT || sys_errno == EFBIG;
}

uint64_t LengthOf(int descriptor) {
  struct stat file = {};
  return fstat(descriptor, &file) == 0 ? static_cast<uint64_t>(file.st_size) : 0;
}

std::string FolderOf(const std::string& path) {
  std::string folder = std::filesystem::path(path).parent_path().string();
  return folder.empty() ? "." : folder;
}

Status CreateFailure(int sys_errno, const std::string& path) {
  if (sys_errno == ENOENT) return NotFound("cannot create '" + path + "': no such directory");
  if (sys_errno == EEXIST) return Exists("cannot create '" + path + "': it exists");
  return Status::FromErrno(sys_errno, "cannot create '" + path + "'");
}

Status OpenFailure(int sys_errno, const std::string& path) {
  if (sys_errno == ENOENT) return NotFound("cannot open '" + path + "': no such file");
  return Status::FromErrno(sys_errno, "cannot open '" + path + "'");
}

}  // namespace

struct FileDevice::State {
  std::string path;
  Descriptor file;
  Descriptor direct;  // for writing; opened by the first Write
  Descriptor folder;  // of a file made here, until it is synced
  FileDeviceOptions options;
  FileIdentity identity;
  bool writable = false;
  bool created = false;

  DevicePosition position;
  uint64_t end_bytes = 0;  // of the file with what Write has taken; kept while writable
  std::unique_ptr<internal::FileReader> reader;
  std::unique_ptr<internal::FileWriter> writer;  // while writing
  // Of an earlier Write or Sync; none follows it.
  int failed_errno = 0;
  uint64_t failed_offset = 0;

  std::string At(uint64_t offset) const {
    return "'" + path + "' at byte " + std::to_string(offset);
  }
  Status Failure() const;
  Status StartWriting();
  void TakeOverFailure();
  Status StopWriting();
};

Result<std::unique_ptr<FileDevice>> FileDevice::Open(const std::string& path, OpenMode mode,
                                                     const FileDeviceOptions& options) {
  auto state = std::make_unique<State>();
  state->path = path;
  state->options = options;
  state->writable = mode != OpenMode::kRead;
  int access = (state->writable ? O_RDWR : O_RDONLY) | O_NONBLOCK | O_NOCTTY;
  if (mode == OpenMode::kCreate || mode == OpenMode::kAppendOrCreate) {
    state->file = internal::OpenDescriptor(path, access | O_CREAT | O_EXCL);
    state->created = static_cast<bool>(state->file);
    if (!state->created && (mode == OpenMode::kCreate || errno != EEXIST)) {
      return CreateFailure(errno, path);
    }
  }
  if (!state->created) state->file = internal::OpenDescriptor(path, access);
  if (!state->file) return OpenFailure(errno, path);

  struct stat file = {};
  if (fstat(state->file.get(), &file) != 0) return OpenFailure(errno, path);
  if (!S_ISREG(file.st_mode)) {
    return InvalidArgument("cannot open '" + path + "': not a regular file");
  }
  state->identity = {file.st_dev, file.st_ino};
  state->end_bytes = static_cast<uint64_t>(file.st_size);
  if (state->writable) {
    TAPIR_RETURN_IF_ERROR(internal::LockForWriting(state->file.get(), path));
    // Whoever had the lock until now may have written.
    state->end_bytes = LengthOf(state->file.get());
  }
  if (state->created) {
    state->folder = internal::OpenDescriptor(FolderOf(path), O_RDONLY | O_DIRECTORY);
    if (!state->folder) return OpenFailure(errno, FolderOf(path));
  }
  state->reader = std::make_unique<internal::FileReader>(state->file.get(), options.direct_io,
                                                         options.read_ahead_bytes);
  return std::unique_ptr<FileDevice>(new FileDevice(std::move(state)));
}

FileDevice::FileDevice(std::unique_ptr<State> state) : state_(std::move(state)) {}

FileDevice::~FileDevice() = default;

DeviceTraits FileDevice::traits() const {
  return {.can_locate = true, .writable = state_->writable};
}

DevicePosition FileDevice::position() const { return state_->position; }

std::string FileDevice::name() const { return "file:" + state_->path; }

FileIdentity FileDevice::identity() const { return state_->identity; }

bool FileDevice::created() const { return state_->created; }

std::optional<LockHolder> FileDevice::WriterAtWork() const {
  if (state_->writable) return std::nullopt;
  return internal::FindWriter(state_->file.get());
}

int64_t FileDevice::LengthBytes() const {
  uint64_t length = state_->writable ? state_->end_bytes : LengthOf(state_->file.get());
  return static_cast<int64_t>(length);
}

Result<ReadOutcome> FileDevice::Read(std::span<std::byte> buffer) {
  State& state = *state_;
  TAPIR_RETURN_IF_ERROR(state.StopWriting());
  uint64_t offset = state.position.offset_bytes;
  TransferResult result = state.reader->Read(offset, buffer);
  if (result.error != 0) return Status::FromErrno(result.error, "cannot read " + state.At(offset));
  state.position.offset_bytes += result.size;
  if (result.size == 0 && !buffer.empty()) return ReadOutcome{ReadKind::kEndOfData, 0};
  return ReadOutcome{ReadKind::kData, result.size};
}

Result<WriteOutcome> FileDevice::Write(std::span<const std::byte> block) {
  State& state = *state_;
  if (block.size() % limits::kUnitBytes != 0) {
    return InvalidArgument("a block of " + std::to_string(block.size()) +
                           " bytes is not a multiple of 4096");
  }
  if (!state.writer && state.failed_errno == 0) TAPIR_RETURN_IF_ERROR(state.StartWriting());
  if (state.failed_errno == 0 && !state.writer->Write(block)) state.TakeOverFailure();
  if (state.failed_errno != 0) {
    if (MeansNoRoom(state.failed_errno)) return WriteOutcome::kEndOfMedium;
    return state.Failure();
  }
  state.position.offset_bytes += block.size();
  state.position.object += 1;
  state.end_bytes = state.position.offset_bytes;
  return WriteOutcome::kWritten;
}

Result<WriteOutcome> FileDevice::WriteFilemarks(uint32_t /*count*/, bool /*immediate*/) {
  return WriteOutcome::kWritten;
}

Status FileDevice::Locate(const DevicePosition& to) {
  TAPIR_RETURN_IF_ERROR(state_->StopWriting());
  state_->position = to;
  return OkStatus();
}

Status FileDevice::LocateEnd() {
  TAPIR_RETURN_IF_ERROR(state_->StopWriting());
  uint64_t length = static_cast<uint64_t>(LengthBytes());
  state_->position.offset_bytes = state_->writable ? RoundUpToUnit(length) : length;
  return OkStatus();
}

Status FileDevice::Erase() {
  State& state = *state_;
  TAPIR_RETURN_IF_ERROR(state.StopWriting());
  if (!state.writable) return InvalidArgument("'" + state.path + "' was opened for reading");
  state.reader->Reset();
  if (ftruncate(state.file.get(), 0) != 0) {
    return Status::FromErrno(errno, "cannot empty '" + state.path + "'");
  }
  state.end_bytes = 0;
  state.position = {};
  return OkStatus();
}

Status FileDevice::Sync() {
  State& state = *state_;
  if (!state.writable) return OkStatus();
  if (state.writer && !state.writer->Drain()) state.TakeOverFailure();
  if (state.failed_errno != 0) return state.Failure();
  // The system tells a failure once and then forgets it; what it was about stays lost.
  if (fdatasync(state.file.get()) != 0) {
    state.failed_errno = errno;
    state.failed_offset = state.position.offset_bytes;
    return state.Failure();
  }
  if (state.folder) {
    if (fsync(state.folder.get()) != 0) {
      return Status::FromErrno(errno, "cannot sync the folder of '" + state.path + "'");
    }
    state.folder = Descriptor();
  }
  return OkStatus();
}

uint64_t FileDevice::DataEndBefore(uint64_t offset_bytes) {
  if (!state_->StopWriting().ok()) return offset_bytes;
  return internal::FindDataEnd(state_->file.get(), offset_bytes);
}

Status FileDevice::State::Failure() const {
  std::string doing_what = "cannot write " + At(failed_offset);
  Status status = Status::FromErrno(failed_errno, doing_what);
  return MeansNoRoom(failed_errno) ? EndOfMedium(status.message()) : status;
}

Status FileDevice::State::StartWriting() {
  if (!writable) return InvalidArgument("'" + path + "' was opened for reading");
  end_bytes = LengthOf(file.get());
  uint64_t offset = position.offset_bytes;
  if (offset != RoundUpToUnit(end_bytes)) {
    return InvalidArgument("will not write " + At(offset) + ": the file ends at " +
                           std::to_string(end_bytes));
  }
  std::byte zeros[limits::kUnitBytes] = {};
  TransferResult filled =
      internal::WriteAt(file.get(), std::span(zeros).first(offset - end_bytes), end_bytes);
  if (filled.error != 0) {
    failed_errno = filled.error;
    failed_offset = end_bytes;
    return OkStatus();
  }
  if (options.direct_io && !direct) direct = internal::ReopenDirect(file.get(), O_WRONLY);
  reader->Reset();
  size_t ring_bytes =
      RoundUpToUnit(std::max<uint64_t>(options.write_behind_bytes, limits::kUnitBytes));
  writer = std::make_unique<internal::FileWriter>(direct.get(), file.get(), offset, ring_bytes);
  return OkStatus();
}

void FileDevice::State::TakeOverFailure() {
  internal::FileWriter::Failure failure = writer->failure();
  writer.reset();
  failed_errno = failure.sys_errno;
  failed_offset = failure.end_offset;
  position.offset_bytes = failure.end_offset;
  position.object -= failure.lost_blocks;
  end_bytes = LengthOf(file.get());
}

Status FileDevice::State::StopWriting() {
  if (!writer) return OkStatus();
  if (!writer->Drain()) {
    TakeOverFailure();
    return Failure();
  }
  writer.reset();
  return OkStatus();
}

}  // namespace tapir
