// What the target remembers of the paths it made.

#include <malloc.h>

#include <map>
#include <random>
#include <set>

#include "target/path_hash.h"
#include "target/path_table.h"
#include "target/restored_paths.h"
#include "tests/target/target_fixture.h"

namespace tapir::target {
namespace {

TEST(PathHasher, PrefixesEndAtComponents) {
  const PathHasher hasher;
  const auto prefixes = hasher.Prefixes("a/bc/d");
  ASSERT_EQ(4u, prefixes.size());
  EXPECT_EQ(hasher.Hash("."), prefixes[0].hash);
  EXPECT_EQ(hasher.Hash("a"), prefixes[1].hash);
  EXPECT_EQ(hasher.Hash("a/bc"), prefixes[2].hash);
  EXPECT_EQ(hasher.Hash("a/bc/d"), prefixes[3].hash);
  EXPECT_EQ(4u, prefixes[2].length_bytes);
  EXPECT_EQ(hasher.Hash("a/bc/d"), hasher.Extend(hasher.Hash("a/bc"), "d"));
  EXPECT_EQ(1u, hasher.Prefixes(".").size());
}

TEST(PathHasher, DifferentPathsDiffer) {
  const PathHasher hasher;
  std::set<uint64_t> hashes;
  for (int i = 0; i < 100'000; ++i) hashes.insert(hasher.Hash("dir/name" + std::to_string(i)));
  EXPECT_EQ(100'000u, hashes.size());
  EXPECT_EQ(0u, hashes.count(0));
  EXPECT_NE(hasher.Hash("a"), PathHasher().Hash("a")) << "another random point";
  // Around the length at which a word is full.
  const std::string sevens(14, 's');
  hashes.clear();
  for (size_t length = 1; length <= 14; ++length) {
    hashes.insert(hasher.Hash(sevens.substr(0, length)));
    hashes.insert(hasher.Hash(sevens.substr(0, length) + "/s"));
    hashes.insert(hasher.Hash(sevens.substr(0, length) + std::string(1, '\x7f')));
  }
  EXPECT_EQ(42u, hashes.size());
}

TEST(PathTable, AgreesWithAMap) {
  std::mt19937_64 random(1);
  PathTable table;
  std::map<uint64_t, uint32_t> expected;
  for (int i = 0; i < 200'000; ++i) {
    const uint64_t hash = 1 + random() % 3000;
    if (random() % 3 == 0) {
      table.Erase(hash);
      expected.erase(hash);
    } else {
      table.Set(hash, static_cast<uint32_t>(i));
      expected[hash] = static_cast<uint32_t>(i);
    }
  }
  EXPECT_EQ(expected.size(), table.count());
  for (uint64_t hash = 1; hash <= 3000; ++hash) {
    const auto known = expected.find(hash);
    EXPECT_EQ(known == expected.end() ? std::nullopt : std::optional(known->second),
              table.Find(hash));
  }
}

TEST(RestoredPaths, DirectoriesDeepestFirst) {
  const PathHasher hasher;
  RestoredPaths paths(hasher);
  paths.AddDirectory("a");
  paths.AddDirectory("a/b");
  paths.SetDirectoryMetadata("a/b", {.mode = 0700}, false);
  paths.SetDirectoryMetadata("x/y/z", {.mode = 0500}, false);
  paths.SetDirectoryMetadata("x", {.mode = 0510}, true);
  paths.SetDirectoryMetadata("gone", {.mode = 0777}, false);
  paths.Forget(hasher.Hash("gone"));
  paths.Add(hasher.Hash("a/b/file"), Made::kFile);
  const Xattr xattr{"user.tapir", "value"};
  paths.SetDirectoryMetadata("a", {.mode = 01711, .xattrs = {&xattr, 1}}, false);
  std::vector<std::string> seen;
  paths.VisitDirectoriesDeepestFirst(
      [&](const std::string& path, const Wanted& wanted, bool taken_over) {
        seen.push_back(path + " " + std::to_string(wanted.mode) + (taken_over ? " old" : ""));
        EXPECT_EQ(path == "a" ? 1u : 0u, wanted.xattrs.size());
      });
  const std::vector<std::string> expected = {"x/y/z 320", "x 328 old", "a/b 448", "a 969"};
  EXPECT_EQ(expected, seen);
  EXPECT_EQ(Made::kFile, paths.Find(hasher.Hash("a/b/file")));
  EXPECT_EQ(Made::kDirectory, paths.Find(hasher.Hash("a")));
  EXPECT_EQ(Made::kNothing, paths.Find(hasher.Hash("x"))) << "was there before";
  EXPECT_EQ(Made::kNothing, paths.Find(hasher.Hash("gone")));
}

TEST(RestoredPaths, AMillionDirectoriesTakeLessThan200Megabytes) {
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
  GTEST_SKIP() << "the sanitizer's allocator counts differently";
#endif
  const PathHasher hasher;
  RestoredPaths paths(hasher);
  const Xattr label{"security.selinux", "system_u:object_r:default_t:s0"};
  const size_t before = ::mallinfo2().uordblks + ::mallinfo2().hblkhd;
  for (int i = 0; i < 1'000'000; ++i) {
    paths.SetDirectoryMetadata(
        "some/where/number" + std::to_string(i / 1000) + "/number" + std::to_string(i),
        {.mode = 0755, .xattrs = {&label, 1}}, false);
  }
  const size_t after = ::mallinfo2().uordblks + ::mallinfo2().hblkhd;
  EXPECT_LT(after - before, 200'000'000u);
}

}  // namespace
}  // namespace tapir::target
