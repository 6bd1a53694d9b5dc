#include "target/any_case.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <memory>
#include <string_view>

#include "base/descriptor.h"
#include "tapir/object/volume_files.h"
#include "tapir/windows/upcase.h"
#include "tapir/windows/wtf8.h"

namespace tapir::target {
namespace {

struct ListingCloser {
  void operator()(DIR* listing) const { ::closedir(listing); }
};

std::optional<std::u16string> Folded(const std::string& name) {
  const std::optional<std::u16string> units = Utf16(name);
  if (!units) return std::nullopt;
  return Upcase(*units);
}

}  // namespace

bool SameInAnyCase(const std::string& left, const std::string& right) {
  if (left == right) return true;
  const std::optional<std::u16string> folded = Folded(left);
  return folded && folded == Folded(right);
}

Result<std::vector<std::string>> NamesInDirectory(int directory_fd) {
  const int fd = ::openat(directory_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return Status::FromErrno(errno, "the directory cannot be read");
  const std::unique_ptr<DIR, ListingCloser> listing(::fdopendir(fd));
  if (!listing) {
    const Descriptor unused(fd);
    return Status::FromErrno(ENOMEM, "the directory cannot be read");
  }
  std::vector<std::string> names;
  errno = 0;
  while (const dirent* entry = ::readdir(listing.get())) {
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
    errno = 0;
  }
  if (errno != 0) return Status::FromErrno(errno, "the directory cannot be read");
  return names;
}

Result<std::optional<std::string>> FindInAnyCase(int directory_fd, const std::string& name) {
  struct stat found {};
  if (::fstatat(directory_fd, name.c_str(), &found, AT_SYMLINK_NOFOLLOW) == 0) {
    return std::optional(name);
  }
  if (errno != ENOENT) return Status::FromErrno(errno, "'" + name + "'");
  const std::optional<std::u16string> folded = Folded(name);
  if (!folded) return std::optional<std::string>();
  TAPIR_ASSIGN_OR_RETURN(const std::vector<std::string> names, NamesInDirectory(directory_fd));
  std::optional<std::string> meant;
  for (const std::string& other : names) {
    if (Folded(other) != folded) continue;
    if (meant) {
      return FileFailed(FileFailure::kAmbiguous, "'" + *meant + "' and '" + other +
                                                     "' differ from '" + name + "' only in case");
    }
    meant = other;
  }
  return meant;
}

}  // namespace tapir::target
