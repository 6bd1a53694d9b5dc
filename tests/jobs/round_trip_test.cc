#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "tapir/jobs/archive_job.h"
#include "tapir/jobs/compare_job.h"
#include "tapir/jobs/restore_job.h"
#include "tapir/jobs/verify_job.h"
#include "tests/support/collecting_reporter.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_bytes.h"
#include "tests/support/volume_bytes.h"

namespace tapir::test {
namespace {

namespace fs = std::filesystem;

/// A tree on disk with a bit of everything, archived, restored and compared, with any number of
/// threads.
class RoundTripTest : public testing::TestWithParam<unsigned> {
 protected:
  void MakeTree() {
    scratch_.Put("tree/empty", "");
    for (int i = 0; i < 300; ++i) {
      std::string folder = "tree/d" + std::to_string(i % 7) + "/";
      scratch_.Put(folder + "small-" + std::to_string(i),
                   TextBytes(static_cast<size_t>(i) * 50, 1));
    }
    scratch_.Put("tree/random", RandomBytes(3'000'000, 2));
    scratch_.Put("tree/text", TextBytes(6'000'000, 3));
    scratch_.Put("tree/text-again", TextBytes(6'000'000, 3));
    fs::create_hard_link(scratch_.At("tree/text"), scratch_.At("tree/text-linked"));
    fs::create_symlink("nowhere", scratch_.At("tree/link"));
    fs::create_hard_link(scratch_.At("tree/link"), scratch_.At("tree/link-linked"));
    std::ofstream(scratch_.At("tree/holes")) << "begin";
    fs::resize_file(scratch_.At("tree/holes"), 50'000'000);
    std::ofstream(scratch_.At("tree/holes-again")) << "begin";
    fs::resize_file(scratch_.At("tree/holes-again"), 50'000'000);
    ASSERT_EQ(mkfifo(scratch_.At("tree/fifo").c_str(), 0600), 0);
  }

  ArchiveReport ArchiveTree(int zstd_level) {
    ArchiveRequest request;
    request.volume = volume_;
    request.source.base_directory = scratch_.At("");
    request.source.paths = {"tree"};
    request.source.reporter = request.session.reporter = &reporter_;
    request.session.zstd_level = zstd_level;
    request.session.threads = GetParam();
    return Value(Archive(request));
  }

  RestoreReport RestoreFrom(const std::string& volume, const std::string& folder) {
    RestoreRequest request;
    request.volume = volume;
    request.target.directory = scratch_.At(folder);
    request.target.reporter = &reporter_;
    request.threads = GetParam();
    return Value(Restore(request));
  }

  void ExpectSame(const std::string& folder) {
    CompareReport report = Value(
        CompareWithDirectory({.volume = volume_, .threads = GetParam(), .reporter = &reporter_},
                             scratch_.At(folder), [](const Difference& difference) {
                               ADD_FAILURE() << difference.path << ": " << difference.text;
                             }));
    EXPECT_EQ(report.equal, report.compared);
    EXPECT_GT(report.compared, 300u);
  }

  std::vector<std::byte> VolumeBytes() {
    const std::string text = BytesOfFile(volume_);
    auto bytes = std::as_bytes(std::span(text));
    return {bytes.begin(), bytes.end()};
  }

  Scratch scratch_;
  std::string volume_ = scratch_.At("volume");
  CollectingReporter reporter_;
};

TEST_P(RoundTripTest, ATreeComesBackAsItWas) {
  MakeTree();
  for (int level : {0, 3}) {
    ArchiveReport archived = ArchiveTree(level);
    EXPECT_EQ(archived.flawed, 0u);
    VerifyRequest verify{.volume = volume_, .threads = GetParam()};
    VerifyReport proof = Value(VerifyVolume(verify, {}));
    EXPECT_EQ(proof.verdict, Verdict::kIntact);
    EXPECT_EQ(proof.unproven, 0u);
    std::string folder = "restored-" + std::to_string(level);
    RestoreReport restored = RestoreFrom(volume_, folder);
    EXPECT_EQ(restored.damaged + restored.failed + restored.kept, 0u);
    ExpectSame(folder);
  }
}

TEST_P(RoundTripTest, ThroughAPipe) {
  MakeTree();
  ArchiveTree(3);
  Pipe pipe(scratch_, VolumeBytes());
  RestoreReport restored = RestoreFrom(pipe.path(), "restored");
  EXPECT_EQ(restored.damaged + restored.failed + restored.kept, 0u);
  ExpectSame("restored");
  for (const char* name : {"holes", "holes-again"}) {
    struct stat file = {};
    ASSERT_EQ(stat(scratch_.At("restored/tree/" + std::string(name)).c_str(), &file), 0);
    EXPECT_LT(file.st_blocks, 100) << name;
  }
}

INSTANTIATE_TEST_SUITE_P(Threads, RoundTripTest, testing::Values(1u, 4u));

}  // namespace
}  // namespace tapir::test
