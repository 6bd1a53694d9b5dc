#include "object/stream_buffer.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include "tests/support/status_matchers.h"

namespace tapir::test {
namespace {

PackedChunk ChunkOf(uint64_t sequence, uint32_t bytes) {
  PackedChunk chunk;
  chunk.header.sequence = sequence;
  chunk.header.stored_bytes = bytes;
  return chunk;
}

TEST(StreamBuffer, WritesAllInOrder) {
  for (bool threaded : {false, true}) {
    std::vector<uint64_t> written;
    StreamBuffer buffer({.capacity_bytes = 1000, .threaded = threaded}, [&](PackedChunk chunk) {
      written.push_back(chunk.header.sequence);
      return OkStatus();
    });
    for (uint64_t i = 0; i < 500; ++i) Check(buffer.Push(ChunkOf(i, 300)));
    Check(buffer.Finish());
    ASSERT_EQ(written.size(), 500u);
    for (uint64_t i = 0; i < 500; ++i) EXPECT_EQ(written[i], i);
    EXPECT_LE(buffer.report().most_bytes, 1300u);
    EXPECT_EQ(buffer.report().pauses, 0u);
  }
}

TEST(StreamBuffer, TheFirstFailureStaysAndNothingMoreIsWritten) {
  for (bool threaded : {false, true}) {
    std::atomic<int> calls = 0;
    StreamBuffer buffer({.capacity_bytes = 100, .threaded = threaded}, [&](PackedChunk) {
      return ++calls == 3 ? DeviceError("third") : OkStatus();
    });
    Status status;
    for (int i = 0; i < 100 && status.ok(); ++i) status = buffer.Push(ChunkOf(0, 60));
    EXPECT_THAT(status, HasCode(StatusCode::kDeviceError));
    EXPECT_THAT(buffer.Finish(), HasCode(StatusCode::kDeviceError));
    EXPECT_EQ(calls, 3);
  }
}

TEST(StreamBuffer, WritingBeginsWhenItIsNearlyFull) {
  std::atomic<int> written = 0;
  StreamBuffer buffer({.capacity_bytes = 500, .in_long_runs = true}, [&](PackedChunk) {
    ++written;
    return OkStatus();
  });
  for (int i = 0; i < 4; ++i) Check(buffer.Push(ChunkOf(0, 100)));
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  EXPECT_EQ(written, 0);
  Check(buffer.Push(ChunkOf(0, 100)));
  while (written < 5) std::this_thread::yield();
  // It ran empty: the next run begins nearly full again, or at the end.
  for (int i = 0; i < 3; ++i) Check(buffer.Push(ChunkOf(0, 100)));
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  EXPECT_EQ(written, 5);
  Check(buffer.Finish());
  EXPECT_EQ(written, 8);
  EXPECT_EQ(buffer.report().pauses, 1u);
  EXPECT_GT(buffer.report().pause_s, 0.015);
}

// A source that gives in bursts, at less than the medium takes: few long pauses, not one a chunk.
TEST(StreamBuffer, FewLongPausesForASlowSource) {
  StreamBuffer buffer({.capacity_bytes = 1000, .in_long_runs = true},
                      [](PackedChunk) { return OkStatus(); });
  for (int i = 0; i < 300; ++i) {
    Check(buffer.Push(ChunkOf(0, 10)));
    std::this_thread::sleep_for(std::chrono::microseconds(200));
  }
  Check(buffer.Finish());
  EXPECT_LE(buffer.report().pauses, 4u);
  EXPECT_GE(buffer.report().pauses, 2u);
}

TEST(StreamBuffer, ADestroyedOneDropsWhatIsLeft) {
  std::atomic<int> written = 0;
  {
    StreamBuffer buffer({.capacity_bytes = 1000, .in_long_runs = true}, [&](PackedChunk) {
      ++written;
      return OkStatus();
    });
    Check(buffer.Push(ChunkOf(0, 100)));
  }
  EXPECT_EQ(written, 0);
}

}  // namespace
}  // namespace tapir::test
