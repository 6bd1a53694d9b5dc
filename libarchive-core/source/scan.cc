#include "source/scan.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <optional>
#include <system_error>

#include "source/file_state.h"
#include "tapir/base/limits.h"

namespace tapir::source {
namespace {

std::unique_ptr<Notice> MakeNotice(NoticeKind kind, std::string text) {
  return std::make_unique<Notice>(Notice{kind, std::move(text)});
}

std::unique_ptr<Notice> StateFailure(int error) {
  if (error == ENOENT) {
    return MakeNotice(NoticeKind::kWarning, "vanished before it could be read; left out");
  }
  return MakeNotice(NoticeKind::kWarning,
                    "cannot read its state, left out: " + std::generic_category().message(error));
}

size_t PathBytesBelow(const DirectoryRef& parent, std::string_view name) {
  return parent->path_bytes() + (parent->path_bytes() == 0 ? 0 : 1) + name.size();
}

std::string PathBelow(const DirectoryRef& parent, std::string_view name) {
  std::string path = parent->Path();
  if (!path.empty()) path += '/';
  return path += name;
}

/// Whether a directory on another file system than its parent was given by name.
bool IsGiven(const ScanRules& rules, const DirectoryRef& parent, std::string_view name) {
  return FindGiven(rules.given, PathBelow(parent, name)) != nullptr;
}

bool IsWantedBelow(const ScanRules& rules, const DirectoryRef& parent, std::string_view name,
                   const struct stat& info) {
  if (!rules.recursive) return false;
  if (!rules.one_file_system) return true;
  const std::optional<uint64_t> device = rules.context->directories->DeviceOf(*parent);
  if (device == info.st_dev || IsGiven(rules, parent, name)) return true;
  ++rules.left_out_count;
  return false;
}

}  // namespace

void Batch::LookAt(int fd, const char* name, DirectoryRef parent, Entry& entry) const {
  struct stat info;
  if (::fstatat(fd, name, &info, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT) != 0) {
    entry.notice = StateFailure(errno);
    return;
  }
  if (!rules_.left_out.empty()) {
    const auto it = rules_.left_out.find({info.st_dev, info.st_ino});
    if (it != rules_.left_out.end()) {
      entry.notice = MakeNotice(NoticeKind::kNote, "is " + it->second + "; left out");
      return;
    }
  }
  const std::optional<ObjectType> type = TypeOf(info);
  if (!type) {
    entry.notice = S_ISSOCK(info.st_mode)
                       ? MakeNotice(NoticeKind::kNote, "is a socket; left out")
                       : MakeNotice(NoticeKind::kWarning, "is of a type not known; left out");
    return;
  }
  if (PathBytesBelow(parent, name) > limits::kMaxPathBytes) {
    entry.notice =
        MakeNotice(NoticeKind::kWarning, "has a path longer than the format holds; left out");
    return;
  }
  entry.type = *type;
  entry.identity = IdentityOf(info);
  entry.link_count = LinkCountOf(info);
  entry.may_have_holes = MayHaveHoles(info);
  if (type == ObjectType::kDirectory && IsWantedBelow(rules_, parent, name, info)) {
    entry.below = DirectoryBatch(
        rules_, rules_.context->directories->Make(parent, name, Directory::Use::kScanned));
  }
  entry.parent = std::move(parent);
}

std::vector<std::shared_ptr<LookAhead::Step>> Batch::Followers() const {
  std::vector<std::shared_ptr<Step>> followers;
  for (const Entry& entry : entries_) {
    if (entry.below) followers.push_back(entry.below);
  }
  followers.insert(followers.end(), rest_.begin(), rest_.end());
  return followers;
}

}  // namespace tapir::source
