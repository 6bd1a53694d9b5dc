#include "tools/comparing.h"

#include <memory>
#include <utility>

#include "tools/foreign_target.h"
#include "tools/signals.h"

#ifdef TAPIR_WITH_NTFS
#include "tapir/ntfs/ntfs_source.h"
#endif

namespace tapir::cli {
namespace {

#ifdef TAPIR_WITH_NTFS

Result<CompareReport> CompareWithNtfs(const CompareRequest& request, const std::string& with,
                                      const std::function<void(const Difference&)>& take) {
  NtfsSourceOptions options;
  TAPIR_ASSIGN_OR_RETURN(options.address, ParseNtfsAddress(with.substr(kNtfs.size())));
  options.reporter = request.reporter;
  TAPIR_ASSIGN_OR_RETURN(const std::unique_ptr<NtfsSource> live,
                         NtfsSource::Open(std::move(options)));
  return CompareWithObjects(request, *live, take);
}

#else

Result<CompareReport> CompareWithNtfs(const CompareRequest&, const std::string&,
                                      const std::function<void(const Difference&)>&) {
  return Unsupported("this build reads no NTFS volumes: libntfs-3g was not there");
}

#endif

}  // namespace

Result<CompareReport> CompareWithNamed(CompareRequest request, const std::string& with,
                                       CommandRun& run,
                                       const std::function<void(const Difference&)>& take) {
  request.reporter = &run.reporter();
  request.progress = &run.progress();
  request.cancelled = &StopRequested();
  return IsNtfsName(with) ? CompareWithNtfs(request, with, take)
                          : CompareWithDirectory(request, with, take);
}

}  // namespace tapir::cli
