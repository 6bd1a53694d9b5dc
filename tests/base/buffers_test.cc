#include <gtest/gtest.h>

#include <cstring>
#include <random>
#include <thread>

#include "bytes/cursor.h"
#include "tapir/base/buffer_pool.h"
#include "tapir/base/spool.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_bytes.h"

namespace tapir::test {
namespace {

TEST(AlignedBuffer, LiesOnPages) {
  for (size_t size : {0u, 1u, 4095u, 4096u, 4097u, 1u << 20}) {
    AlignedBuffer buffer(size);
    EXPECT_EQ(buffer.size(), size);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(buffer.data()) % 4096, 0u);
    std::memset(buffer.data(), 1, size);
  }
}

TEST(BufferPool, LendsAgainWhatCameBack) {
  BufferPool pool(8192);
  const std::byte* first = nullptr;
  {
    auto buffer = pool.Take();
    EXPECT_EQ(buffer->size(), 8192u);
    first = buffer->data();
    EXPECT_NE(pool.Take()->data(), first);
  }
  EXPECT_EQ(pool.Take()->data(), first);
}

TEST(BufferPool, BuffersOutliveIt) {
  std::shared_ptr<AlignedBuffer> kept;
  {
    BufferPool pool(4096);
    kept = pool.Take();
  }
  std::memset(kept->data(), 7, kept->size());
  EXPECT_EQ(kept->span()[4095], std::byte{7});
}

TEST(BufferPool, NoTwoThreadsGetTheSame) {
  BufferPool pool(4096);
  std::vector<std::jthread> threads;
  std::atomic<int> clashes = 0;
  for (int id = 0; id < 4; ++id) {
    threads.emplace_back([&, id] {
      for (int i = 0; i < 2000; ++i) {
        auto buffer = pool.Take();
        std::memset(buffer->data(), id, 64);
        std::this_thread::yield();
        if (buffer->span()[63] != static_cast<std::byte>(id)) ++clashes;
      }
    });
  }
  threads.clear();
  EXPECT_EQ(clashes, 0);
}

TEST(Spool, ReadsBackAcrossMemoryAndFile) {
  for (size_t cap : {size_t{0}, size_t{1}, size_t{100}, size_t{1} << 30}) {
    Spool spool(cap);
    std::string all;
    std::mt19937_64 random(cap + 1);
    for (int i = 0; i < 200; ++i) {
      std::string piece = RandomBytes(random() % 90, random());
      EXPECT_EQ(Value(spool.Append(AsBytes(piece))), all.size());
      all += piece;
      ASSERT_EQ(spool.size(), all.size());
      size_t offset = random() % (all.size() + 1);
      std::string read(random() % (all.size() - offset + 1), '\0');
      ASSERT_THAT(spool.Read(offset, std::as_writable_bytes(std::span(read))), IsOk());
      ASSERT_EQ(read, all.substr(offset, read.size()));
    }
  }
}

TEST(Spool, RefusesToReadBehindItsEnd) {
  Spool spool(10);
  Check(spool.Append(AsBytes("twenty bytes of text")).status());
  std::byte out[8];
  EXPECT_THAT(spool.Read(12, out), IsOk());
  EXPECT_THAT(spool.Read(13, out), HasCode(StatusCode::kInternal));
  EXPECT_THAT(spool.Read(~uint64_t{0} - 3, out), HasCode(StatusCode::kInternal));
  EXPECT_THAT(spool.Read(20, {}), IsOk());
}

}  // namespace
}  // namespace tapir::test
