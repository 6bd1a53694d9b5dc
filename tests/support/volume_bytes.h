#pragma once

#include <cstddef>
#include <string>
#include <thread>
#include <vector>

#include "container/block_header.h"
#include "tapir/device/memory_device.h"
#include "tests/support/scratch.h"

namespace tapir::test {

/// A FIFO that yields bytes once to whoever opens it.
class Pipe {
 public:
  Pipe(const Scratch& scratch, std::vector<std::byte> bytes);
  ~Pipe();
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;

  const std::string& path() const { return path_; }

 private:
  std::string path_;
  std::thread writer_;
};

/// Headers of all blocks of a whole volume, in order.
std::vector<BlockHeader> BlocksOf(const std::vector<std::byte>& volume);
/// Where the n-th block of a type begins, in bytes; fails the test if there is none.
uint64_t PlaceOfBlock(const std::vector<std::byte>& volume, BlockType type, size_t n = 0);

void Flip(std::vector<std::byte>& bytes, uint64_t offset);
/// Gives the first block another framing version.
void MakeNewer(std::vector<std::byte>& volume);

}  // namespace tapir::test
