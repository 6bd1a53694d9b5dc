#include "device/tape/resuming_device.h"

#include <gtest/gtest.h>

#include "tapir/device/tape_block_device.h"
#include "tests/device/scsi/drive_fixture.h"
#include "tests/device/st/st_fixture.h"

namespace tapir {
namespace {

constexpr size_t kBlock = 4096;

Bytes BlockOf(char c) { return Pattern(kBlock, static_cast<uint64_t>(c)); }

/// Writes through a ResumingDevice: a block for each letter, a mark for each 0.
struct Writing {
  explicit Writing(TapeDrive& drive, uint64_t window_bytes = 1u << 20)
      : tape(test::Value(TapeBlockDevice::Borrow(drive))),
        device(*tape, {.window_bytes = window_bytes,
                       .stands_before =
                           [this](std::span<const std::byte> block) {
                             return std::ranges::equal(block, before);
                           },
                       .tell = [this](const std::string& text) { news += text + "."; }}) {}

  Status Put(const std::string& what) {
    for (char c : what) {
      Status done =
          c == '0' ? device.WriteFilemarks(1, true).status() : device.Write(BlockOf(c)).status();
      if (!done.ok()) return done;
    }
    return OkStatus();
  }

  std::unique_ptr<TapeBlockDevice> tape;
  Bytes before;
  std::string news;
  ResumingDevice device;
};

std::string On(const test::ModelPartition& partition) {
  std::string all;
  for (uint64_t i = 0; i < partition.size(); ++i) {
    const test::ModelObject& object = partition.at(i);
    char block = '?';
    for (char c = 'a'; c <= 'z'; ++c) {
      if (object.data == BlockOf(c)) block = c;
    }
    all += object.mark ? '0' : block;
  }
  return all;
}

/// On a model of a drive, behind "l0".
class ResumingTest : public testing::Test {
 protected:
  ResumingTest() {
    test::Check(writing.Put("l0"));
    test::Check(writing.device.LocateEnd());
    writing.before = BlockOf('l');
  }
  std::string On() { return tapir::On(drive.model.medium().partitions[0]); }
  void Reset(uint64_t loses) { drive.model.Reset(loses); }

