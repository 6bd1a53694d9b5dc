#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "bytes/cursor.h"
#include "tests/ntfs/ntfs_fixture.h"
#include "tests/support/ntfs_dump.h"
#include "tests/support/ntfs_image.h"
#include "tests/support/status_matchers.h"

namespace tapir::test {
namespace {

constexpr uint64_t kLostImageBytes = uint64_t{8} << 20;
constexpr size_t kMftRecordBytes = 1024;
constexpr uint32_t kDataType = 0x80;

class LostStreamTest : public NtfsTest {
 protected:
  // Ends the run list of the stream that stands `nth` in the file's record before its first run.
  void CutRunList(const std::string& image, const std::string& name, int nth) {
    std::string bytes = BytesOfFile(At(image));
    std::string units;
    for (const char c : name) units += std::string{c, '\0'};
    bool cut = false;
    for (size_t at = bytes.find(units); at != std::string::npos; at = bytes.find(units, at + 1)) {
      const size_t record = at / kMftRecordBytes * kMftRecordBytes;
      if (bytes.compare(record, 4, "FILE") == 0) cut |= CutIn(bytes, record, nth);
    }
    ASSERT_TRUE(cut);
    std::ofstream(At(image), std::ios::binary) << bytes;
  }

 private:
  static bool CutIn(std::string& bytes, size_t record, int nth) {
    auto* base = reinterpret_cast<std::byte*>(bytes.data());
    size_t at = record + LoadLe<uint16_t>(base + record + 0x14);
    while (at + 0x40 < record + kMftRecordBytes && LoadLe<uint32_t>(base + at) <= kDataType) {
      const bool hit = LoadLe<uint32_t>(base + at) == kDataType && bytes[at + 8] != 0 && nth-- == 0;
      if (hit) bytes[at + LoadLe<uint16_t>(base + at + 0x20)] = '\0';
      if (hit) return true;
      at += LoadLe<uint32_t>(base + at + 4);
    }
    return false;
  }
};

TEST_F(LostStreamTest, AFileWhoseContentsCannotBeReadIsNotRestoredAsAnEmptyOne) {
  NtfsImage::Make(At("disk"), kLostImageBytes);
  NtfsImage(At("disk")).MakeFile(u"victim", std::string(50'000, 'v'));
  CutRunList("disk", "victim", 0);
  EXPECT_EQ(ArchiveImage(At("disk"), At("volume")).flawed, 1u);
  EXPECT_TRUE(WasTold("victim", "the contents"));
  const RestoreReport report = RestoreImage(At("volume"), At("new"), kLostImageBytes);
  EXPECT_EQ(report.unreadable_when_archived, 1u);
  EXPECT_EQ(report.restored, 1u);  // the root
}

TEST_F(LostStreamTest, ALostNamedStreamLeavesTheContents) {
  NtfsImage::Make(At("disk"), kLostImageBytes);
  {
    NtfsImage image(At("disk"));
    image.MakeFile(u"victim", "contents");
    image.AddStream(u"victim", {.name = u"more", .ranges = {{0, std::string(50'000, 'm')}}});
  }
  CutRunList("disk", "victim", 0);
  EXPECT_EQ(ArchiveImage(At("disk"), At("volume")).flawed, 1u);
  EXPECT_TRUE(WasTold("victim", "stream 'more'"));
  EXPECT_EQ(RestoreImage(At("volume"), At("new"), kLostImageBytes).restored, 2u);
}

TEST_F(LostStreamTest, StreamsOfADirectoryThatIsThereStayUnlessItIsReplaced) {
  for (const char* name : {"old", "new"}) {
    NtfsImage::Make(At(name), kLostImageBytes);
    NtfsImage image(At(name));
    image.MakeDirectory(u"folder");
    const std::string bytes = std::string(name) == "old" ? "what was there before" : "new";
    image.AddStream(u"folder", {.name = u"note", .ranges = {{0, bytes}}});
  }
  const auto length = [&] { return DumpNtfs(At("old")).at("folder").at("stream:note:size"); };
  const std::string before = length();
  ArchiveImage(At("new"), At("volume"));
  RestoreImage(At("volume"), At("old"));
  EXPECT_TRUE(WasTold("folder", "its streams"));
  EXPECT_EQ(length(), before);
  RestoreImage(At("volume"), At("old"), 0, true);
  EXPECT_EQ(length(), "3");
}

}  // namespace
}  // namespace tapir::test
