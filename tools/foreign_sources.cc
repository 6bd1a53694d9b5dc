#include "tools/foreign_sources.h"

#include <sys/stat.h>

#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tapir/source/foreign_files.h"
#include "tools/foreign_target.h"
#include "tools/windows_drives.h"

#ifdef TAPIR_WITH_NTFS
#include "tapir/ntfs/ntfs_source.h"
#endif

namespace tapir::cli {
namespace {

#ifdef TAPIR_WITH_NTFS

struct OpenedSource {
  std::shared_ptr<NtfsSource> source;
  NtfsAddress address;
};

// The letter of its drive, else the label if there is one, else the name of the image; no two the
// same.
std::string ComponentFor(const WindowsSource& volume, const OpenedSource& opened,
                         std::set<std::string>& taken) {
  const std::string& image = opened.address.image;
  const std::string file = image.substr(image.rfind('/') + 1);
  const std::string label = opened.source->label();
  const bool usable =
      !label.empty() && label != "." && label != ".." && label.find('/') == std::string::npos;
  std::string name = usable ? label : file;
  if (volume.letter != 0) name = std::string(1, static_cast<char>(volume.letter));
  std::string component = name;
  for (int i = 2; !taken.insert(component).second; ++i) {
    component = name + "-" + std::to_string(i);
  }
  return component;
}

VolumeRegistry ReadRegistry(const WindowsSource& volume, Reporter& reporter) {
  const auto read = [&]() -> Result<VolumeRegistry> {
    TAPIR_ASSIGN_OR_RETURN(std::unique_ptr<VolumeFiles> files, OpenPlace(volume.place, false));
    return ReadVolumeRegistry(*files, volume.place);
  };
  Result<VolumeRegistry> registry = read();
  if (registry.ok()) return *std::move(registry);
  reporter.Report(
      NoticeKind::kWarning, volume.place,
      "its registry cannot be read, and no policy of it obeyed: " + registry.status().message());
  return {};
}

bool IsTaken(const std::vector<WindowsSource>& volumes, char16_t letter) {
  return std::ranges::any_of(volumes, [&](const auto& one) { return one.letter == letter; });
}

// What the user says; else what a Windows says of the disk; else the volume of Windows is C.
Status GiveLetters(const ForeignSourceOptions& options, const std::vector<OpenedSource>& opened,
                   std::vector<WindowsSource>& volumes) {
  for (const auto& [letter, place] : options.drives) {
    if (!IsNtfsName(place)) continue;
    const auto named = std::ranges::find(volumes, place, &WindowsSource::place);
    if (named == volumes.end()) {
      return InvalidArgument("--drive names " + place + ", which is not among the sources");
    }
    named->letter = letter;
  }
  for (size_t i = 0; i < volumes.size(); ++i) {
    const Result<std::string> device = MountedDeviceOf(opened[i].address);
    if (!device.ok() || device->empty()) continue;
    for (const WindowsSource& windows : volumes) {
      for (const auto& [letter, data] : windows.registry.drives) {
        const bool fits = volumes[i].letter == 0 && data == *device && !IsTaken(volumes, letter);
        if (fits) volumes[i].letter = letter;
      }
    }
  }
  for (WindowsSource& volume : volumes) {
    const bool has_windows = volume.letter == 0 && !volume.registry.trees.empty();
    if (has_windows && !IsTaken(volumes, u'C')) volume.letter = u'C';
  }
  return OkStatus();
}

Result<std::vector<WindowsSource>> AddNtfsSources(const std::vector<std::string>& places,
                                                  const ForeignSourceOptions& options,
                                                  ArchiveRequest& request, Reporter& reporter) {
  std::vector<WindowsSource> volumes;
  std::vector<OpenedSource> opened;
  for (const std::string& place : places) {
    NtfsSourceOptions source;
    TAPIR_ASSIGN_OR_RETURN(source.address, ParseNtfsAddress(place.substr(kNtfs.size())));
    source.excludes = request.source.excludes;
    source.selects = request.selects;
    source.reporter = &reporter;
    OpenedSource& one = opened.emplace_back();
    one.address = source.address;
    TAPIR_ASSIGN_OR_RETURN(one.source, NtfsSource::Open(std::move(source)));
    volumes.push_back({.place = place});
    if (options.read_registries) volumes.back().registry = ReadRegistry(volumes.back(), reporter);
  }
  TAPIR_RETURN_IF_ERROR(GiveLetters(options, opened, volumes));
  std::set<std::string> components;
  for (size_t i = 0; i < volumes.size(); ++i) {
    if (volumes.size() > 1) {
      volumes[i].prefix = ComponentFor(volumes[i], opened[i], components);
      opened[i].source->SetPrefix(volumes[i].prefix);
    }
    request.further_sources.push_back(std::move(opened[i].source));
  }
  return volumes;
}

#else

Result<std::vector<WindowsSource>> AddNtfsSources(const std::vector<std::string>& places,
                                                  const ForeignSourceOptions&, ArchiveRequest&,
                                                  Reporter&) {
  if (places.empty()) return std::vector<WindowsSource>();
  return Unsupported("this build reads no NTFS volumes: libntfs-3g was not there");
}

#endif

constexpr std::string_view kEfs = "efs:";
constexpr std::string_view kBks = "bks:";

// A file whose whole name is this one is meant by it.
bool HasPrefix(const std::string& path, std::string_view prefix) {
  struct stat info;
  return path.starts_with(prefix) && ::lstat(path.c_str(), &info) != 0;
}

Status AddForeignFiles(std::vector<ForeignFile> files, ArchiveRequest& request,
                       Reporter& reporter) {
  if (files.empty()) return OkStatus();
  ForeignFilesOptions options;
  options.base_directory = request.source.base_directory;
  options.files = std::move(files);
  options.reporter = &reporter;
  TAPIR_ASSIGN_OR_RETURN(std::shared_ptr<ObjectSource> source, OpenForeignFiles(options));
  request.further_sources.push_back(std::move(source));
  return OkStatus();
}

}  // namespace

Result<std::vector<WindowsSource>> TakeForeignSources(ArchiveRequest& request,
                                                      const ForeignSourceOptions& options,
                                                      Reporter& reporter) {
  std::vector<std::string> tree;
  std::vector<std::string> volumes;
  std::vector<ForeignFile> files;
  for (std::string& path : request.source.paths) {
    if (IsNtfsName(path)) {
      volumes.push_back(std::move(path));
    } else if (HasPrefix(path, kEfs)) {
      files.push_back({ForeignForm::kEfsRaw, path.substr(kEfs.size())});
    } else if (HasPrefix(path, kBks)) {
      files.push_back({ForeignForm::kBackupStreams, path.substr(kBks.size())});
    } else {
      tree.push_back(std::move(path));
    }
  }
  request.source.paths = std::move(tree);
  TAPIR_RETURN_IF_ERROR(AddForeignFiles(std::move(files), request, reporter));
  return AddNtfsSources(volumes, options, request, reporter);
}

}  // namespace tapir::cli
