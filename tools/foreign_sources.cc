#include "tools/foreign_sources.h"

#include <sys/stat.h>

#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tapir/source/foreign_files.h"
#include "tools/foreign_target.h"

#ifdef TAPIR_WITH_NTFS
#include "tapir/ntfs/ntfs_source.h"
#endif

namespace tapir::cli {
namespace {

#ifdef TAPIR_WITH_NTFS

// The label if there is one, else the name of the image; no two the same.
std::string ComponentFor(const NtfsSource& source, const std::string& image,
                         std::set<std::string>& taken) {
  const std::string file = image.substr(image.rfind('/') + 1);
  const std::string label = source.label();
  const bool usable =
      !label.empty() && label != "." && label != ".." && label.find('/') == std::string::npos;
  const std::string name = usable ? label : file;
  std::string component = name;
  for (int i = 2; !taken.insert(component).second; ++i) {
    component = name + "-" + std::to_string(i);
  }
  return component;
}

Status AddNtfsSources(const std::vector<std::string>& images, ArchiveRequest& request,
                      Reporter& reporter) {
  std::set<std::string> components;
  for (const std::string& image : images) {
    NtfsSourceOptions options;
    TAPIR_ASSIGN_OR_RETURN(options.address, ParseNtfsAddress(image));
    const std::string file = options.address.image;
    options.excludes = request.source.excludes;
    options.selects = request.selects;
    options.reporter = &reporter;
    TAPIR_ASSIGN_OR_RETURN(std::shared_ptr<NtfsSource> source,
                           NtfsSource::Open(std::move(options)));
    if (images.size() > 1) source->SetPrefix(ComponentFor(*source, file, components));
    request.further_sources.push_back(std::move(source));
  }
  return OkStatus();
}

#else

Status AddNtfsSources(const std::vector<std::string>& images, ArchiveRequest&, Reporter&) {
  if (images.empty()) return OkStatus();
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

Status TakeForeignSources(ArchiveRequest& request, Reporter& reporter) {
  std::vector<std::string> tree;
  std::vector<std::string> images;
  std::vector<ForeignFile> files;
  for (std::string& path : request.source.paths) {
    if (IsNtfsName(path)) {
      images.push_back(path.substr(kNtfs.size()));
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
  return AddNtfsSources(images, request, reporter);
}

}  // namespace tapir::cli
