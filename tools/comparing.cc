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

Result<CompareReport> CompareWithNtfs(const ComparingRequest& request, CommandRun& run,
                                      const std::function<void(const Difference&)>& take) {
  NtfsSourceOptions options;
  TAPIR_ASSIGN_OR_RETURN(options.address, ParseNtfsAddress(request.with.substr(kNtfs.size())));
  options.reporter = &run.reporter();
  TAPIR_ASSIGN_OR_RETURN(const std::unique_ptr<NtfsSource> live,
                         NtfsSource::Open(std::move(options)));
  return CompareWithObjects(request.volume, request.selection, *live, request.threads,
                            &run.reporter(), &run.progress(), &StopRequested(), take);
}

#else

Result<CompareReport> CompareWithNtfs(const ComparingRequest&, CommandRun&,
                                      const std::function<void(const Difference&)>&) {
  return Unsupported("this build reads no NTFS volumes: libntfs-3g was not there");
}

#endif

}  // namespace

Result<CompareReport> CompareWithNamed(const ComparingRequest& request, CommandRun& run,
                                       const std::function<void(const Difference&)>& take) {
  if (IsNtfsName(request.with)) return CompareWithNtfs(request, run, take);
  return CompareWithDirectory(request.volume, request.selection, request.with, request.threads,
                              &run.reporter(), &run.progress(), &StopRequested(), take);
}

}  // namespace tapir::cli
