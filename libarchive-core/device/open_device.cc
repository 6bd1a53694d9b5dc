#include "tapir/device/open_device.h"

#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <map>
#include <string>
#include <utility>

#include "device/scsi/sg_transport.h"
#include "device/scsi/ssc_drive.h"
#include "device/st/st_calls.h"
#include "device/st/st_drive.h"
#include "tapir/device/stream_device.h"
#include "tapir/device/tape_block_device.h"

namespace tapir {

namespace {

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
  std::string_view number = TapeNumber(path, "/dev/st");
  if (number.empty()) return OkStatus();
  return InvalidArgument("'" + path + "' rewinds whenever it is closed; give '/dev/nst" +
                         std::string(number) + "'");
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
        return InvalidArgument(start + "a tape; give it as '/dev/nstN'");
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

Result<std::unique_ptr<TapeDrive>> OpenVirtualTape(const std::string& path, OpenMode mode,
                                                   const VirtualTapeOptions& options) {
  struct stat file = {};
  if (mode == OpenMode::kCreate && stat(path.c_str(), &file) == 0) {
    return Exists("the virtual tape '" + path + "' is there already");
  }
  VirtualTape::Mode how =
      MayCreate(mode) ? VirtualTape::Mode::kCreate : VirtualTape::Mode::kExisting;
  return AsDrive(VirtualTape::Open(path, how, options));
}

Result<std::unique_ptr<TapeDrive>> OpenScsiTape(const std::string& sg_node) {
  TAPIR_ASSIGN_OR_RETURN(std::unique_ptr<scsi::ScsiTransport> way,
                         scsi::SgTransport::Open(sg_node));
  return AsDrive(scsi::SscDrive::Open(std::move(way)));
}

// Through its generic node where we may use it: what the tape driver hides is then at hand.
Result<std::unique_ptr<TapeDrive>> OpenSystemTape(const std::string& node) {
  Result<std::string> sg_node = scsi::FindSgNode(node);
  if (sg_node.ok() && access(sg_node->c_str(), R_OK | W_OK) == 0) return OpenScsiTape(*sg_node);
  return AsDrive(st::StDrive::Open(node, st::SystemCalls(node)));
}

// The part behind a prefix; nothing if `device` does not begin with it.
std::optional<std::string> Behind(std::string_view prefix, std::string_view device) {
  if (!device.starts_with(prefix)) return std::nullopt;
  return std::string(device.substr(prefix.size()));
}

std::map<std::string, TapeOpener, std::less<>>& AddedOpeners() {
  static std::map<std::string, TapeOpener, std::less<>> openers;
  return openers;
}

const TapeOpener* AddedOpenerFor(std::string_view device) {
  for (const auto& [prefix, opener] : AddedOpeners()) {
    if (device.starts_with(prefix)) return &opener;
  }
  return nullptr;
}

LoadingWatch& WatchOfLoading() {
  static LoadingWatch watch;
  return watch;
}

constexpr std::string_view kVirtualTape = "vtape:";
constexpr std::string_view kScsiTape = "sg:";
constexpr std::string_view kIscsiTape = "iscsi:";

bool IsTapeName(std::string_view device) {
  return device.starts_with(kVirtualTape) || device.starts_with(kScsiTape) ||
         device.starts_with(kIscsiTape) || AddedOpenerFor(device) != nullptr ||
         !TapeNumber(device, "/dev/nst").empty();
}

Result<std::unique_ptr<TapeDrive>> OpenTape(std::string_view device, OpenMode mode,
                                            const VirtualTapeOptions& new_tape) {
  if (auto path = Behind(kVirtualTape, device)) return OpenVirtualTape(*path, mode, new_tape);
  if (auto node = Behind(kScsiTape, device)) return OpenScsiTape(*node);
  if (const TapeOpener* opener = AddedOpenerFor(device)) return (*opener)(std::string(device));
  if (device.starts_with(kIscsiTape)) {
    return Unsupported(
        "cannot open '" + std::string(device) +
        "': this build has no 'iscsi:' devices; for a file of that name give 'file:" +
        std::string(device) + "'");
  }
  return OpenSystemTape(std::string(device));
}

}  // namespace

void AddTapeOpener(const std::string& prefix, TapeOpener opener) {
  AddedOpeners()[prefix] = std::move(opener);
}

void WatchLoading(LoadingWatch watch) { WatchOfLoading() = std::move(watch); }

Result<std::unique_ptr<TapeDrive>> OpenTapeDrive(std::string_view device, bool create) {
  if (IsTapeName(device)) {
    return OpenTape(device, create ? OpenMode::kAppendOrCreate : OpenMode::kAppend, {});
  }
  TAPIR_RETURN_IF_ERROR(RefuseTape(std::string(device)));
  return InvalidArgument("'" + std::string(device) +
                         "' is no tape drive; give vtape:PATH, /dev/nstN, sg:/dev/sgN or "
                         "iscsi://HOST/IQN/LUN");
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
  if (IsTapeName(volume)) {
    TAPIR_ASSIGN_OR_RETURN(std::unique_ptr<TapeDrive> drive, OpenTape(volume, mode, new_tape));
    TAPIR_RETURN_IF_ERROR(drive->MakeReady([volume](const TapeLoading& loading) {
      return !WatchOfLoading() || WatchOfLoading()(volume, loading);
    }));
    return AsDevice(TapeBlockDevice::Create(std::move(drive)));
  }
  return OpenPath(Behind("file:", volume).value_or(std::string(volume)), mode);
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
