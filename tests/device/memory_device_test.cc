#include "tapir/device/memory_device.h"

#include <gtest/gtest.h>

#include "tests/device/device_test_support.h"

namespace tapir {
namespace {

TEST(MemoryDevice, LaysBlocksEndToEndLikeAFile) {
  MemoryDevice device;
  Bytes all;
  for (size_t size : {4096u, 8192u, 4096u}) {
    Bytes block = Pattern(size, size);
    ASSERT_WRITTEN(device.Write(block));
    ASSERT_WRITTEN(device.WriteFilemarks(1, false));
    Append(all, block);
  }
  EXPECT_EQ(device.position().object, 3u);
  EXPECT_EQ(device.LengthBytes(), 16384);
  EXPECT_TRUE(device.bytes() == all);
  ASSERT_OK(device.Locate({.offset_bytes = 100}));
  EXPECT_TRUE(ReadAll(device, 5000) == Bytes(all.begin() + 100, all.end()));
  EXPECT_EQ(device.Write(Bytes(100)).status().code(), StatusCode::kInvalidArgument);
}

TEST(MemoryDevice, NeverOverwritesLikeAFileAndFillsAPartialUnit) {
  Bytes old = Pattern(5000, 1);
  auto owned = MemoryDevice::FromBytes(old);
  MemoryDevice& device = *owned;
  Bytes block = Pattern(4096, 2);
  EXPECT_EQ(device.Write(block).status().code(), StatusCode::kInvalidArgument);
  ASSERT_OK(device.LocateEnd());
  EXPECT_EQ(device.position().offset_bytes, 8192u);
  ASSERT_WRITTEN(device.Write(block));
  Bytes expected = old;
  expected.resize(8192);
  Append(expected, block);
  EXPECT_TRUE(device.bytes() == expected);
}

TEST(MemoryDevice, KeepsBlocksAndMarksLikeATape) {
  MemoryDevice device({.like_tape = true});
  Bytes first = Pattern(4096, 1);
  Bytes second = Pattern(8192, 2);
  ASSERT_WRITTEN(device.Write(first));
  ASSERT_WRITTEN(device.WriteFilemarks(1, true));
  ASSERT_WRITTEN(device.Write(second));
  EXPECT_EQ(device.object_count(), 3u);
  EXPECT_EQ(device.position().object, 3u);
  EXPECT_EQ(device.position().offset_bytes, 12288u);
  EXPECT_EQ(device.LengthBytes(), -1);
  ASSERT_OK(device.Locate({}));
  Bytes buffer(8192);
  EXPECT_EQ(device.Read(buffer)->size, 4096u);
  EXPECT_EQ(device.Read(buffer)->kind, ReadKind::kFilemark);
  EXPECT_EQ(device.position().object, 2u);
  EXPECT_EQ(device.position().offset_bytes, 4096u);
  // Too small a buffer loses the block.
  EXPECT_EQ(device.Read(std::span(buffer).first(4096)).status().code(), StatusCode::kLimitExceeded);
  EXPECT_EQ(device.position().object, 3u);
  EXPECT_EQ(device.Read(buffer)->kind, ReadKind::kEndOfData);
  EXPECT_EQ(device.Locate({.object = 4}).code(), StatusCode::kDeviceError);
  EXPECT_EQ(device.position().object, 3u);
  // Writing in the middle drops what follows, as a drive does.
  ASSERT_OK(device.Locate({.object = 1, .offset_bytes = 4096}));
  ASSERT_WRITTEN(device.Write(second));
  EXPECT_EQ(device.object_count(), 2u);
  EXPECT_EQ(device.bytes().size(), 12288u);
}

TEST(MemoryDevice, WarnsAndEndsByCapacity) {
  for (bool like_tape : {false, true}) {
    MemoryDevice device(
        {.like_tape = like_tape, .capacity_bytes = 16384, .early_warning_bytes = 8000});
    Bytes block = Pattern(4096, 1);
    ASSERT_WRITTEN(device.Write(block));
    ASSERT_WRITTEN(device.Write(block));
    ASSERT_WRITE_OUTCOME(device.Write(block), kEarlyWarning);
    ASSERT_WRITE_OUTCOME(device.Write(block), kEarlyWarning);
    ASSERT_WRITE_OUTCOME(device.Write(block), kEndOfMedium);
    EXPECT_EQ(device.position().offset_bytes, 16384u);
    EXPECT_EQ(device.bytes().size(), 16384u);
  }
}

TEST(MemoryDevice, CanBeDamaged) {
  MemoryDevice device({.like_tape = true});
  Bytes block = Pattern(4096, 1);
  for (int i = 0; i < 3; ++i) ASSERT_WRITTEN(device.Write(block));
  device.Flip(4096, 0x80);
  EXPECT_EQ(device.bytes()[4096], block[0] ^ std::byte{0x80});
  device.Cut(6000);
  EXPECT_EQ(device.object_count(), 2u);
  ASSERT_OK(device.Locate({.object = 1}));
  Bytes buffer(8192);
  EXPECT_EQ(device.Read(buffer)->size, 6000u - 4096);
}

TEST(MemoryDevice, APowerCutTakesWhatWasNotSynced) {
  for (bool like_tape : {false, true}) {
    MemoryDevice device({.like_tape = like_tape});
    Bytes block = Pattern(4096, 1);
    ASSERT_WRITTEN(device.Write(block));
    ASSERT_OK(device.Sync());
    ASSERT_WRITTEN(device.Write(block));
    ASSERT_WRITTEN(device.WriteFilemarks(1, true));
    device.DropUnsynced();
    EXPECT_TRUE(device.bytes() == block);
    EXPECT_EQ(device.object_count(), like_tape ? 1u : 0u);
  }
  MemoryDevice tape({.like_tape = true});
  ASSERT_WRITTEN(tape.Write(Pattern(4096, 1)));
  ASSERT_WRITTEN(tape.WriteFilemarks(1, false));
  tape.DropUnsynced();
  EXPECT_EQ(tape.object_count(), 2u);
}

TEST(MemoryDevice, APowerCutMayLeaveUnitsInAnyState) {
  MemoryDevice device;
  Bytes block = Pattern(1u << 20, 1);
  ASSERT_WRITTEN(device.Write(block));
  ASSERT_OK(device.Sync());
  ASSERT_WRITTEN(device.Write(block));
  device.ScatterUnsynced(1);
  int zero = 0;
  for (size_t unit = 0; unit < 512; ++unit) {
    bool is_zero = device.bytes()[unit * 4096] == std::byte{0};
    ASSERT_FALSE(is_zero && unit < 256);
    zero += is_zero ? 1 : 0;
  }
  EXPECT_GT(zero, 64);
  EXPECT_LT(zero, 192);
}

TEST(MemoryDevice, EraseLeavesAnEmptyMedium) {
  for (bool like_tape : {false, true}) {
    MemoryDevice device({.like_tape = like_tape});
    ASSERT_WRITTEN(device.Write(Pattern(4096, 1)));
    ASSERT_WRITTEN(device.WriteFilemarks(1, false));
    ASSERT_OK(device.Erase());
    EXPECT_TRUE(device.bytes().empty());
    EXPECT_EQ(device.object_count(), 0u);
    EXPECT_TRUE(ReadAll(device, 4096).empty());
    ASSERT_WRITTEN(device.Write(Pattern(4096, 2)));
    EXPECT_EQ(device.position().object, 1u);
  }
}

TEST(MemoryDevice, SkipsAZeroTail) {
  Bytes image = Pattern(8192, 1);
  image.resize(40960);
  auto device = MemoryDevice::FromBytes(image);
  EXPECT_EQ(device->DataEndBefore(40960), 8192u);
  EXPECT_EQ(device->DataEndBefore(1 << 20), 8192u);
  EXPECT_EQ(device->DataEndBefore(4096), 4096u);
}

}  // namespace
}  // namespace tapir
