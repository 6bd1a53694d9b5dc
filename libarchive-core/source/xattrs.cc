#include "source/xattrs.h"

#include <sys/types.h>
#include <sys/xattr.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <optional>
#include <string_view>
#include <system_error>

#include "tapir/base/limits.h"

namespace tapir::source {
namespace {

// Room for what nearly every file has, so that one call is enough.
constexpr size_t kUsualListBytes = 1024;
constexpr size_t kUsualValueBytes = 512;

// An object has further attributes (path, names) that share its limit.
constexpr size_t kMaxXattrsBytes = limits::kMaxAttributeBytes - 3 * limits::kMaxPathBytes;

/// The two ways to the same calls.
class Reader {
 public:
  Reader(int fd, XattrAccess access) : fd_(fd) {
    if (access == XattrAccess::kPathOnly) path_ = "/proc/self/fd/" + std::to_string(fd);
  }

  ssize_t List(char* buffer, size_t size) const {
    return path_.empty() ? ::flistxattr(fd_, buffer, size)
                         : ::listxattr(path_.c_str(), buffer, size);
  }
  ssize_t Get(const char* name, void* buffer, size_t size) const {
    return path_.empty() ? ::fgetxattr(fd_, name, buffer, size)
                         : ::getxattr(path_.c_str(), name, buffer, size);
  }

 private:
  int fd_;
  std::string path_;
};

/// Calls read(buffer, size) with `usual_bytes` and, while that is too small, with as much as is
/// wanted then. Nothing on failure, with errno set.
template <size_t usual_bytes, typename Read>
std::optional<std::string> ReadAll(Read read) {
  std::array<char, usual_bytes> usual;
  ssize_t got = read(usual.data(), usual.size());
  if (got >= 0) return std::string(usual.data(), static_cast<size_t>(got));
  std::string large;
  while (got < 0 && errno == ERANGE) {
    const ssize_t wanted = read(nullptr, 0);
    if (wanted < 0) return std::nullopt;
    if (wanted == 0) return std::string();
    large.resize(static_cast<size_t>(wanted));
    got = read(large.data(), large.size());
  }
  if (got < 0) return std::nullopt;
  large.resize(static_cast<size_t>(got));
  return large;
}

std::string Failure(std::string_view doing_what) {
  return std::string(doing_what) + ": " + std::generic_category().message(errno);
}

std::string Quoted(const char* name) { return "extended attribute '" + std::string(name) + "'"; }

void ReadOne(const Reader& reader, const char* name, std::vector<Xattr>& xattrs,
             std::vector<std::string>& warnings) {
  std::optional<std::string> value = ReadAll<kUsualValueBytes>(
      [&](char* buffer, size_t size) { return reader.Get(name, buffer, size); });
  if (!value) {
    // ENODATA: removed since it was listed.
    if (errno != ENODATA) warnings.push_back(Failure("cannot read " + Quoted(name)));
    return;
  }
  if (value->size() > limits::kMaxXattrValueBytes) {
    warnings.push_back(Quoted(name) + " has " + std::to_string(value->size()) +
                       " bytes, more than the format holds; left out");
    return;
  }
  xattrs.push_back({name, *std::move(value)});
}

void DropWhatDoesNotFit(std::vector<Xattr>& xattrs, std::vector<std::string>& warnings) {
  size_t total_bytes = 0;
  const auto fits = [&](const Xattr& xattr) {
    const size_t bytes = xattr.name.size() + xattr.value.size() + 32;
    if (bytes > kMaxXattrsBytes - total_bytes) return false;
    total_bytes += bytes;
    return true;
  };
  size_t kept = 0;
  while (kept < xattrs.size() && fits(xattrs[kept])) ++kept;
  if (kept == xattrs.size()) return;
  warnings.push_back(std::to_string(xattrs.size() - kept) +
                     " extended attributes left out: together they are more than the format holds");
  xattrs.resize(kept);
}

}  // namespace

std::vector<Xattr> ReadXattrs(int fd, XattrAccess access, std::vector<std::string>& warnings) {
  const Reader reader(fd, access);
  const std::optional<std::string> names = ReadAll<kUsualListBytes>(
      [&](char* buffer, size_t size) { return reader.List(buffer, size); });
  std::vector<Xattr> xattrs;
  if (!names) {
    if (errno != ENOTSUP) warnings.push_back(Failure("cannot list extended attributes"));
    return xattrs;
  }
  // Each name ends with a NUL.
  for (size_t at = 0; at < names->size(); at = names->find('\0', at) + 1) {
    ReadOne(reader, names->c_str() + at, xattrs, warnings);
  }
  if (xattrs.size() > 1) {
    std::sort(xattrs.begin(), xattrs.end(),
              [](const Xattr& a, const Xattr& b) { return a.name < b.name; });
    DropWhatDoesNotFit(xattrs, warnings);
  }
  return xattrs;
}

}  // namespace tapir::source
