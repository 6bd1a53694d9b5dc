#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <string>

#include "tests/ntfs/ntfs_fixture.h"
#include "tests/support/ntfs_dump.h"
#include "tests/support/ntfs_image.h"

namespace tapir::test {
namespace {

// Volumes that others made.
class NtfsSamplesTest : public NtfsTest {
 protected:
  // Compressed anew, the same bytes may take other clusters.
  static bool IsTolerated(const NtfsDump& wanted, const std::string& path,
                          const std::string& field) {
    if (field == "stale") return true;
    const size_t last = field.rfind(':');
    if (!field.starts_with("stream:") || !field.ends_with(":map")) return false;
    const auto& fields = wanted.at(path);
    const auto flags = fields.find(field.substr(0, last) + ":flags");
    return flags != fields.end() && flags->second == "1";
  }

  void RoundTrip(const std::string& image, uint32_t cluster_bytes) {
    const NtfsDump wanted = DumpNtfs(image);
    EXPECT_GT(wanted.size(), 1u);
    ArchiveImage(image, At("volume"));
    NtfsImage::Make(At("copy"), std::filesystem::file_size(image) + (8 << 20), cluster_bytes);
    ExpectNothingLost(RestoreImage(At("volume"), At("copy"), 0, true));
    const Tolerated tolerated = [&](const std::string& path, const std::string& field) {
      return IsTolerated(wanted, path, field);
    };
    for (const std::string& difference : DifferencesOf(wanted, DumpNtfs(At("copy")), tolerated)) {
      ADD_FAILURE() << difference;
    }
    ExpectSound(At("copy"));
  }
};

// A disk of Windows 10, with clusters of 2 MiB.
TEST_F(NtfsSamplesTest, LargeClusters) {
  const std::string disk = "gzip -dc " TAPIR_SAMPLES "/ntfs/ntfs-2m.raw.gz";
  ASSERT_EQ(
      RunTool(disk + " | tail -c +65537 >'" + At("image") + "'; test -s '" + At("image") + "'"), 0);
  RoundTrip(At("image"), 65536);
}

TEST_F(NtfsSamplesTest, AVolumeInAFile) {
  ASSERT_EQ(
      RunTool("bzip2 -dc " TAPIR_SAMPLES "/ntfs/charlie.dd.bz2 | dd of='" + At("image") + "'"), 0);
  RoundTrip(At("image"), 4096);
}

}  // namespace
}  // namespace tapir::test
