#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <vector>

#include "base/descriptor.h"
#include "bytes/cursor.h"
#include "tapir/jobs/delayed_run.h"

namespace tapir {
namespace {

constexpr size_t kReadBytes = 64u << 10;

class FileOfOperations final : public DelayedFile {
 public:
  FileOfOperations(Descriptor fd, std::string path) : fd_(std::move(fd)), path_(std::move(path)) {}

  Result<size_t> ReadAt(uint64_t offset_bytes, std::span<std::byte> buffer) override {
    size_t filled = 0;
    while (filled < buffer.size()) {
      const ssize_t got = ::pread(fd_.get(), buffer.data() + filled, buffer.size() - filled,
                                  static_cast<off_t>(offset_bytes + filled));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return Status::FromErrno(errno, "cannot read '" + path_ + "'");
      if (got == 0) break;
      filled += static_cast<size_t>(got);
    }
    return filled;
  }

  Status WriteAt(uint64_t offset_bytes, std::span<const std::byte> data) override {
    while (!data.empty()) {
      const ssize_t put =
          ::pwrite(fd_.get(), data.data(), data.size(), static_cast<off_t>(offset_bytes));
      if (put < 0 && errno == EINTR) continue;
      if (put < 0) return Status::FromErrno(errno, "cannot write '" + path_ + "'");
      data = data.subspan(static_cast<size_t>(put));
      offset_bytes += static_cast<uint64_t>(put);
    }
    return OkStatus();
  }

  Status Sync() override {
    return ::fsync(fd_.get()) == 0 ? OkStatus()
                                   : Status::FromErrno(errno, "cannot write '" + path_ + "'");
  }

 private:
  Descriptor fd_;
  std::string path_;
};

}  // namespace

Result<std::unique_ptr<DelayedFile>> OpenDelayedFile(const std::string& path, bool writable) {
  const std::string quoted = "'" + path + "'";
  Descriptor fd(::open(path.c_str(), (writable ? O_RDWR : O_RDONLY) | O_CLOEXEC | O_NONBLOCK));
  if (!fd) return Status::FromErrno(errno, "cannot open " + quoted);
  struct stat state {};
  if (::fstat(fd.get(), &state) != 0) return Status::FromErrno(errno, quoted);
  if (!S_ISREG(state.st_mode)) return InvalidArgument(quoted + " is no regular file");
  if (::flock(fd.get(), (writable ? LOCK_EX : LOCK_SH) | LOCK_NB) != 0) {
    return Busy(quoted + " is being carried out by another process");
  }
  return std::unique_ptr<DelayedFile>(std::make_unique<FileOfOperations>(std::move(fd), path));
}

Result<size_t> DelayedBytes::ReadAt(uint64_t offset_bytes, std::span<std::byte> buffer) {
  if (offset_bytes >= bytes_.size()) return size_t{0};
  const ByteSpan there = AsBytes(bytes_).subspan(offset_bytes);
  const size_t size = std::min(there.size(), buffer.size());
  std::copy_n(there.begin(), size, buffer.begin());
  return size;
}

Status DelayedBytes::WriteAt(uint64_t offset_bytes, std::span<const std::byte> data) {
  bytes_.replace(offset_bytes, data.size(), AsText(data));
  return OkStatus();
}

Status ReadDelayedOperations(DelayedFile& file,
                             const std::function<void(const DelayedOperation& operation,
                                                      const DelayedOperationsReader&)>& take,
                             const DelayedOperationsReader::TakeFinding& tell,
                             const std::function<bool()>& stops) {
  const DelayedOperationsReader* giving = nullptr;
  DelayedOperationsReader reader(
      [&](const DelayedOperation& operation) { take(operation, *giving); }, tell);
  giving = &reader;
  std::vector<std::byte> buffer(kReadBytes);
  for (uint64_t offset = 0;;) {
    if (stops && stops()) return OkStatus();
    TAPIR_ASSIGN_OR_RETURN(const size_t got, file.ReadAt(offset, buffer));
    reader.Feed({buffer.data(), got});
    offset += got;
    if (got < buffer.size()) break;
  }
  reader.Finish();
  return OkStatus();
}

}  // namespace tapir
