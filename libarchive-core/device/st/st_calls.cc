#include "device/st/st_calls.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "base/descriptor.h"

namespace tapir::st {
namespace {

// The driver waits with signals held off; interrupted is only who waits for it, and then nothing
// was done yet.
auto Repeat(auto call) {
  auto result = call();
  while (result < 0 && errno == EINTR) result = call();
  return result;
}

class System final : public StCalls {
 public:
  explicit System(std::string path) : path_(std::move(path)) {}

  int Open(int flags) override {
    node_.Close();
    node_ = Descriptor(Repeat([&] { return ::open(path_.c_str(), flags | O_CLOEXEC); }));
    if (!node_) return errno;
    int now = ::fcntl(node_.get(), F_GETFL);
    return now >= 0 && ::fcntl(node_.get(), F_SETFL, now & ~O_NONBLOCK) == 0 ? 0 : errno;
  }
  ssize_t Read(std::span<std::byte> buffer) override {
    ssize_t done = Repeat([&] { return ::read(node_.get(), buffer.data(), buffer.size()); });
    return done < 0 ? -errno : done;
  }
  ssize_t Write(std::span<const std::byte> data) override {
    ssize_t done = Repeat([&] { return ::write(node_.get(), data.data(), data.size()); });
    return done < 0 ? -errno : done;
  }
  int Operate(short operation, int count) override {
    mtop command{.mt_op = operation, .mt_count = count};
    return Control(MTIOCTOP, &command);
  }
  int Ask(mtget& state) override { return Control(MTIOCGET, &state); }
  int AskPosition(mtpos& position) override { return Control(MTIOCPOS, &position); }

 private:
  int Control(unsigned long request, void* argument) {
    return Repeat([&] { return ::ioctl(node_.get(), request, argument); }) < 0 ? errno : 0;
  }

  std::string path_;
  Descriptor node_;
};

}  // namespace

std::unique_ptr<StCalls> SystemCalls(std::string path) {
  return std::make_unique<System>(std::move(path));
}

}  // namespace tapir::st
