#include "tools/output_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "tools/escape.h"
#include "tools/output.h"

namespace tapir::cli {

namespace {
constexpr size_t kWrittenAtOnce = size_t{256} << 10;
}  // namespace

OutputFile::~OutputFile() {
  if (fd_ >= 0) close(fd_);
  if (!temporary_.empty()) unlink(temporary_.c_str());
}

Status OutputFile::Open(const std::string& path) {
  path_ = path;
  struct stat found = {};
  if (stat(path.c_str(), &found) == 0 && !S_ISREG(found.st_mode)) {
    fd_ = open(path.c_str(), O_WRONLY | O_CLOEXEC);
    if (fd_ < 0) return Status::FromErrno(errno, "cannot open " + Quoted(path));
    return OkStatus();
  }
  std::string temporary = path + ".XXXXXX";
  fd_ = mkostemp(temporary.data(), O_CLOEXEC);
  if (fd_ < 0) return Status::FromErrno(errno, "cannot create " + Quoted(temporary));
  temporary_ = std::move(temporary);
  return OkStatus();
}

Status OutputFile::Append(std::string_view text) {
  buffer_ += text;
  if (buffer_.size() >= kWrittenAtOnce) Flush();
  return Outcome();
}

Status OutputFile::Complete() {
  Flush();
  if (!temporary_.empty()) {
    if (error_ == 0 && fsync(fd_) != 0) error_ = errno;
    // Nobody else has the right to read what mkostemp made.
    const mode_t mask = umask(0);
    umask(mask);
    if (error_ == 0 && fchmod(fd_, 0666 & ~mask) != 0) error_ = errno;
  }
  if (close(fd_) != 0 && error_ == 0) error_ = errno;
  fd_ = -1;
  if (!temporary_.empty() && error_ == 0) {
    if (std::rename(temporary_.c_str(), path_.c_str()) != 0) error_ = errno;
    if (error_ == 0) temporary_.clear();
  }
  return Outcome();
}

void OutputFile::Flush() {
  if (error_ == 0) error_ = WriteAll(fd_, buffer_);
  buffer_.clear();
}

Status OutputFile::Outcome() const {
  return error_ == 0 ? OkStatus() : Status::FromErrno(error_, "cannot write " + Quoted(path_));
}

}  // namespace tapir::cli
