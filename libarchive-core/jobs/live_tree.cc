#include "jobs/live_tree.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "jobs/difference_text.h"
#include "source/file_state.h"

namespace tapir {
namespace {

constexpr size_t kOpenDirectories = 256;

const char* NameOf(const std::string& path) { return path.c_str() + (path.rfind('/') + 1); }

// What stands at a path may be gone because something above it is.
bool MeansMissing(const Status& status) {
  int error = status.sys_errno();
  return status.code() == StatusCode::kNotFound || error == ENOENT || error == ENOTDIR ||
         error == ELOOP;
}

Status StatAt(source::DirectoryCache& directories, const source::DirectoryRef& parent,
              const std::string& path, struct stat& info) {
  TAPIR_ASSIGN_OR_RETURN(SharedDescriptor open, directories.Acquire(parent));
  int flags = AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT;
  if (::fstatat(open->get(), NameOf(path), &info, flags) == 0) return OkStatus();
  return Status::FromErrno(errno, "cannot read its state");
}

bool TypeFits(ObjectType archived, std::optional<ObjectType> live) {
  if (archived == ObjectType::kHardLink) return live && *live != ObjectType::kDirectory;
  return live == archived;
}

}  // namespace

LiveTree::LiveTree(std::shared_ptr<source::SourceContext> context, source::DirectoryRef root,
                   const ComparisonWatch& watch)
    : context_(std::move(context)),
      resolver_(*context_->directories, std::move(root)),
      watch_(watch) {}

Result<std::unique_ptr<LiveTree>> LiveTree::Open(const std::string& directory,
                                                 const ComparisonWatch& watch) {
  Descriptor root(::open(directory.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!root) return Status::FromErrno(errno, "cannot open '" + directory + "'");
  auto context = std::make_shared<source::SourceContext>(kOpenDirectories);
  source::DirectoryRef start = context->directories->MakeRoot(std::move(root));
  return std::unique_ptr<LiveTree>(new LiveTree(std::move(context), std::move(start), watch));
}

ComparisonTask LiveTree::MakeTask(ArchivedObject object) {
  ComparisonTask task;
  if (object.primary_is_wanted) {
    task.primary_parent = resolver_.ParentOf(object.metadata.primary_path, 0);
  }
  task.parent = resolver_.ParentOf(object.metadata.path, 0);
  task.archived = std::move(object);
  return task;
}

Result<bool> LiveTree::SameFile(const ComparisonTask& task, const struct stat& info) const {
  struct stat primary;
  Status found = StatAt(*context_->directories, task.primary_parent,
                        task.archived.metadata.primary_path, primary);
  if (!found.ok()) return MeansMissing(found) ? Result<bool>(false) : Result<bool>(found);
  return primary.st_dev == info.st_dev && primary.st_ino == info.st_ino;
}

Result<std::vector<Difference>> LiveTree::Compare(const ComparisonTask& task) const {
  const Metadata& archived = task.archived.metadata;
  std::vector<Difference> out;
  auto add = [&](DifferenceKind kind, std::string text) {
    out.push_back({kind, archived.path, std::move(text)});
  };
  auto add_failure = [&](const Status& status) {
    bool missing = MeansMissing(status);
    add(missing ? DifferenceKind::kMissing : DifferenceKind::kUnreadable,
        missing ? "is not there any more" : status.message());
  };
  struct stat info;
  Status found = StatAt(*context_->directories, task.parent, archived.path, info);
  if (!found.ok()) {
    add_failure(found);
    return out;
  }
  std::optional<ObjectType> type = source::TypeOf(info);
  if (!TypeFits(archived.type, type)) {
    add(DifferenceKind::kType, fmt::format("was {} and is {} now", TypeInWords(archived.type),
                                           type ? TypeInWords(*type) : "something else"));
    return out;
  }
  source::PosixObject object(context_, task.parent, archived.path, *type, source::IdentityOf(info));
  Metadata live;
  std::vector<std::string> warnings;
  Status opened = object.Open(live, warnings);
  if (!opened.ok()) {
    add_failure(opened);
    return out;
  }
  CompareMetadata(archived, live, out);
  for (std::string& warning : warnings) add(DifferenceKind::kUnreadable, std::move(warning));
  if (warnings.empty()) CompareXattrs(archived, live, out);
  bool same_as_primary = false;
  if (task.primary_parent) {
    TAPIR_ASSIGN_OR_RETURN(same_as_primary, SameFile(task, info));
    if (!same_as_primary) {
      add(DifferenceKind::kHardLink,
          fmt::format("is not the same file as '{}' any more", archived.primary_path));
    }
  }
  // The primary's contents are compared under its own name.
  bool with_contents = task.archived.contents && type == ObjectType::kRegular && !same_as_primary;
  if (with_contents) {
    TAPIR_RETURN_IF_ERROR(CompareStream(*task.archived.contents, live.size, object,
                                        source::MayHaveHoles(info), archived.path, {}, watch_,
                                        out));
  }
  return out;
}

}  // namespace tapir
