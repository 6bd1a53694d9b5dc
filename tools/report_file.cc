#include "tools/report_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "tools/escape.h"
#include "tools/output.h"

namespace tapir::cli {

namespace {

Status WriteDirectly(const std::string& path, std::string_view text) {
  const int fd = open(path.c_str(), O_WRONLY | O_CLOEXEC);
  if (fd < 0) return Status::FromErrno(errno, "cannot open " + Quoted(path));
  const int error = WriteAll(fd, text);
  close(fd);
  return error == 0 ? OkStatus() : Status::FromErrno(error, "cannot write " + Quoted(path));
}

/// 0 or errno.
int WriteWhole(int fd, std::string_view text) {
  int error = WriteAll(fd, text);
  if (error == 0 && fsync(fd) != 0) error = errno;
  // mkstemp gives nobody else the right to read.
  const mode_t mask = umask(0);
  umask(mask);
  if (error == 0 && fchmod(fd, 0666 & ~mask) != 0) error = errno;
  if (close(fd) != 0 && error == 0) error = errno;
  return error;
}

}  // namespace

Status WriteReportFile(const std::string& path, std::string_view text) {
  struct stat found = {};
  if (stat(path.c_str(), &found) == 0 && !S_ISREG(found.st_mode)) return WriteDirectly(path, text);
  std::string temporary = path + ".XXXXXX";
  const int fd = mkstemp(temporary.data());
  if (fd < 0) return Status::FromErrno(errno, "cannot create " + Quoted(temporary));
  int error = WriteWhole(fd, text);
  if (error == 0 && std::rename(temporary.c_str(), path.c_str()) != 0) error = errno;
  if (error == 0) return OkStatus();
  unlink(temporary.c_str());
  return Status::FromErrno(error, "cannot write " + Quoted(path));
}

}  // namespace tapir::cli
