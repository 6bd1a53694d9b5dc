// Serves the drive model to the kernel it runs on, by target_core_user, so that the st driver
// attaches to it. Runs in the guest alone.
//
//   tapir_guest_tape UIO MAP-BYTES CAPACITY-BYTES FIFO
//
// UIO is the device that belongs to the target, MAP-BYTES the size of its memory. What is written
// to FIFO, a line each, goes wrong next:
//   check OPCODE OBJECT SENSE [TIMES]   (hexadecimal but OBJECT and TIMES; OBJECT -1: anywhere)
//   reset OPCODE OBJECT [LOST]          (LOST: objects that the drive held back)
//   mend                                (what was ordered before is called off)
//   protect 0|1
//   unthread POLLS                      (the cartridge is not loaded; loading takes so many looks)

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <sstream>
#include <string>
#include <vector>

#include "tests/support/ssc_model/ssc_model.h"

namespace tapir::test {
namespace {

// Layout of the shared memory, version 2 (Linux: Documentation/target/tcmu-design.rst). The
// system's header for it is no C++.
constexpr size_t kRingOffset = 4;
constexpr size_t kRingSize = 8;
constexpr size_t kHead = 12;
constexpr size_t kTail = 64;
constexpr size_t kEntryFlags = 7;
constexpr size_t kPieceCount = 8;
constexpr size_t kCdbOffset = 24;
constexpr size_t kPieces = 48;
constexpr size_t kStatus = 8;
constexpr size_t kReadLength = 12;
constexpr size_t kSense = 16;
constexpr size_t kSenseBytes = 96;
constexpr uint32_t kOperationMask = 7;
constexpr uint32_t kPadding = 0;
constexpr uint32_t kCommand = 1;
constexpr uint8_t kUnknownOperation = 1;
constexpr uint8_t kHasReadLength = 2;

template <typename T>
T Load(const std::byte* from) {
  T value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

template <typename T>
void Store(std::byte* to, T value) {
  std::memcpy(to, &value, sizeof value);
}

bool SendsData(std::byte opcode) {
  constexpr uint8_t kSenders[] = {0x0A, 0x15, 0x55, 0x8D};
  return std::ranges::find(kSenders, std::to_integer<uint8_t>(opcode)) != std::end(kSenders);
}

class Server {
 public:
  Server(std::byte* memory, uint64_t capacity_bytes)
      : memory_(memory), model_({.capacity_bytes = capacity_bytes}) {}

  /// Carries out what waits in the ring; false: nothing did.
  bool Serve() {
    bool served = false;
    auto ring_size = Load<uint32_t>(memory_ + kRingSize);
    while (Tail().load() != Head().load(std::memory_order_acquire)) {
      std::byte* entry = memory_ + Load<uint32_t>(memory_ + kRingOffset) + Tail().load();
      auto word = Load<uint32_t>(entry);
      uint32_t operation = word & kOperationMask;
      if (operation == kCommand) {
        Run(entry);
      } else if (operation != kPadding) {
        entry[kEntryFlags] = std::byte{kUnknownOperation};
      }
      Tail().store((Tail().load() + (word & ~kOperationMask)) % ring_size,
                   std::memory_order_release);
      served = true;
    }
    return served;
  }

  void Order(const std::string& line) {
    std::istringstream words(line);
    std::string what;
    ModelFault fault;
    words >> what;
    if (what == "protect") {
      words >> model_.medium().write_protected;
      return;
    }
    if (what == "unthread") {
      uint32_t polls = 0;
      words >> polls;
      model_.SetUnthreaded(polls);
      return;
    }
    if (what == "mend") return model_.ClearFaults();
    words >> std::hex >> fault.opcode >> std::dec >> fault.object;
    fault.effect = what == "reset" ? ModelFault::Effect::kReset : ModelFault::Effect::kCheck;
    if (what == "check") words >> std::hex >> fault.sense;
    bool understood = !words.fail();
    uint32_t number = 0;
    bool more = static_cast<bool>(words >> std::dec >> number);
    if (more && what == "reset") fault.loses = number;
    if (more && what == "check") fault.times = number;
    if (!understood) {
      fmt::print(stderr, "not understood: {}\n", line);
    } else {
      model_.AddFault(fault);
    }
  }

 private:
  std::atomic_ref<uint32_t> Head() { return Counter(kHead); }
  std::atomic_ref<uint32_t> Tail() { return Counter(kTail); }
  std::atomic_ref<uint32_t> Counter(size_t at) {
    return std::atomic_ref<uint32_t>(*static_cast<uint32_t*>(static_cast<void*>(memory_ + at)));
  }

  void Run(std::byte* entry) {
    std::vector<iovec> pieces(Load<uint32_t>(entry + kPieceCount));
    std::memcpy(pieces.data(), entry + kPieces, pieces.size() * sizeof(iovec));
    size_t total = 0;
    for (const iovec& piece : pieces) total += piece.iov_len;
    data_.resize(total);
    const std::byte* cdb = memory_ + Load<uint64_t>(entry + kCdbOffset);
    bool sends = SendsData(cdb[0]);
    std::span<std::byte> data(data_);
    if (sends) Copy(pieces, data, true);
    constexpr size_t kCdbBytes = 16;
    ModelReply reply = model_.Execute({cdb, kCdbBytes}, sends ? data : std::span<std::byte>(),
                                      sends ? std::span<std::byte>() : data);
    if (!sends) Copy(pieces, data.first(std::min(reply.length, total)), false);
    std::memset(entry + kStatus, 0, kSense - kStatus + kSenseBytes);
    entry[kStatus] = std::byte{reply.status};
    entry[kEntryFlags] = std::byte{0};
    if (!sends && total > 0) {
      Store(entry + kReadLength, static_cast<uint32_t>(reply.length));
      entry[kEntryFlags] = std::byte{kHasReadLength};
    }
    std::copy_n(reply.sense.begin(), std::min(reply.sense.size(), kSenseBytes), entry + kSense);
  }

  // Between the pieces in shared memory, given by their offsets, and `data`.
  void Copy(const std::vector<iovec>& pieces, std::span<std::byte> data, bool from_pieces) {
    size_t done = 0;
    for (const iovec& piece : pieces) {
      size_t size = std::min(piece.iov_len, data.size() - done);
      std::byte* shared = memory_ + reinterpret_cast<uintptr_t>(piece.iov_base);
      if (from_pieces) {
        std::copy_n(shared, size, data.begin() + static_cast<ptrdiff_t>(done));
      } else {
        std::copy_n(data.begin() + static_cast<ptrdiff_t>(done), size, shared);
      }
      done += size;
    }
  }

  std::byte* memory_;
  SscModel model_;
  std::vector<std::byte> data_;
};

void TakeOrders(int fifo, std::string& pending, Server& server) {
  char text[512];
  ssize_t got = read(fifo, text, sizeof text);
  if (got > 0) pending.append(text, static_cast<size_t>(got));
  for (size_t end; (end = pending.find('\n')) != std::string::npos; pending.erase(0, end + 1)) {
    server.Order(pending.substr(0, end));
  }
}

int Main(const char* uio_path, size_t map_bytes, uint64_t capacity_bytes, const char* fifo_path) {
  int uio = open(uio_path, O_RDWR | O_CLOEXEC);
  // For writing too: so it does not end when a writer closes it.
  int fifo = open(fifo_path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
  void* map = mmap(nullptr, map_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, uio, 0);
  if (uio < 0 || fifo < 0 || map == MAP_FAILED) {
    perror("tapir_guest_tape");
    return EXIT_FAILURE;
  }
  Server server(static_cast<std::byte*>(map), capacity_bytes);
  std::string pending;
  uint32_t count = 0;
  do {
    // Before the commands that come after them. What waited before this opened is not announced.
    TakeOrders(fifo, pending, server);
    count = 1;
    if (server.Serve() && write(uio, &count, sizeof count) != sizeof count) break;
  } while (read(uio, &count, sizeof count) == sizeof count);
  perror("tapir_guest_tape");
  return EXIT_FAILURE;
}

}  // namespace
}  // namespace tapir::test

int main(int argc, char** argv) {
  constexpr int kArguments = 5;
  if (argc != kArguments) return EXIT_FAILURE;
  return tapir::test::Main(argv[1], std::strtoull(argv[2], nullptr, 0),
                           std::strtoull(argv[3], nullptr, 0), argv[4]);
}
