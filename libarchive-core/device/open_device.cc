#include "tapir/device/open_device.h"

#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <string>
#include <utility>

#include "tapir/device/stream_device.h"
#include "tapir/device/tape_block_device.h"

namespace tapir {

namespace {

constexpr std::string_view kDevicesOfOtherBuilds[] = {"sg:", "iscsi:"};
constexpr std::string_view kVirtualTapePrefix = "vtape:";
constexpr unsigned kScsiTapeMajor = 9;

Result<std::unique_ptr<TapeDrive>> AsDrive(auto opened) {
  if (!opened.ok()) return std::move(opened).status();
  return std::unique_ptr<TapeDrive>(*std::move(opened));
}

Result<std::unique_ptr<BlockDevice>> AsDevice(auto opened) {
  if (!opened.ok()) return std::move(opened).status();
  return std::unique_ptr<BlockDevice>(*std::move(opened));
}

StreamDevice::Direction DirectionOf(OpenMode mode) {
  return mode == OpenMode::kRead ? StreamDevice::Direction::kRead : StreamDevice::Direction::kWrite;
}

/// N and suffix of "/dev/stN", as in "/dev/st0" or "/dev/st0a"; empty for anything else.
std::string_view TapeNumber(std::string_view path, std::string_view prefix) {
  if (!path.starts_with(prefix)) return {};
  std::string_view number = path.substr(prefix.size());
  bool has_digit = !number.empty() && std::isdigit(static_cast<unsigned char>(number[0])) != 0;
  bool is_name = std::all_of(number.begin(), number.end(),
                             [](unsigned char c) { return std::isalnum(c) != 0; });
  return has_digit && is_name ? number : std::string_view();
}

Status RefuseTape(const std::string& path) {
  if (std::string_view number = TapeNumber(path, "/dev/st"); !number.empty()) {
    return InvalidArgument("'" + path + "' rewinds whenever it is closed; give '/dev/nst" +
                           std::string(number) + "'");
  }
  if (!TapeNumber(path, "/dev/nst").empty()) {
    return Unsupported("cannot open '" + path +
                       "': this build has no tape devices; give a file or '-'");
  }
  return OkStatus();
}

Status RefuseKind(const std::string& path, const struct stat& file) {
  std::string start = "cannot open '" + path + "': it is ";
  switch (file.st_mode & S_IFMT) {
    case S_IFDIR: return InvalidArgument(start + "a directory; give a file in it");
    case S_IFBLK:
      return InvalidArgument(
          start + "a block device; a volume on a disk is not supported; give a file, or a tape");
    case S_IFSOCK: return InvalidArgument(start + "a socket; give a file or '-'");
    case S_IFCHR:
      if (major(file.st_rdev) == kScsiTapeMajor) {
        return Unsupported(start +
                           "a tape, and this build has no tape devices; give a file or '-'");
      }
      return InvalidArgument(start + "a character device; give a file or '-'");
    default: return OkStatus();
  }
}

Result<std::unique_ptr<BlockDevice>> OpenPath(const std::string& path, OpenMode mode) {
  if (path.empty()) return InvalidArgument("the name of the volume is empty; give a file or '-'");
  if (path.find('\0') != std::string::npos) {
    return InvalidArgument("the name of the volume has a NUL in it");
  }
  TAPIR_RETURN_IF_ERROR(RefuseTape(path));
  // Looked at before it is opened: opening alone moves some devices, and waits on others.
  struct stat file = {};
  if (stat(path.c_str(), &file) == 0) {
    TAPIR_RETURN_IF_ERROR(RefuseKind(path, file));
    if (S_ISFIFO(file.st_mode)) return AsDevice(StreamDevice::Open(path, DirectionOf(mode)));
  }
  return AsDevice(FileDevice::Open(path, mode));
}

bool MayCreate(OpenMode mode) {
  return mode == OpenMode::kCreate || mode == OpenMode::kAppendOrCreate;
}

Result<std::unique_ptr<BlockDevice>> OpenVirtualTape(const std::string& path, OpenMode mode,
                                                     const VirtualTapeOptions& options) {
  struct stat file = {};
  if (mode == OpenMode::kCreate && stat(path.c_str(), &file) == 0) {
    return Exists("the virtual tape '" + path + "' is there already");
  }
  TAPIR_ASSIGN_OR_RETURN(
      std::unique_ptr<TapeDrive> drive,
      AsDrive(VirtualTape::Open(
          path, MayCreate(mode) ? VirtualTape::Mode::kCreate : VirtualTape::Mode::kExisting,
          options)));
  return AsDevice(TapeBlockDevice::Create(std::move(drive)));
}

}  // namespace

Result<std::unique_ptr<TapeDrive>> OpenTapeDrive(std::string_view device, bool create) {
  if (device.starts_with(kVirtualTapePrefix)) {
    return AsDrive(
        VirtualTape::Open(std::string(device.substr(kVirtualTapePrefix.size())),
                          create ? VirtualTape::Mode::kCreate : VirtualTape::Mode::kExisting));
  }
  return InvalidArgument("'" + std::string(device) + "' is no tape drive; give vtape:PATH");
}

TapeDrive* TapeDriveOf(BlockDevice& device) {
  auto* tape = dynamic_cast<TapeBlockDevice*>(&device);
  return tape != nullptr ? &tape->drive() : nullptr;
}

Result<std::unique_ptr<BlockDevice>> OpenDevice(std::string_view volume, OpenMode mode,
                                                const VirtualTapeOptions& new_tape) {
  if (volume == "-") {
    if (mode == OpenMode::kRead) {
      return AsDevice(
          StreamDevice::Borrow(STDIN_FILENO, StreamDevice::Direction::kRead, "standard input"));
    }
    return AsDevice(
        StreamDevice::Borrow(STDOUT_FILENO, StreamDevice::Direction::kWrite, "standard output"));
  }
  if (volume.starts_with(kVirtualTapePrefix)) {
    volume.remove_prefix(kVirtualTapePrefix.size());
    return OpenVirtualTape(std::string(volume), mode, new_tape);
  }
  for (std::string_view prefix : kDevicesOfOtherBuilds) {
    if (!volume.starts_with(prefix)) continue;
    return Unsupported(
        "cannot open '" + std::string(volume) + "': this build has no '" + std::string(prefix) +
        "' devices; for a file of that name give 'file:" + std::string(volume) + "'");
  }
  constexpr std::string_view kFilePrefix = "file:";
  if (volume.starts_with(kFilePrefix)) volume.remove_prefix(kFilePrefix.size());
  return OpenPath(std::string(volume), mode);
}

std::vector<FileIdentity> FilesOf(const BlockDevice& device) {
  std::vector<FileIdentity> files;
  auto add = [&files](const std::optional<FileIdentity>& file) {
    if (file) files.push_back(*file);
  };
  if (const auto* file = dynamic_cast<const FileDevice*>(&device)) add(file->identity());
  if (const auto* stream = dynamic_cast<const StreamDevice*>(&device)) add(stream->identity());
  if (const auto* tape = dynamic_cast<const TapeBlockDevice*>(&device)) {
    const auto* virtual_tape = dynamic_cast<const VirtualTape*>(&tape->drive());
    if (virtual_tape == nullptr) return files;
    for (const std::string& path : virtual_tape->Files()) {
      struct stat file = {};
      if (stat(path.c_str(), &file) == 0) add(FileIdentity{file.st_dev, file.st_ino});
    }
  }
  return files;
}

std::optional<LockHolder> WriterAtWork(const BlockDevice& device) {
  const auto* file = dynamic_cast<const FileDevice*>(&device);
  return file != nullptr ? file->WriterAtWork() : std::nullopt;
}

}  // namespace tapir
