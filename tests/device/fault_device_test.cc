#include "tapir/device/fault_device.h"

#include <gtest/gtest.h>

#include "tapir/device/memory_device.h"
#include "tests/device/device_test_support.h"

namespace tapir {
namespace {

const Bytes& Block() {
  static const Bytes kBlock = Pattern(4096, 1);
  return kBlock;
}

Status SomeError() { return DeviceError("made to fail"); }

TEST(FaultDevice, PassesOnAndCounts) {
  MemoryDevice memory;
  FaultDevice device(memory);
  ASSERT_WRITTEN(device.Write(Block()));
  ASSERT_WRITTEN(device.WriteFilemarks(1, false));
  ASSERT_OK(device.Sync());
  ASSERT_OK(device.LocateEnd());
  ASSERT_OK(device.Locate({}));
  EXPECT_TRUE(ReadAll(device, 10000) == Block());
  EXPECT_EQ(device.position().offset_bytes, 4096u);
  EXPECT_EQ(device.LengthBytes(), 4096);
  EXPECT_EQ(device.DataEndBefore(9000), 4096u);
  EXPECT_EQ(device.name(), "memory");
  EXPECT_EQ(device.calls(DeviceCall::kRead), 2u);
  EXPECT_EQ(device.calls(DeviceCall::kSync), 1u);
  EXPECT_EQ(device.calls(DeviceCall::kAny), 7u);
}

TEST(FaultDevice, FailsTheNthCallOfEachKind) {
  for (DeviceCall call :
       {DeviceCall::kRead, DeviceCall::kWrite, DeviceCall::kWriteFilemarks, DeviceCall::kLocate,
        DeviceCall::kLocateEnd, DeviceCall::kSync, DeviceCall::kErase}) {
    MemoryDevice memory({.like_tape = true});
    FaultDevice device(memory, {.failures = {{.call = call, .nth = 2, .status = SomeError()}}});
    for (int round = 1; round <= 3; ++round) {
      bool due = round == 2;
      Bytes buffer(4096);
      EXPECT_EQ(device.Write(Block()).ok(), !(due && call == DeviceCall::kWrite));
      EXPECT_EQ(device.WriteFilemarks(1, true).ok(), !(due && call == DeviceCall::kWriteFilemarks));
      EXPECT_EQ(device.Sync().ok(), !(due && call == DeviceCall::kSync));
      EXPECT_EQ(device.Locate({}).ok(), !(due && call == DeviceCall::kLocate));
      EXPECT_EQ(device.Read(buffer).ok(), !(due && call == DeviceCall::kRead));
      EXPECT_EQ(device.Erase().ok(), !(due && call == DeviceCall::kErase));
      EXPECT_EQ(device.LocateEnd().ok(), !(due && call == DeviceCall::kLocateEnd));
    }
  }
}

TEST(FaultDevice, FailuresMayLastAndMayTakeEffect) {
  MemoryDevice memory;
  FaultDevice device(
      memory,
      {.failures = {
           {.call = DeviceCall::kWrite, .nth = 2, .status = SomeError(), .takes_effect = true},
           {.nth = 4, .status = SomeError(), .lasting = true}}});
  ASSERT_WRITTEN(device.Write(Block()));
  EXPECT_FALSE(device.Write(Block()).ok());
  EXPECT_EQ(memory.bytes().size(), 8192u);
  ASSERT_WRITTEN(device.Write(Block()));
  EXPECT_FALSE(device.Write(Block()).ok());
  EXPECT_FALSE(device.Sync().ok());
  EXPECT_FALSE(device.Locate({}).ok());
  EXPECT_EQ(memory.bytes().size(), 12288u);
}

TEST(FaultDevice, WarnsAndEndsFromTheNthWriteOn) {
  MemoryDevice memory;
  FaultDevice device(memory, {.early_warning_at_write = 2, .end_of_medium_at_write = 3});
  ASSERT_WRITTEN(device.Write(Block()));
  ASSERT_WRITE_OUTCOME(device.Write(Block()), kEarlyWarning);
  ASSERT_WRITE_OUTCOME(device.Write(Block()), kEndOfMedium);
  ASSERT_WRITE_OUTCOME(device.Write(Block()), kEndOfMedium);
  EXPECT_EQ(memory.bytes().size(), 8192u);
}

TEST(FaultDevice, FlipsBitsOnTheWayInAndOut) {
  MemoryDevice memory;
  FaultDevice device(
      memory, {.flips = {{.call = DeviceCall::kWrite, .nth = 2, .byte = 4096 + 5, .mask = 0xF0},
                         {.call = DeviceCall::kRead, .nth = 1, .byte = 7}}});
  for (int i = 0; i < 2; ++i) ASSERT_WRITTEN(device.Write(Block()));
  EXPECT_EQ(memory.bytes()[4096 + 5], Block()[5] ^ std::byte{0xF0});
  EXPECT_EQ(memory.bytes()[5], Block()[5]);
  ASSERT_OK(device.Locate({}));
  Bytes buffer(4096);
  ASSERT_OK(device.Read(buffer));
  EXPECT_EQ(buffer[7], Block()[7] ^ std::byte{1});
  EXPECT_EQ(memory.bytes()[7], Block()[7]);
}

TEST(FaultDevice, ShortReadsLoseNothingInAFileAndTheRestOfATapeBlock) {
  for (bool like_tape : {false, true}) {
    MemoryDevice memory({.like_tape = like_tape});
    FaultDevice device(memory, {.short_read_at = 1});
    ASSERT_WRITTEN(device.Write(Block()));
    ASSERT_OK(device.Locate({}));
    Bytes buffer(4096);
    EXPECT_EQ(device.Read(buffer)->size, 2048u);
    EXPECT_EQ(ReadAll(device, 4096).size(), like_tape ? 0u : 2048u);
  }
}

TEST(FaultDevice, APowerCutEndsEverythingAndDropsWhatWasNotSynced) {
  MemoryDevice memory;
  FaultDevice device(memory,
                     {.power_cut_at_call = 4, .on_power_cut = [&] { memory.DropUnsynced(); }});
  ASSERT_WRITTEN(device.Write(Block()));
  ASSERT_OK(device.Sync());
  ASSERT_WRITTEN(device.Write(Block()));
  EXPECT_EQ(device.Sync().code(), StatusCode::kDeviceError);
  EXPECT_FALSE(device.Write(Block()).ok());
  EXPECT_FALSE(device.Locate({}).ok());
  EXPECT_TRUE(memory.bytes() == Block());
}

}  // namespace
}  // namespace tapir
