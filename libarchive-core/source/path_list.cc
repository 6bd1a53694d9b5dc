#include "tapir/source/path_list.h"

#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <string_view>
#include <utility>

namespace tapir {
namespace {

constexpr size_t kReadBytes = 64u << 10;

}  // namespace

Result<std::vector<std::string>> ReadPathList(int fd, char separator) {
  std::vector<std::string> paths;
  std::string path;
  std::string buffer(kReadBytes, '\0');
  for (;;) {
    const ssize_t got = ::read(fd, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Status::FromErrno(errno, "cannot read the list of paths");
    if (got == 0) break;
    std::string_view rest(buffer.data(), static_cast<size_t>(got));
    for (size_t end; (end = rest.find(separator)) != std::string_view::npos;) {
      path += rest.substr(0, end);
      rest.remove_prefix(end + 1);
      if (!path.empty()) paths.push_back(std::exchange(path, {}));
    }
    path += rest;
  }
  if (!path.empty()) paths.push_back(std::move(path));
  for (const std::string& checked : paths) {
    if (checked.find('\0') != std::string::npos) {
      return InvalidArgument("the list of paths contains NUL; is it one to be read with --null?");
    }
  }
  return paths;
}

}  // namespace tapir
