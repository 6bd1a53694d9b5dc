#include "device/data_end.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <vector>

#include "device/transfer.h"
#include "tapir/base/limits.h"

namespace tapir::internal {

namespace {

// Small, because nearly always the last unit is data.
constexpr uint64_t kWindowBytes = 64u << 10;
constexpr uint64_t kMaxWindowBytes = uint64_t{1} << 40;

bool IsHole(int descriptor, uint64_t begin, uint64_t end) {
  off_t data = lseek(descriptor, static_cast<off_t>(begin), SEEK_DATA);
  if (data < 0) return errno == ENXIO;
  return static_cast<uint64_t>(data) >= end;
}

}  // namespace

size_t LastDataEnd(std::span<const std::byte> data) {
  size_t end = data.size();
  while (end > 0) {
    size_t begin = (end - 1) / limits::kUnitBytes * limits::kUnitBytes;
    auto unit = data.subspan(begin, end - begin);
    if (std::any_of(unit.begin(), unit.end(), [](std::byte b) { return b != std::byte{0}; })) break;
    end = begin;
  }
  return end;
}

uint64_t FindDataEnd(int descriptor, uint64_t before) {
  std::vector<std::byte> window;
  uint64_t width = kWindowBytes;
  uint64_t end = before;
  while (end > 0) {
    // Windows begin on units; they grow over holes and shrink to look closer at data.
    uint64_t begin = end <= width ? 0
                                  : (end - width + limits::kUnitBytes - 1) / limits::kUnitBytes *
                                        limits::kUnitBytes;
    if (IsHole(descriptor, begin, end)) {
      end = begin;
      width = std::min(width * 2, kMaxWindowBytes);
      continue;
    }
    if (width > kWindowBytes) {
      width = kWindowBytes;
      continue;
    }
    window.resize(end - begin);
    TransferResult result = ReadAt(descriptor, window, begin);
    if (result.error != 0) break;
    size_t data_end = LastDataEnd(std::span(window).first(result.size));
    if (data_end > 0) return begin + data_end;
    end = begin;
  }
  return end;
}

}  // namespace tapir::internal
