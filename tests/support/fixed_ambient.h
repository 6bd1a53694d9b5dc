#pragma once

#include <atomic>
#include <cstdint>
#include <span>

#include "tapir/base/ambient.h"

namespace tapir::test {

/// A clock that moves one second with each look at it, and identifiers from a counter.
class FixedAmbient final : public Ambient {
 public:
  explicit FixedAmbient(int64_t start_seconds = 1'700'000'000, uint64_t first_id = 1)
      : seconds_(start_seconds), next_id_(first_id) {}

  Timestamp Now() override { return {seconds_++, 5}; }
  void FillRandom(std::span<std::byte> out) override {
    uint64_t id = next_id_++;
    for (size_t i = 0; i < out.size(); ++i) {
      out[i] = static_cast<std::byte>((id * 0x9E3779B97F4A7C15u >> (8 * (i % 8))) + i);
    }
  }

 private:
  std::atomic<int64_t> seconds_;
  std::atomic<uint64_t> next_id_;
};

}  // namespace tapir::test
