#include <filesystem>

#include "tapir/jobs/compare_job.h"
#include "tapir/windows/reparse_data.h"
#include "tapir/windows/wtf8.h"
#include "tests/ntfs/ntfs_fixture.h"
#include "tests/support/ntfs_image.h"
#include "tests/support/status_matchers.h"

namespace tapir::test {
namespace {

constexpr uint64_t kImageBytes = uint64_t{8} << 20;

// Sessions of NTFS volumes on a directory of this system.
class NtfsOnDirectoryTest : public NtfsTest {
 protected:
  std::string Differences() {
    std::string differences;
    Value(CompareWithDirectory({.volume = At("volume"), .reporter = &reporter_}, At("tree"),
                               [&](const Difference& difference) {
                                 differences += difference.path + ": " + difference.text + '\n';
                               }));
    return differences;
  }
};

TEST_F(NtfsOnDirectoryTest, SymbolicLinksAndJunctionsAreExpectedAsTheyAreMade) {
  NtfsImage::Make(At("disk"), kImageBytes);
  {
    NtfsImage image(At("disk"));
    image.MakeDirectory(u"folder");
    image.MakeFile(u"folder/to");
    image.SetReparse(
        u"folder/to",
        Value(BuildSymlink({.substitute = "..\\file", .print = "..\\file", .relative = true})));
    image.MakeFile(u"drive");
    image.SetReparse(
        u"drive", Value(BuildSymlink({.substitute = "\\??\\C:\\folder", .print = "C:\\folder"})));
    image.MakeDirectory(u"junction");
    image.SetReparse(
        u"junction",
        Value(BuildMountPoint({.substitute = "\\??\\C:\\folder", .print = "C:\\folder"})));
    image.MakeFile(u"file", "contents");
  }
  ArchiveImage(At("disk"), At("volume"));
  RestoreDirectory(At("volume"), At("tree"));
  EXPECT_EQ(Differences(), "");
  EXPECT_EQ(std::filesystem::read_symlink(At("tree/folder/to")), "../file");
  std::filesystem::remove(At("tree/junction"));
  std::filesystem::create_symlink("elsewhere", At("tree/junction"));
  EXPECT_NE(Differences().find("junction: target 'folder' is 'elsewhere' now"), std::string::npos)
      << Differences();
}

TEST_F(NtfsOnDirectoryTest, ANameThatIsTooLongThereIsRefusedAndNamed) {
  const std::u16string name(100, u'\u4e2d');
  NtfsImage::Make(At("disk"), kImageBytes);
  {
    NtfsImage image(At("disk"));
    image.MakeFile(name, "contents");
    image.MakeFile(u"other", "contents");
  }
  ArchiveImage(At("disk"), At("volume"));
  const RestoreReport report = RestoreDirectory(At("volume"), At("tree"));
  EXPECT_EQ(report.refused, 1u);
  EXPECT_EQ(report.failed, 0u);
  EXPECT_TRUE(WasTold(Wtf8(name), "not restored"));
  EXPECT_TRUE(std::filesystem::exists(At("tree/other")));
}

TEST_F(NtfsOnDirectoryTest, StreamsThatAreLeftBehindAreToldOfDirectoriesToo) {
  NtfsImage::Make(At("disk"), kImageBytes);
  {
    NtfsImage image(At("disk"));
    image.MakeDirectory(u"folder");
    image.AddStream(u"folder", {.name = u"note", .ranges = {{0, "text"}}, .size = {}, .valid = {}});
    image.MakeFile(u"file", "contents");
    image.AddStream(u"file", {.name = u"note", .ranges = {{0, "text"}}, .size = {}, .valid = {}});
  }
  ArchiveImage(At("disk"), At("volume"));
  RestoreDirectory(At("volume"), At("tree"));
  EXPECT_TRUE(WasTold("folder", "streams are not restored"));
  EXPECT_TRUE(WasTold("file", "streams are not restored"));
}

}  // namespace
}  // namespace tapir::test
