#include "source/listing.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <string_view>

namespace tapir::source {
namespace {

constexpr size_t kListBytes = 64u << 10;
constexpr std::string_view kCacheSignature = "Signature: 8a477f597d28d172789f06886806bc55";

bool IsDots(const char* name) {
  return name[0] == '.' && (name[1] == '\0' || (name[1] == '.' && name[2] == '\0'));
}

}  // namespace

int NameList::ReadFrom(int fd) {
  const auto buffer = std::make_unique_for_overwrite<char[]>(kListBytes);
  int error = 0;
  for (;;) {
    const ssize_t got = ::getdents64(fd, buffer.get(), kListBytes);
    if (got < 0) error = errno;
    if (got <= 0) break;
    for (ssize_t at = 0; at < got;) {
      // The kernel aligns its records for this type.
      const auto* entry = reinterpret_cast<const dirent64*>(buffer.get() + at);
      at += entry->d_reclen;
      if (IsDots(entry->d_name)) continue;
      starts_.push_back(bytes_.size());
      bytes_.append(entry->d_name, std::strlen(entry->d_name) + 1);
    }
  }
  const auto text = [this](size_t start) { return bytes_.data() + start; };
  std::sort(starts_.begin(), starts_.end(),
            [&](size_t a, size_t b) { return std::strcmp(text(a), text(b)) < 0; });
  // A directory that changes may list an entry twice.
  const auto equal = [&](size_t a, size_t b) { return std::strcmp(text(a), text(b)) == 0; };
  starts_.erase(std::unique(starts_.begin(), starts_.end(), equal), starts_.end());
  return error;
}

bool NameList::Contains(const char* name) const {
  return std::binary_search(starts_.begin(), starts_.end(), SIZE_MAX, [&](size_t a, size_t b) {
    const char* left = a == SIZE_MAX ? name : bytes_.data() + a;
    const char* right = b == SIZE_MAX ? name : bytes_.data() + b;
    return std::strcmp(left, right) < 0;
  });
}

bool HasCacheTag(DirectoryCache& directories, int fd) {
  const Descriptor tag = directories.OpenAt(
      fd, kCacheTagName, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_NOATIME);
  struct stat info;
  if (!tag || ::fstat(tag.get(), &info) != 0 || !S_ISREG(info.st_mode)) return false;
  std::array<char, kCacheSignature.size()> start;
  const ssize_t got = ::pread(tag.get(), start.data(), start.size(), 0);
  return got == static_cast<ssize_t>(start.size()) &&
         std::string_view(start.data(), start.size()) == kCacheSignature;
}

}  // namespace tapir::source
