#include "tapir/base/ambient.h"

#include <sys/random.h>
#include <time.h>

#include <cerrno>
#include <cstdlib>

namespace tapir {
namespace {

class SystemAmbient : public Ambient {
 public:
  Timestamp Now() override {
    timespec now{};
    clock_gettime(CLOCK_REALTIME, &now);
    return {now.tv_sec, static_cast<uint32_t>(now.tv_nsec)};
  }

  void FillRandom(std::span<std::byte> out) override {
    while (!out.empty()) {
      ssize_t got = getrandom(out.data(), out.size(), 0);
      if (got < 0 && errno == EINTR) continue;
      // Without random identifiers volumes could be taken for one another: nothing may go on.
      if (got <= 0) std::abort();
      out = out.subspan(static_cast<size_t>(got));
    }
  }
};

}  // namespace

Ambient& Ambient::System() {
  static SystemAmbient system;
  return system;
}

}  // namespace tapir
