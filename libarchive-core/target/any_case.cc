#include "target/any_case.h"

#include <dirent.h>
#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <iterator>
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

Result<CaseIndex> CaseIndex::Read(int directory_fd) {
  TAPIR_ASSIGN_OR_RETURN(const std::vector<std::string> names, NamesInDirectory(directory_fd));
  CaseIndex index;
  for (const std::string& name : names) index.Add(name);
  return index;
}

Result<std::optional<std::string>> CaseIndex::Find(const std::string& name) const {
  const std::optional<std::u16string> folded = Folded(name);
  if (!folded) return std::optional<std::string>();
  const auto [first, end] = names_.equal_range(*folded);
  if (first == end) return std::optional<std::string>();
  if (const auto second = std::next(first); second != end) {
    return FileFailed(FileFailure::kAmbiguous, "'" + first->second + "' and '" + second->second +
                                                   "' differ from '" + name + "' only in case");
  }
  return std::optional(first->second);
}

void CaseIndex::Add(const std::string& name) {
  if (std::optional<std::u16string> folded = Folded(name)) {
    names_.emplace(*std::move(folded), name);
  }
}

void CaseIndex::Remove(const std::string& name) {
  const std::optional<std::u16string> folded = Folded(name);
  if (!folded) return;
  const auto [first, end] = names_.equal_range(*folded);
  const auto found = std::find_if(first, end, [&](const auto& one) { return one.second == name; });
  if (found != end) names_.erase(found);
}

}  // namespace tapir::target
