#include "tests/support/volume_bytes.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <stdexcept>
#include <utility>

#include "bytes/checksum.h"

namespace tapir::test {

Pipe::Pipe(const Scratch& scratch, std::vector<std::byte> bytes) {
  static int count = 0;
  path_ = scratch.At("pipe" + std::to_string(count++));
  if (mkfifo(path_.c_str(), 0600) != 0) throw std::runtime_error("mkfifo");
  writer_ = std::thread([path = path_, bytes = std::move(bytes)] {
    signal(SIGPIPE, SIG_IGN);
    int fd = open(path.c_str(), O_WRONLY | O_CLOEXEC);
    for (size_t at = 0; fd >= 0 && at < bytes.size();) {
      ssize_t written = write(fd, bytes.data() + at, bytes.size() - at);
      if (written <= 0) break;
      at += static_cast<size_t>(written);
    }
    close(fd);
  });
}

Pipe::~Pipe() {
  // Lets a writer go whose reader never came.
  int fd = open(path_.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  writer_.join();
  close(fd);
}

std::vector<BlockHeader> BlocksOf(const std::vector<std::byte>& volume) {
  std::vector<BlockHeader> blocks;
  for (size_t at = 0; at < volume.size(); at += blocks.back().block_bytes) {
    Result<BlockHeader> header = DecodeBlockHeader(ByteSpan(volume).subspan(at));
    if (!header.ok()) throw std::runtime_error(header.status().ToString());
    blocks.push_back(*header);
  }
  return blocks;
}

uint64_t PlaceOfBlock(const std::vector<std::byte>& volume, BlockType type, size_t n) {
  for (const BlockHeader& block : BlocksOf(volume)) {
    if (block.type == static_cast<uint8_t>(type) && n-- == 0) return block.unit_number * 4096;
  }
  throw std::runtime_error("no such block");
}

void Flip(std::vector<std::byte>& bytes, uint64_t offset) { bytes.at(offset) ^= std::byte{1}; }

void MakeNewer(std::vector<std::byte>& volume) {
  constexpr size_t kChecksumOffset = 120;
  volume.at(8) = std::byte{kFramingMajor + 1};
  StoreLe(&volume.at(kChecksumOffset), Checksum64(ByteSpan(volume).first(kChecksumOffset)));
}

}  // namespace tapir::test
