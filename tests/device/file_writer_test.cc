#include "device/file_writer.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <cerrno>

#include "device/transfer.h"
#include "tests/device/device_test_support.h"

namespace tapir::internal {
namespace {

constexpr size_t kRingBytes = 1u << 20;

TEST(FileWriter, ALateErrorEndsItAndCountsWhatIsLost) {
  TemporaryFolder folder;
  PutFile(folder / "v", {});
  Descriptor unwritable = OpenDescriptor(folder / "v", O_RDONLY);
  FileWriter writer(-1, unwritable.get(), 4096, kRingBytes);
  Bytes block = Pattern(65536, 1);
  // The first block only goes into the ring.
  ASSERT_TRUE(writer.Write(block));
  EXPECT_FALSE(writer.Drain());
  EXPECT_FALSE(writer.Write(block));
  EXPECT_EQ(writer.failure().sys_errno, EBADF);
  EXPECT_EQ(writer.failure().end_offset, 4096u);
  EXPECT_EQ(writer.failure().lost_blocks, 1u);
}

TEST(FileWriter, ManyWritesMeetALateErrorToo) {
  FileWriter writer(-1, -1, 0, kRingBytes);
  Bytes block = Pattern(65536, 1);
  uint64_t taken = 0;
  while (writer.Write(block)) {
    ++taken;
    ASSERT_LE(taken * block.size(), kRingBytes);
  }
  EXPECT_EQ(writer.failure().lost_blocks, taken);
}

TEST(FileWriter, FallsBackWhereDirectTransfersDoNotFit) {
  TemporaryFolder folder;
  PutFile(folder / "v", {});
  Descriptor file = OpenDescriptor(folder / "v", O_RDWR);
  Descriptor direct = ReopenDirect(file.get(), O_WRONLY);
  FileWriter writer(direct.get(), file.get(), 0, kRingBytes);
  Bytes odd = Pattern(1000, 1);
  ASSERT_TRUE(writer.Write(odd));
  ASSERT_TRUE(writer.Write(odd));
  ASSERT_TRUE(writer.Drain());
  Bytes expected = odd;
  Append(expected, odd);
  EXPECT_TRUE(GetFile(folder / "v") == expected);
}

TEST(FileWriter, BlocksLongerThanTheRingPassThroughIt) {
  TemporaryFolder folder;
  PutFile(folder / "v", {});
  Descriptor file = OpenDescriptor(folder / "v", O_RDWR);
  FileWriter writer(-1, file.get(), 0, kRingBytes);
  Bytes block = Pattern(5 * kRingBytes + 4096, 1);
  ASSERT_TRUE(writer.Write(block));
  ASSERT_TRUE(writer.Drain());
  EXPECT_EQ(writer.failure().end_offset, block.size());
  EXPECT_EQ(writer.failure().sys_errno, 0);
  EXPECT_TRUE(GetFile(folder / "v") == block);
}

}  // namespace
}  // namespace tapir::internal