  scsi::ModelDrive drive;
  Writing writing{*drive.drive};
};

TEST_F(ResumingTest, WhatWasLostIsWrittenAgain) {
  ASSERT_OK(writing.Put("abc0d"));
  Reset(3);
  ASSERT_OK(writing.Put("e"));
  EXPECT_EQ(On(), "l0abc0de");
  EXPECT_EQ(writing.news, "the drive was reset; 2 blocks were written again.");
  EXPECT_EQ(writing.device.position().object, 8u);
  EXPECT_EQ(writing.device.position().offset_bytes, 5 * kBlock);
}

TEST_F(ResumingTest, ABarrierGetsOverAResetToo) {
  ASSERT_OK(writing.Put("ab"));
  Reset(1);
  ASSERT_OK(writing.device.Sync());
  EXPECT_EQ(On(), "l0ab");
  EXPECT_EQ(writing.news, "the drive was reset; 1 block was written again.");
  Reset(100);
  ASSERT_OK(writing.device.Sync());
  EXPECT_EQ(On(), "l0ab");
}

TEST_F(ResumingTest, FromTheBeginningTheBlockBeforeItProvesThePlace) {
  Reset(0);
  ASSERT_OK(writing.Put("a"));
  EXPECT_EQ(On(), "l0a");
  writing.before = BlockOf('x');
  Reset(1);
  EXPECT_TAPE_ERROR(writing.Put("b"), kBusReset);
  EXPECT_EQ(On(), "l0");
  EXPECT_EQ(writing.device.position().object, 0u) << "another medium";
  EXPECT_TAPE_ERROR(writing.Put("b"), kBusReset);
  EXPECT_TAPE_ERROR(writing.device.Sync(), kBusReset);
  EXPECT_EQ(On(), "l0");
  // From a place that was gone to anew it begins anew.
  ASSERT_OK(writing.device.LocateEnd());
  ASSERT_OK(writing.Put("b"));
  EXPECT_EQ(On(), "l0b");
}

TEST(ResumingDevice, OnAnotherMediumNothingIsWritten) {
  for (const std::string other : {"l0xyz", "l0ab00", "l0xyzuvw", "l000000", "l0abcz", "0", ""}) {
    scsi::ModelDrive drive;
    Writing writing(*drive.drive);
    ASSERT_OK(writing.Put("l0abc"));
    test::ModelPartition& here = drive.model.medium().partitions[0];
    here.Truncate(0);
    for (char c : other) here.Append(c == '0', c == '0' ? Bytes() : BlockOf(c));
    drive.model.Reset();
    drive.model.AddAttention(0x2800);
    EXPECT_TAPE_ERROR(writing.Put("d"), kBusReset);
    EXPECT_EQ(On(here), other);
  }
}

TEST_F(ResumingTest, AMarkThatADriverLeftIsWrittenOver) {
  ASSERT_OK(writing.Put("abc"));
  test::ModelPartition& here = drive.model.medium().partitions[0];
  here.Truncate(3);
  here.Append(true, {});
  Reset(0);
  ASSERT_OK(writing.Put("d"));
  EXPECT_EQ(On(), "l0abcd");
}

TEST_F(ResumingTest, DataThatBreakOffAreWrittenOverFromThere) {
  ASSERT_OK(writing.Put("abcd"));
  Reset(0);
  drive.Fault({.opcode = scsi::opcode::kRead6, .object = 4, .sense = 0x031403});
  ASSERT_OK(writing.Put("e"));
  EXPECT_EQ(On(), "l0abcde");
  EXPECT_EQ(writing.news, "the drive was reset; 2 blocks were written again.");
  Reset(0);
  drive.Fault({.opcode = scsi::opcode::kRead6, .object = 4, .sense = 0x031100});
  EXPECT_TAPE_ERROR(writing.Put("f"), kBusReset);
  EXPECT_EQ(On(), "l0abcde");
}

TEST_F(ResumingTest, WhatCannotBeWrittenAgainEndsIt) {
  ASSERT_OK(writing.Put("abcd"));
  Reset(3);
  drive.model.medium().write_protected = true;
  Status status = writing.Put("e");
  EXPECT_TAPE_ERROR(status, kBusReset);
  EXPECT_NE(status.message().find("write protected"), std::string::npos) << status.message();
  EXPECT_EQ(On(), "l0a");
}

TEST_F(ResumingTest, ThatTheMediumIsFullThenIsNoPlainEnd) {
  ASSERT_OK(writing.Put("abcd"));
  Reset(3);
  drive.Fault({.opcode = scsi::opcode::kWrite6, .object = 4, .sense = 0x0D0002, .flags = 0x40});
  EXPECT_THAT(writing.Put("e"), test::HasCode(StatusCode::kDeviceError));
  EXPECT_EQ(writing.device.position().object, 4u);
}

TEST_F(ResumingTest, WhatFailedOtherwiseIsNotKept) {
  ASSERT_OK(writing.Put("ab"));
  drive.Fault({.opcode = scsi::opcode::kWrite6, .sense = 0x030C00});
  EXPECT_TAPE_ERROR(writing.Put("x"), kIoDevice);
  drive.Fault({.opcode = scsi::opcode::kWrite6, .sense = 0x0D0002, .flags = 0x40});
  ASSERT_WRITE_OUTCOME(writing.device.Write(BlockOf('x')), kEndOfMedium);
  ASSERT_OK(writing.Put("c"));
  Reset(100);
  ASSERT_OK(writing.Put("d"));
  EXPECT_EQ(On(), "l0abcd");
}

TEST_F(ResumingTest, ADriveThatIsResetForEverIsGivenUp) {
  ASSERT_OK(writing.Put("ab"));
  drive.Fault({.effect = test::ModelFault::Effect::kReset, .times = 1000});
  EXPECT_TAPE_ERROR(writing.Put("c"), kBusReset);
  drive.model.ClearFaults();
  EXPECT_EQ(On(), "l0ab");
}

TEST_F(ResumingTest, TheWindowHoldsWhatFits) {
  Writing narrow(*drive.drive, 4 * (kBlock + 200));
  test::Check(narrow.device.LocateEnd());
  ASSERT_OK(narrow.Put("abcdef"));
  Reset(2);
  ASSERT_OK(narrow.Put("g"));
  EXPECT_EQ(On(), "l0abcdefg");
  Reset(3);
  EXPECT_TAPE_ERROR(narrow.Put("h"), kBusReset);
  EXPECT_EQ(On(), "l0abcd");
}

/// The same by the st driver.
class ResumingByStTest : public st::StDriveTest {
 protected:
  std::string On() {
    std::string all;
    for (const st::FakeSt::Object& object : fake.here()) {
      char block = '?';
      for (char c = 'a'; c <= 'z'; ++c) {
        if (object.data == BlockOf(c)) block = c;
      }
      all += object.mark ? '0' : block;
    }
    return all;
  }
};

TEST_F(ResumingByStTest, WhatWasLostIsWrittenAgain) {
  for (size_t loses = 0; loses <= 6; ++loses) {
    for (bool tells_state : {false, true}) {
      fake = {};
      fake.tells_state = tells_state;
      Open();
      Writing writing(*drive);
      ASSERT_OK(writing.Put("l0"));
      ASSERT_OK(writing.device.LocateEnd());
      writing.before = BlockOf('l');
      ASSERT_OK(writing.Put("abc0de"));
      fake.here().resize(fake.here().size() - loses);
      fake.Reset();
      ASSERT_OK(writing.Put("f"));
      EXPECT_EQ(On(), "l0abc0def") << loses;
      EXPECT_FALSE(writing.news.empty());
    }
  }
}

TEST_F(ResumingByStTest, AMarkOfTheDriverIsWrittenOver) {
  Writing writing(*drive);
  ASSERT_OK(writing.Put("abcd"));
  // Went unnoticed by the driver, which then ends at the wrong place what it was given.
  fake.at = 2;
  fake.PutMarks(1);
  fake.Reset();
  ASSERT_OK(writing.Put("e"));
  EXPECT_EQ(On(), "abcde");
}

}  // namespace
}  // namespace tapir
