#include "tools/foreign_target.h"

#include <sys/stat.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#ifdef TAPIR_WITH_NTFS
#include "tapir/ntfs/ntfs_target.h"
#endif

namespace tapir::cli {

bool IsNtfsName(const std::string& name) {
  struct stat info;
  return name.starts_with(kNtfs) && ::lstat(name.c_str(), &info) != 0;
}

#ifdef TAPIR_WITH_NTFS

std::string ImageFileOf(const std::string& name) {
  struct stat info;
  if (!IsNtfsName(name)) return {};
  const Result<NtfsAddress> address = ParseNtfsAddress(name.substr(kNtfs.size()));
  const bool is_file =
      address.ok() && ::stat(address->image.c_str(), &info) == 0 && S_ISREG(info.st_mode);
  return is_file ? address->image : std::string();
}

Status TakeForeignTarget(RestoreRequest& request, uint64_t make_bytes) {
  if (!IsNtfsName(request.target.directory)) {
    return make_bytes == 0 ? OkStatus()
                           : InvalidArgument("--make needs a target of the form ntfs:IMAGE");
  }
  NtfsTargetOptions options;
  TAPIR_ASSIGN_OR_RETURN(options.address,
                         ParseNtfsAddress(request.target.directory.substr(kNtfs.size())));
  options.make_bytes = make_bytes;
  options.overwrite = request.target.overwrite;
  options.reporter = request.target.reporter;
  request.open_target = [options]() -> Result<std::unique_ptr<ObjectTarget>> {
    TAPIR_ASSIGN_OR_RETURN(std::unique_ptr<NtfsTarget> target, NtfsTarget::Open(options));
    return std::unique_ptr<ObjectTarget>(std::move(target));
  };
  return OkStatus();
}

#else

std::string ImageFileOf(const std::string&) { return {}; }

Status TakeForeignTarget(RestoreRequest& request, uint64_t make_bytes) {
  if (make_bytes == 0 && !IsNtfsName(request.target.directory)) return OkStatus();
  return Unsupported("this build writes no NTFS volumes: libntfs-3g was not there");
}

#endif

}  // namespace tapir::cli
