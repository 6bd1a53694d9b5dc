#include "tools/windows_drives.h"

#include <algorithm>
#include <cctype>

#include "tapir/target/directory_files.h"
#include "tapir/windows/delayed_operations.h"
#include "tools/escape.h"
#include "tools/foreign_target.h"

#ifdef TAPIR_WITH_NTFS
#include "tapir/ntfs/ntfs_files.h"
#endif

namespace tapir::cli {

namespace {

#ifdef TAPIR_WITH_NTFS
Result<std::unique_ptr<VolumeFiles>> OpenImageFiles(const std::string& name, bool writable) {
  TAPIR_ASSIGN_OR_RETURN(const NtfsAddress address, ParseNtfsAddress(name));
  return OpenNtfsFiles(address, writable);
}
#else
Result<std::unique_ptr<VolumeFiles>> OpenImageFiles(const std::string&, bool) {
  return Unsupported("this build reads no NTFS volumes: libntfs-3g was not there");
}
#endif

// Names of volumes are ASCII.
std::string UpperName(std::string name) {
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return name;
}

Status CheckName(const std::string& argument, const std::string& name) {
  if (DelayedPath(name + "\\x").ok() && name.find('\\') == std::string::npos) return OkStatus();
  return InvalidArgument("--drive " + Quoted(argument) +
                         ": give C:=DIR, C:=ntfs:IMAGE or Volume{GUID}=...");
}

}  // namespace

Result<std::unique_ptr<VolumeFiles>> OpenPlace(const std::string& place, bool writable) {
  if (IsNtfsName(place)) return OpenImageFiles(place.substr(kNtfs.size()), writable);
  return OpenDirectoryFiles(place);
}

Result<WindowsDrives> WindowsDrives::Open(const std::vector<std::string>& arguments,
                                          bool writable) {
  WindowsDrives drives;
  for (const std::string& argument : arguments) {
    const size_t equals = std::min(argument.find('='), argument.size());
    const std::string name = UpperName(argument.substr(0, equals));
    TAPIR_RETURN_IF_ERROR(CheckName(argument, name));
    if (equals + 1 >= argument.size()) return CheckName(argument, {});
    const std::string place = argument.substr(equals + 1);
    auto& files = drives.by_place_[place];
    if (!files) {
      TAPIR_ASSIGN_OR_RETURN(files, OpenPlace(place, writable));
    }
    if (!drives.by_name_.emplace(name, files.get()).second) {
      return InvalidArgument("--drive names " + name + " twice");
    }
  }
  return drives;
}

VolumeFiles* WindowsDrives::Find(const std::string& name) const {
  const auto found = by_name_.find(UpperName(name));
  return found == by_name_.end() ? nullptr : found->second;
}

std::vector<std::string> WindowsDrives::places() const {
  std::vector<std::string> places;
  for (const auto& [name, named] : by_name_) {
    for (const auto& [place, files] : by_place_) {
      const bool is_known = std::find(places.begin(), places.end(), place) != places.end();
      if (files.get() == named && !is_known) places.push_back(place);
    }
  }
  return places;
}

Status WindowsDrives::Finish() {
  Status first;
  for (auto& [place, files] : by_place_) {
    Status finished = files->Finish().Annotate(place);
    if (first.ok()) first = std::move(finished);
  }
  return first;
}

}  // namespace tapir::cli
