// Several threads restore one tree; also run under ThreadSanitizer.

#include <atomic>
#include <thread>

#include "tests/target/target_fixture.h"

namespace tapir {
namespace {

using ThreadsTest = TargetTest;

TEST_F(ThreadsTest, ManyThreadsShareDirectories) {
  constexpr int kThreads = 8;
  constexpr int kFiles = 200;
  const auto directory = [](int i) {
    return "a" + std::to_string(i % 3) + "/b" + std::to_string(i % 7) + "/c" + std::to_string(i);
  };
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread] {
      for (int i = 0; i < kFiles; ++i) {
        // All want the same directories; whoever is first makes them, here or as a parent.
        EXPECT_OK(MakeDirectory(directory(i % 50), 0750));
        const std::string path = directory(i % 50) + "/f" + std::to_string(thread * kFiles + i);
        if (i % 4 == 0) {
          auto file = target_->OpenFile(Of(ObjectType::kRegular, path));
          ASSERT_TRUE(file.ok()) << file.status().ToString();
          EXPECT_OK((*file)->WriteAt(0, Bytes(path)));
          EXPECT_OK((*file)->Commit(Of(ObjectType::kRegular, path), path.size()));
        } else {
          EXPECT_OK(MakeFile(path, path));
        }
        std::byte buffer[64];
        EXPECT_EQ(path.size(), target_->ReadBack(path, 0, buffer)->size);
        EXPECT_OK(target_->MakeHardLink(path, Of(ObjectType::kHardLink, path + "-link")));
        if (i % 5 == 0) {
          EXPECT_OK(target_->Remove(path + "-link"));
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  ASSERT_OK(target_->Finish());
  size_t count = 0;
  for (int i = 0; i < 50; ++i) {
    count += Names(At(directory(i))).size();
    EXPECT_EQ(0750u, Stat(At(directory(i))).st_mode & 07777);
    EXPECT_EQ(1'000'000'000, Stat(At(directory(i))).st_mtim.tv_sec);
  }
  EXPECT_EQ(static_cast<size_t>(kThreads * kFiles) * 9 / 5, count);
}

// The same name from several threads: one makes it, the others are told so.
TEST_F(ThreadsTest, OneWinnerPerName) {
  for (int round = 0; round < 100; ++round) {
    std::vector<std::thread> threads;
    std::atomic<int> made = 0;
    const std::string path = "d" + std::to_string(round) + "/f";
    for (int thread = 0; thread < 4; ++thread) {
      threads.emplace_back([&] {
        const Status status = MakeFile(path);
        if (status.ok()) {
          ++made;
        } else {
          EXPECT_CODE(kExists, status);
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(1, made);
  }
}

}  // namespace
}  // namespace tapir
