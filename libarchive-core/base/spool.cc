#include "tapir/base/spool.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace tapir {
namespace {

Result<int> OpenNameless() {
  const char* preferred = std::getenv("TMPDIR");
  int error = ENOENT;
  for (const char* folder : {preferred, "/tmp", "/var/tmp"}) {
    if (folder == nullptr || *folder == '\0') continue;
    int fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd >= 0) return fd;
    error = errno;
    std::string name = std::string(folder) + "/tapir-spool-XXXXXX";
    fd = mkostemp(name.data(), O_CLOEXEC);
    if (fd >= 0) {
      unlink(name.c_str());
      return fd;
    }
  }
  return Status::FromErrno(error, "cannot make a temporary file");
}

}  // namespace

Spool::Spool(size_t memory_cap_bytes) : memory_cap_bytes_(memory_cap_bytes) {}

Spool::~Spool() {
  if (fd_ >= 0) close(fd_);
}

Result<uint64_t> Spool::Append(std::span<const std::byte> bytes) {
  uint64_t offset = size();
  if (buffer_.size() + bytes.size() > memory_cap_bytes_) TAPIR_RETURN_IF_ERROR(Flush());
  buffer_.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  return offset;
}

Status Spool::Flush() {
  if (fd_ < 0) {
    TAPIR_ASSIGN_OR_RETURN(fd_, OpenNameless());
  }
  for (size_t done = 0; done < buffer_.size();) {
    ssize_t wrote = pwrite(fd_, buffer_.data() + done, buffer_.size() - done,
                           static_cast<off_t>(file_bytes_ + done));
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) return Status::FromErrno(errno, "cannot write a temporary file");
    done += static_cast<size_t>(wrote);
  }
  file_bytes_ += buffer_.size();
  buffer_.clear();
  return OkStatus();
}

Status Spool::Read(uint64_t offset, std::span<std::byte> out) {
  if (offset > size() || out.size() > size() - offset) return Internal("read behind the spool");
  while (!out.empty() && offset < file_bytes_) {
    size_t wanted = static_cast<size_t>(std::min<uint64_t>(out.size(), file_bytes_ - offset));
    ssize_t got = pread(fd_, out.data(), wanted, static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return Status::FromErrno(got < 0 ? errno : EIO, "cannot read a temporary file");
    out = out.subspan(static_cast<size_t>(got));
    offset += static_cast<uint64_t>(got);
  }
  if (!out.empty()) std::memcpy(out.data(), buffer_.data() + (offset - file_bytes_), out.size());
  return OkStatus();
}

}  // namespace tapir
