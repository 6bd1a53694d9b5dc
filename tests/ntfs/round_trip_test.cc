#include <gtest/gtest.h>

#include <cstdint>
#include <string>

#include "tapir/jobs/verify_job.h"
#include "tests/ntfs/ntfs_fixture.h"
#include "tests/support/ntfs_dump.h"
#include "tests/support/ntfs_image.h"
#include "tests/support/ntfs_sample_volume.h"
#include "tests/support/status_matchers.h"

namespace tapir::test {
namespace {

constexpr uint64_t kSampleBytes = uint64_t{48} << 20;

class NtfsRoundTripTest : public NtfsTest, public testing::WithParamInterface<uint32_t> {
 protected:
  // Onto a volume of the same cluster size.
  void RestoreAlike(const std::string& volume, const std::string& image) {
    NtfsImage::Make(image, kSampleBytes, GetParam());
    ExpectNothingLost(RestoreImage(volume, image, 0, true));
  }
  static void ExpectSame(const NtfsDump& wanted, const NtfsDump& got) {
    const Tolerated stale = [](const std::string&, const std::string& field) {
      return field == "stale";
    };
    for (const std::string& difference : DifferencesOf(wanted, got, stale)) {
      ADD_FAILURE() << difference;
    }
    for (const auto& [path, fields] : got) EXPECT_EQ(fields.at("stale"), "") << path;
  }
};

TEST_P(NtfsRoundTripTest, EverythingComesBack) {
  MakeSampleVolume(At("first"), GetParam(), kSampleBytes);
  const NtfsDump wanted = DumpNtfs(At("first"));
  threads_ = 4;
  EXPECT_EQ(ArchiveImage(At("first"), At("v1")).flawed, 0u);
  EXPECT_EQ(Notices(), "");
  const VerifyRequest verify{.volume = At("v1")};
  EXPECT_EQ(Value(VerifyVolume(verify, {})).verdict, Verdict::kIntact);
  RestoreAlike(At("v1"), At("second"));
  const NtfsDump got = DumpNtfs(At("second"));
  ExpectSame(wanted, got);
  ExpectSound(At("second"));

  ArchiveImage(At("second"), At("v2"));
  RestoreAlike(At("v2"), At("third"));
  ExpectSame(got, DumpNtfs(At("third")));
}

TEST_P(NtfsRoundTripTest, OneThread) {
  MakeSampleVolume(At("first"), GetParam(), kSampleBytes);
  threads_ = 1;
  ArchiveImage(At("first"), At("v1"));
  RestoreAlike(At("v1"), At("second"));
  ExpectSame(DumpNtfs(At("first")), DumpNtfs(At("second")));
}

INSTANTIATE_TEST_SUITE_P(ClusterBytes, NtfsRoundTripTest, testing::Values(512u, 4096u, 65536u));

}  // namespace
}  // namespace tapir::test
