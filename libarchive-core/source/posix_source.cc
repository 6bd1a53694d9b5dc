#include "tapir/source/posix_source.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "source/scanner.h"

namespace tapir {
namespace {

using source::ScanRules;

constexpr size_t kMaxOpenDirectories = 1024;
constexpr size_t kMinOpenDirectories = 16;
constexpr size_t kMaxStepsAhead = 256;
constexpr size_t kMaxBytesAhead = 16u << 20;

/// Returns how many directories may be held open: most of the descriptors are left for files.
size_t RaiseDescriptorLimit() {
  rlimit limit;
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return kMinOpenDirectories;
  const rlimit wanted{limit.rlim_max, limit.rlim_max};
  if (limit.rlim_cur < wanted.rlim_cur && ::setrlimit(RLIMIT_NOFILE, &wanted) == 0) limit = wanted;
  return std::clamp<size_t>(limit.rlim_cur / 4, kMinOpenDirectories, kMaxOpenDirectories);
}

Result<Descriptor> OpenStart(const std::string& path) {
  Descriptor descriptor(::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!descriptor) return Status::FromErrno(errno, "cannot open '" + path + "'");
  return descriptor;
}

Result<bool> SameDirectory(const Descriptor& left, const Descriptor& right) {
  struct stat a;
  struct stat b;
  if (::fstat(left.get(), &a) != 0 || ::fstat(right.get(), &b) != 0) {
    return Status::FromErrno(errno, "cannot read the state of the base directory");
  }
  return a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

Result<std::unique_ptr<ScanRules>> MakeRules(PosixSourceOptions options, size_t open_directories) {
  TAPIR_ASSIGN_OR_RETURN(Descriptor base, OpenStart(options.base_directory));
  TAPIR_ASSIGN_OR_RETURN(Descriptor root, OpenStart("/"));
  TAPIR_ASSIGN_OR_RETURN(const bool base_is_root, SameDirectory(base, root));

  auto rules = std::make_unique<ScanRules>();
  TAPIR_ASSIGN_OR_RETURN(rules->given,
                         source::PreparePaths(options.paths, options.recursive, base_is_root));
  for (const std::string& pattern : options.excludes) rules->excludes.emplace_back(pattern);
  for (LeftOutFile& file : options.left_out) {
    rules->left_out[{file.device, file.inode}] = std::move(file.reason);
  }
  rules->exclude_caches = options.exclude_caches;
  rules->one_file_system = options.one_file_system;
  rules->recursive = options.recursive;
  rules->context = std::make_shared<source::SourceContext>(open_directories);
  rules->context->access_times = options.access_times;
  rules->base = rules->context->directories->MakeRoot(std::move(base));
  rules->root = rules->context->directories->MakeRoot(std::move(root));
  return rules;
}

}  // namespace

Result<std::unique_ptr<PosixSource>> PosixSource::Create(PosixSourceOptions options) {
  const size_t open_directories = RaiseDescriptorLimit();
  Reporter& reporter = *options.reporter;
  const unsigned threads = options.io_threads;
  const bool any_absolute =
      std::any_of(options.paths.begin(), options.paths.end(),
                  [](const std::string& path) { return path.starts_with('/'); });
  TAPIR_ASSIGN_OR_RETURN(std::unique_ptr<ScanRules> rules,
                         MakeRules(std::move(options), open_directories));
  if (any_absolute) {
    reporter.Report(NoticeKind::kNote, "", "leading '/' removed from names in the archive");
  }
  // Every directory listed ahead is held open until its files are.
  const source::LookAhead::Limits ahead{.steps = std::min(kMaxStepsAhead, open_directories / 2),
                                        .bytes = kMaxBytesAhead};
  return std::unique_ptr<PosixSource>(
      std::make_unique<source::Scanner>(std::move(rules), reporter, threads, ahead));
}

}  // namespace tapir
