#include <gtest/gtest.h>

#include <random>

#include "object/session_writer.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_bytes.h"
#include "tests/support/volume_builder.h"
#include "tests/support/volume_dump.h"

namespace tapir::test {
namespace {

// Files of all sizes, with duplicates, holes, hard links and mishaps, chosen by `seed`.
std::vector<MemoryObject> RandomTree(uint64_t seed, size_t objects) {
  std::mt19937_64 random(seed);
  std::vector<MemoryObject> tree;
  for (size_t i = 0; i < objects; ++i) {
    static constexpr size_t kScales[] = {10, 1000, 1000, 50'000, 50'000, 600'000, 2'000'000};
    size_t size = random() % kScales[random() % std::size(kScales)];
    if (random() % 40 == 0) size = (16u << 20) + random() % 3 * 500'000;
    uint64_t content = random() % 3 == 0 ? seed : random();
    MemoryObject object =
        File("d" + std::to_string(random() % 9) + "/" + std::to_string(i),
             random() % 2 == 0 ? TextBytes(size, content) : RandomBytes(size, content));
    if (random() % 10 == 0) object.size = size + 100'000;
    if (random() % 15 == 0) object.ends_at = size / 2;
    if (random() % 20 == 0) object.fails_at = size / 2;
    if (random() % 20 == 0) object.open_failure = NotFound("vanished");
    if (random() % 20 == 0) object.open_failure = DeviceError("refused");
    if (random() % 20 == 0) object.reopens = false;
    if (random() % 6 == 0) {
      object.inode = 1 + random() % 5;
      object.link_count = 4;
    }
    tree.push_back(std::move(object));
  }
  return tree;
}

struct Archived {
  std::vector<std::byte> bytes;
  std::vector<std::string> notices;
};

Archived Archive(const std::vector<MemoryObject>& objects, SessionOptions options,
                 uint64_t delay_seed) {
  VolumeBuilder volume(FixedLabel(256u << 10));
  volume.options().threads = options.threads;
  volume.options().io_threads = options.io_threads;
  volume.options().memory_bytes = options.memory_bytes;
  volume.options().zstd_level = options.zstd_level;
  volume.options().with_sha256 = options.with_sha256;
  MemorySource source(objects, delay_seed);
  Check(volume.Add(source).status());
  EXPECT_EQ(source.counters().misuse, 0u);
  Archived run{BytesOf(volume.device()), {}};
  for (const auto& notice : volume.reporter().notices()) {
    run.notices.push_back(notice.subject + ": " + notice.text);
  }
  return run;
}

// The thread sanitizer takes minutes for each.
constexpr uint64_t kRounds = kThinning > 1 ? 1 : 2;

TEST(SessionThreads, AnyNumberOfThreadsWritesTheSameBytes) {
  uint64_t seeds = FullRun() ? 30 : kRounds;
  for (uint64_t seed = 1; seed <= seeds; ++seed) {
    std::vector<MemoryObject> objects = RandomTree(seed, 70);
    SessionOptions options{.zstd_level = seed % 3 == 0 ? 0 : 1, .with_sha256 = seed % 2 == 0};
    options.threads = 1;
    Archived serial = Archive(objects, options, 0);
    for (unsigned threads : {2u, 4u, 8u}) {
      options.threads = threads;
      options.io_threads = threads * 3;
      options.memory_bytes = threads == 4 ? size_t{1} << 20 : size_t{96} << 20;
      Archived parallel = Archive(objects, options, seed * 100 + threads);
      EXPECT_TRUE(parallel.bytes == serial.bytes) << "seed " << seed << ", " << threads;
      EXPECT_EQ(parallel.notices, serial.notices);
    }
  }
}

TEST(SessionThreads, RandomTreesAreFreeOfFaults) {
  for (uint64_t seed = 50; seed < (FullRun() ? 150u : 53u); seed += Thinned(1)) {
    VolumeBuilder volume;
    volume.options().threads = 3;
    volume.options().zstd_level = 1;
    MemorySource source(RandomTree(seed, 60), seed);
    ASSERT_THAT(volume.Add(source), IsOk());
    VolumeDump dump = DumpVolume(volume.device());
    EXPECT_THAT(dump.faults, testing::IsEmpty());
    ASSERT_EQ(dump.sessions.size(), 1u);
    EXPECT_THAT(FaultsOf(dump.sessions[0]), testing::IsEmpty());
  }
}

// The files compared with are still being read when the difference is found.
TEST(SessionThreads, LargeFilesWithEqualPrefixes) {
  std::string first = RandomBytes(20u << 20, 1);
  std::vector<MemoryObject> objects = {File("a", first)};
  for (size_t i = 0; i < 3; ++i) {
    std::string other = first;
    char& byte = other[(i * 6 + 1) << 20];
    byte = static_cast<char>(byte ^ 1);
    objects.push_back(File("b" + std::to_string(i), other));
  }
  SessionOptions options{.zstd_level = 0};
  options.threads = 1;
  Archived serial = Archive(objects, options, 0);
  for (uint64_t round = 1; round <= kRounds; ++round) {
    options.threads = 4;
    EXPECT_TRUE(Archive(objects, options, round).bytes == serial.bytes);
  }
}

}  // namespace
}  // namespace tapir::test
