#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "tapir/jobs/verify_job.h"
#include "tests/ntfs/ntfs_fixture.h"
#include "tests/support/ntfs_image.h"
#include "tests/support/ntfs_sample_volume.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_bytes.h"

namespace tapir::test {
namespace {

constexpr unsigned kMostSeconds = 120;
constexpr int kIntact = 0;
constexpr int kRefused = 1;
constexpr int kWrong = 2;

class NtfsDamageTest : public NtfsTest {
 protected:
  void MakeBase() {
    MakeSmallSampleVolume(At("base"));
    places_ = NtfsImage(At("base")).MetadataPlaces();
    ASSERT_GT(places_.size(), 10u);
  }

  // Anything a byte may become, near each other or far.
  void Damage(std::mt19937_64& random) {
    std::fstream image(At("damaged"), std::ios::binary | std::ios::in | std::ios::out);
    const uint64_t changes = 1 + random() % 12;
    for (uint64_t i = 0; i < changes; ++i) {
      const auto& [begin, length] = places_[random() % places_.size()];
      const uint64_t offset = begin + random() % length;
      const size_t count = random() % 3 == 0 ? 4 : 1;
      std::string bytes(count, random() % 2 == 0 ? '\0' : '\xFF');
      if (random() % 2 == 0) bytes = RandomBytes(count, random());
      image.seekp(static_cast<std::streamoff>(offset));
      image << bytes;
    }
  }

  // What is behind the beginning of a few records, of all kinds.
  void DamageRecords(std::mt19937_64& random) {
    std::fstream image(At("damaged"), std::ios::binary | std::ios::in | std::ios::out);
    const auto& [begin, length] = places_[1];
    for (int i = 0; i < 8; ++i) {
      const uint64_t record = begin + random() % (length / 1024) * 1024;
      image.seekp(static_cast<std::streamoff>(record + 0x30 + random() % 400));
      image.put(static_cast<char>(random()));
    }
  }

  // In the child: archives, and looks whether what was written is whole.
  int ArchiveDamaged() {
    const std::string volume = At("volume");
    std::filesystem::remove(volume);
    threads_ = 1;
    const Result<ArchiveReport> archived = TryArchive(At("damaged"), volume);
    if (!archived.ok()) {
      const StatusCode code = archived.status().code();
      const bool is_clear = code == StatusCode::kCorrupt || code == StatusCode::kInvalidArgument ||
                            code == StatusCode::kUnsupported || code == StatusCode::kBusy ||
                            code == StatusCode::kDeviceError;
      if (!is_clear) std::fprintf(stderr, "%s\n", archived.status().ToString().c_str());
      return is_clear ? kRefused : kWrong;
    }
    const VerifyRequest verify{.volume = volume};
    const Result<VerifyReport> report = VerifyVolume(verify, {});
    const bool intact = report.ok() && report->verdict == Verdict::kIntact;
    if (!intact) std::fprintf(stderr, "the volume is not intact\n");
    return intact ? kIntact : kWrong;
  }

  // A crash of one round is told with its number.
  int InChild() {
    const pid_t child = ::fork();
    if (child == 0) {
      ::alarm(kMostSeconds);
      int status = kWrong;
      try {
        status = ArchiveDamaged();
      } catch (const std::exception& failure) {
        std::fprintf(stderr, "%s\n", failure.what());
      }
      ::_exit(status);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
  }

  std::vector<std::pair<uint64_t, uint64_t>> places_;
};

TEST_F(NtfsDamageTest, NothingThatIsFlippedEndsTheArchive) {
  MakeBase();
  const uint64_t rounds = FullRun() ? 2000 : 120 / kThinning;
  uint64_t intact = 0;
  for (uint64_t round = 0; round < rounds; ++round) {
    std::filesystem::copy_file(At("base"), At("damaged"),
                               std::filesystem::copy_options::overwrite_existing);
    std::mt19937_64 random(round);
    if (round % 2 == 0) Damage(random);
    if (round % 2 == 1) DamageRecords(random);
    const int outcome = InChild();
    EXPECT_LE(outcome, kRefused) << "round " << round;
    if (outcome == kIntact) ++intact;
  }
  // Most damage is that of single objects.
  EXPECT_GT(intact, rounds / 2);
}

}  // namespace
}  // namespace tapir::test
