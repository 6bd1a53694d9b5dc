#include "device/vtape/tape_image.h"

#include <gtest/gtest.h>

#include <initializer_list>

#include "bytes/cursor.h"
#include "tests/device/device_test_support.h"
#include "tests/support/status_matchers.h"

namespace tapir::vtape {
namespace {

using test::Check;
using test::HasCode;
using test::Value;
using ObjectKind = TapeImage::Object::Kind;

Bytes Words(std::initializer_list<uint32_t> words) {
  Bytes bytes(words.size() * 4);
  size_t at = 0;
  for (uint32_t word : words) StoreLe(&bytes[std::exchange(at, at + 4)], word);
  return bytes;
}

class TapeImageTest : public testing::Test {
 protected:
  TapeImage Open() { return Value(TapeImage::Open(path_, true, true)); }
  std::vector<ObjectKind> Kinds() {
    std::vector<ObjectKind> kinds;
    TapeImage image = Open();
    for (const auto& object : image.objects()) kinds.push_back(object.kind);
    return kinds;
  }

  TemporaryFolder folder_;
  std::string path_ = folder_ / "image";
};

// The layout other programs read and write.
TEST_F(TapeImageTest, IsASimhImage) {
  TapeImage image = Open();
  Check(image.WriteBlock(0, AsBytes("abc")));
  Check(image.WriteMarks(1, 1));
  Check(image.WriteBlock(2, AsBytes("wxyz")));
  Bytes expected = Words({3, 0x00636261, 3, 0, 4, 0x7A797877, 4});
  EXPECT_EQ(GetFile(path_), expected);
}

TEST_F(TapeImageTest, ReadsWhatOthersWrite) {
  // A gap, a record of an unknown class, a bad record, a private marker, end of medium and rubbish.
  PutFile(path_, Words({0xFFFFFFFE, 4, 1, 4, 0x20000004, 2, 0x20000004, 0, 0x80000004, 3,
                        0x80000004, 0x70000001, 0xFFFFFFFF, 99, 98}));
  TapeImage image = Open();
  ASSERT_EQ(image.objects().size(), 3u);
  EXPECT_EQ(image.objects()[0].kind, ObjectKind::kBlock);
  EXPECT_EQ(image.objects()[1].kind, ObjectKind::kMark);
  EXPECT_EQ(image.objects()[2].kind, ObjectKind::kBadBlock);
  EXPECT_EQ(image.DataBytesBefore(3), 8u);
  Check(image.WriteMarks(3, 1));
  EXPECT_EQ(GetFile(path_).size(), 4u + 12 + 12 + 4 + 12 + 4) << "what lay behind is cut off";
  EXPECT_EQ(Kinds().size(), 4u);
}

TEST_F(TapeImageTest, AGapAtTheEndIsOverwritten) {
  PutFile(path_, Words({4, 1, 4, 0xFFFFFFFE, 0xFFFFFFFE, 0xFFFFFFFE}));
  Check(Open().WriteMarks(1, 1));
  EXPECT_EQ(GetFile(path_), Words({4, 1, 4, 0}));
}

TEST_F(TapeImageTest, AnotherFileIsRefused) {
  PutFile(path_, Pattern(10000, 7));
  Bytes small = Words({16, 1, 2, 3, 4, 17});
  EXPECT_THAT(TapeImage::Open(path_, false, false), HasCode(StatusCode::kForeign));
  PutFile(path_, small);
  EXPECT_THAT(TapeImage::Open(path_, false, false), HasCode(StatusCode::kForeign));
  EXPECT_TRUE(Value(TapeImage::OpenOurs(path_, false, false)).objects().empty());
  EXPECT_THAT(TapeImage::Open(path_ + "x", false, false), HasCode(StatusCode::kNotFound));
}

TEST_F(TapeImageTest, BadBlocksAreKeptAsSuch) {
  TapeImage image = Open();
  Check(image.WriteBlock(0, AsBytes("abcd")));
  Check(image.MarkBad(0));
  EXPECT_EQ(Kinds(), std::vector<ObjectKind>{ObjectKind::kBadBlock});
  EXPECT_EQ(GetFile(path_), Words({0x80000004, 0x64636261, 0x80000004}));
}

}  // namespace
}  // namespace tapir::vtape
