#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "tapir/jobs/compare_job.h"
#include "tapir/ntfs/ntfs_source.h"
#include "tests/ntfs/ntfs_fixture.h"
#include "tests/support/ntfs_image.h"
#include "tests/support/status_matchers.h"

namespace tapir::test {
namespace {

constexpr uint64_t kDiskVolumeBytes = uint64_t{8} << 20;
constexpr int kNotInstalled = 127;

// A volume in a disk image of every form that Debian has a library for.
class DiskImageTest : public NtfsTest {
 protected:
  void SetUp() override {
    NtfsImage::Make(At("raw"), kDiskVolumeBytes);
    NtfsImage image(At("raw"));
    image.MakeDirectory(u"folder");
    image.MakeFile(u"folder/file", std::string(300'000, 'x'));
  }

  // A missing tool is no reason to pass.
  void Convert(const std::string& command_line) {
    const int status = RunTool(command_line);
    if (status == kNotInstalled) GTEST_SKIP() << "not installed: " << command_line;
    ASSERT_EQ(status, 0) << command_line;
  }

  void ExpectSameVolume(const std::string& image) {
    if (IsSkipped() || HasFatalFailure()) return;
    const ArchiveReport report = ArchiveImage(At(image), At("volume"));
    EXPECT_EQ(report.objects, 3u);
    EXPECT_EQ(report.flawed, 0u);
    NtfsSourceOptions options;
    options.address = Value(ParseNtfsAddress(At("raw")));
    options.reporter = &reporter_;
    const auto raw = Value(NtfsSource::Open(std::move(options)));
    const CompareReport compared = Value(CompareWithObjects(
        {.volume = At("volume"), .reporter = &reporter_}, *raw, [](const Difference& difference) {
          ADD_FAILURE() << difference.path << ": " << difference.text;
        }));
    EXPECT_EQ(compared.equal, 3u);
    // Only raw ones are written.
    const Result<RestoreReport> written = TryRestore(At("volume"), At(image));
    EXPECT_EQ(written.status().code(), StatusCode::kUnsupported);
  }
};

TEST_F(DiskImageTest, Vhd) {
  Convert("qemu-img convert -O vpc -o subformat=dynamic " + At("raw") + " " + At("disk.vhd"));
  ExpectSameVolume("disk.vhd");
}

TEST_F(DiskImageTest, Vmdk) {
  Convert("qemu-img convert -O vmdk " + At("raw") + " " + At("disk.vmdk"));
  ExpectSameVolume("disk.vmdk");
}

TEST_F(DiskImageTest, Qcow2) {
  Convert("qemu-img convert -O qcow2 " + At("raw") + " " + At("disk.qcow2"));
  ExpectSameVolume("disk.qcow2");
}

TEST_F(DiskImageTest, ExpertWitness) {
  Convert("ewfacquire -u -q -f encase6 -S 2MiB -t " + At("disk") + " " + At("raw"));
  ExpectSameVolume("disk.E01");
}

TEST_F(DiskImageTest, ADamagedOneIsNamed) {
  std::ofstream(At("bad.qcow2")) << "QFI\xFB and nothing else";
  const Result<ArchiveReport> report = TryArchive(At("bad.qcow2"), At("volume"));
  EXPECT_EQ(report.status().code(), StatusCode::kCorrupt);
  EXPECT_NE(report.status().message().find("bad.qcow2"), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(At("volume")));
}

}  // namespace
}  // namespace tapir::test
