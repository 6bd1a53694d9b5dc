#include "tests/device/scsi/drive_fixture.h"

namespace tapir::scsi {
namespace {

TEST(SscTransfer, BlocksMarksAndTheEndOfData) {
  ModelDrive drive;
  EXPECT_TRUE(drive.model.protects_on_read() && drive.model.protects_on_write());
  drive.Fill("1101");
  EXPECT_EQ(drive.At(), 4u);
  ASSERT_OK(drive.Rewind());
  EXPECT_TRUE(drive.ReadBlock() == Pattern(1000, 0));
  EXPECT_TRUE(drive.ReadBlock(1001) == Pattern(1001, 1));
  EXPECT_EQ(test::Value(drive.Read()).kind, TapeReadKind::kFilemark);
  EXPECT_EQ(drive.At(), 3u);
  EXPECT_TRUE(drive.ReadBlock() == Pattern(1003, 3));
  EXPECT_EQ(test::Value(drive.Read()).kind, TapeReadKind::kEndOfData);
  EXPECT_EQ(test::Value(drive.Read()).kind, TapeReadKind::kEndOfData);
  EXPECT_EQ(drive.At(), 4u);
}

TEST(SscTransfer, CheckBytesAreNotOnTheMedium) {
  ModelDrive drive;
  drive.Fill("1");
  EXPECT_EQ(drive.model.medium().partitions[0].at(0).data.size(), 1000u);
  ModelDrive plain({}, false);
  EXPECT_FALSE(plain.model.protects_on_write());
  plain.Fill("1");
  EXPECT_EQ(plain.model.medium().partitions[0].at(0).data.size(), 1000u);
  ASSERT_OK(plain.Rewind());
  EXPECT_TRUE(plain.ReadBlock() == Pattern(1000, 0));
}

TEST(SscTransfer, ABlockLongerThanTheBufferIsPassed) {
  for (bool protect : {false, true}) {
    ModelDrive drive({}, protect);
    drive.Fill("11");
    ASSERT_OK(drive.Rewind());
    EXPECT_TAPE_ERROR(drive.Read(999), kInvalidBlockLength);
    EXPECT_EQ(drive.At(), 1u);
    EXPECT_TRUE(drive.ReadBlock() == Pattern(1001, 1));
  }
}

TEST(SscTransfer, FixedBlocks) {
  ModelDrive drive;
  ASSERT_OK(drive->SetTapeMediaParameters(1000));
  EXPECT_FALSE(drive.model.protects_on_write());
  ASSERT_WRITTEN(drive->Write(Pattern(3000, 1)));
  EXPECT_EQ(drive.At(), 3u);
  EXPECT_TAPE_ERROR(drive->Write(Pattern(1001, 1)), kInvalidBlockLength);
  ASSERT_WRITTEN(drive->WriteTapemark(TapeMark::kFilemark, 1, false));
  ASSERT_OK(drive->SetTapeMediaParameters(0));
  EXPECT_TRUE(drive.model.protects_on_write());
  drive.Fill("1001");
  ASSERT_OK(drive->SetTapeMediaParameters(1000));
  ASSERT_OK(drive.Rewind());
  Bytes all = drive.ReadBlock();
  Append(all, drive.ReadBlock(1000));
  EXPECT_TAPE_ERROR(drive.Read(999), kInvalidBlockLength);
  EXPECT_EQ(drive.At(), 3u);
  EXPECT_TRUE(std::equal(all.begin(), all.end(), Pattern(3000, 1).begin()));
  EXPECT_EQ(test::Value(drive.Read()).kind, TapeReadKind::kFilemark);
  ASSERT_OK(drive.Go(7));
  EXPECT_TAPE_ERROR(drive.Read(), kInvalidBlockLength);
  EXPECT_EQ(drive.At(), 8u);
  EXPECT_EQ(test::Value(drive.Read()).kind, TapeReadKind::kEndOfData);
}

TEST(SscTransfer, AShorterBlockNearTheEndKeepsItsLength) {
  ModelDrive drive({}, false);
  drive.Fill("1");
  ASSERT_OK(drive.Rewind());
  drive.Fault({.opcode = opcode::kRead6,
               .sense = 0x000002,
               .flags = 0x60,
               .executed = true,
               .information = 65536 - 1000});
  EXPECT_TRUE(drive.ReadBlock() == Pattern(1000, 0));
  EXPECT_EQ(drive.At(), 1u);
}

TEST(SscTransfer, WhatCameShortIsReadAgainByItsLength) {
  ModelDrive drive({}, false);
  drive.Fill("11");
  ASSERT_OK(drive.Rewind());
  drive.Fault({.effect = ModelFault::Effect::kShort, .opcode = opcode::kRead6});
  EXPECT_TRUE(drive.ReadBlock() == Pattern(1000, 0));
  EXPECT_EQ(drive.At(), 1u);
  drive.Fault({.effect = ModelFault::Effect::kShort, .opcode = opcode::kRead6, .times = 2});
  EXPECT_TAPE_ERROR(drive.Read(), kIoDevice);
}

TEST(SscTransfer, ProtectionGivesWayToABlockThatFillsTheWay) {
  ModelDrive drive;
  drive.transport->max_transfer = 4096;
  EXPECT_EQ(test::Value(drive->GetTapeDriveParameters()).max_block_bytes, 4096u);
  ASSERT_WRITTEN(drive->Write(Pattern(4092, 1)));
  EXPECT_TRUE(drive.model.protects_on_write());
  ASSERT_WRITTEN(drive->Write(Pattern(4096, 2)));
  EXPECT_FALSE(drive.model.protects_on_write());
  EXPECT_TAPE_ERROR(drive->Write(Pattern(4097, 3)), kInvalidBlockLength);
  drive.Open();
  drive.transport->max_transfer = 4096;
  ASSERT_OK(drive.Rewind());
  EXPECT_TRUE(drive.ReadBlock() == Pattern(4092, 1));
  EXPECT_TRUE(drive.model.protects_on_read());
  EXPECT_TRUE(drive.ReadBlock() == Pattern(4096, 2));
  EXPECT_FALSE(drive.model.protects_on_read());
  EXPECT_EQ(drive.At(), 2u);
  // Nor does what changes the modes bring it back.
  drive.model.AddAttention(0x2A01);
  ASSERT_WRITTEN(drive->Write(Pattern(4096, 4)));
  EXPECT_FALSE(test::Value(drive->Identify()).protects_blocks);
}

TEST(SscTransfer, ABlockLongerThanTheWayIsPassed) {
  ModelDrive drive;
  ASSERT_WRITTEN(drive->Write(Pattern(5000, 1)));
  drive.Fill("1");
  drive.transport->max_transfer = 4096;
  ASSERT_OK(drive.Rewind());
  EXPECT_TAPE_ERROR(drive.Read(), kInvalidBlockLength);
  EXPECT_EQ(drive.At(), 1u);
  EXPECT_TRUE(drive.ReadBlock() == Pattern(1000, 0));
}

TEST(SscTransfer, ProtectionEndsWithItsUser) {
  ModelDrive drive;
  drive.Fill("1");
  drive.drive.reset();
  EXPECT_FALSE(drive.model.protects_on_read() || drive.model.protects_on_write());
  drive.Open();
  EXPECT_TRUE(drive.model.protects_on_read());
  drive.model.AddFault({.times = 1000, .sense = 0x020401});
  drive.drive.reset();
  EXPECT_EQ(drive.waited_ms, 0u);
}

TEST(SscTransfer, NothingAndTooMuchAreRefused) {
  ModelDrive drive({.max_block_bytes = 4096});
  EXPECT_TAPE_ERROR(drive->Write({}), kInvalidParameter);
  EXPECT_TAPE_ERROR(drive->Read({}), kInvalidParameter);
  EXPECT_TAPE_ERROR(drive->Write(Pattern(4097, 1)), kInvalidBlockLength);
  EXPECT_TAPE_ERROR(drive->WriteTapemark(TapeMark::kFilemark, 1u << 24, false), kInvalidParameter);
  for (TapeMark mark : {TapeMark::kSetmark, TapeMark::kShortFilemark, TapeMark::kLongFilemark}) {
    EXPECT_TAPE_ERROR(drive->WriteTapemark(mark, 1, false), kNotSupported);
  }
  EXPECT_EQ(drive.At(), 0u);
  ASSERT_WRITTEN(drive->Write(Pattern(4096, 1)));
}

TEST(SscTransfer, TheEndOfTheMedium) {
  ModelDrive drive({.capacity_bytes = 10000, .early_warning_bytes = 4000});
  std::vector<WriteOutcome> outcomes;
  for (int i = 0; i < 12; ++i) outcomes.push_back(test::Value(drive->Write(Pattern(1000, 1))));
  for (size_t i = 0; i < outcomes.size(); ++i) {
    WriteOutcome expected = i < 5    ? WriteOutcome::kWritten
                            : i < 10 ? WriteOutcome::kEarlyWarning
                                     : WriteOutcome::kEndOfMedium;
    EXPECT_EQ(outcomes[i], expected) << i;
  }
  EXPECT_EQ(drive.At(), 10u);
  ASSERT_WRITE_OUTCOME(drive->WriteTapemark(TapeMark::kFilemark, 2, false), kEarlyWarning);
  EXPECT_EQ(drive.At(), 12u);
}

TEST(SscTransfer, FixedBlocksUpToTheEndOfTheMedium) {
  ModelDrive drive({.capacity_bytes = 10000, .early_warning_bytes = 0});
  ASSERT_OK(drive->SetTapeMediaParameters(1000));
  ASSERT_WRITE_OUTCOME(drive->Write(Pattern(12000, 1)), kEndOfMedium);
  EXPECT_EQ(drive.At(), 10u);
}

TEST(SscTransfer, TheProgrammedWarningComesFirst) {
  ModelDrive drive({.capacity_bytes = 4000000, .early_warning_bytes = 1000000});
  ASSERT_OK(
      drive->SetTapeDriveParameters({.compression = true, .eot_warning_zone_bytes = 1000000}));
  ASSERT_WRITTEN(drive->Write(Pattern(1900000, 1)));
  ASSERT_WRITE_OUTCOME(drive->Write(Pattern(200000, 1)), kEarlyWarning);
  ASSERT_WRITTEN(drive->Write(Pattern(200000, 1)));
  EXPECT_EQ(drive.At(), 3u);
}

TEST(SscTransfer, AFlippedBitIsFoundOnTheWayBack) {
  ModelDrive drive;
  drive.Fill("11");
  ASSERT_OK(drive.Rewind());
  drive.Fault({.effect = ModelFault::Effect::kFlipBit, .opcode = opcode::kRead6});
  EXPECT_TAPE_ERROR(drive.Read(), kCrc);
  EXPECT_EQ(drive.At(), 1u);
  EXPECT_TRUE(drive.ReadBlock() == Pattern(1001, 1));
}

TEST(SscTransfer, AFlippedBitOnTheWayThereIsSentAgainOnce) {
  ModelDrive drive;
  drive.Fault({.effect = ModelFault::Effect::kFlipBit, .opcode = opcode::kWrite6});
  drive.Fill("1");
  EXPECT_EQ(drive.At(), 1u);
  drive.Fault({.effect = ModelFault::Effect::kFlipBit, .opcode = opcode::kWrite6, .times = 2});
  EXPECT_TAPE_ERROR(drive->Write(Pattern(1000, 5)), kIoDevice);
  EXPECT_EQ(drive.At(), 1u);
  ASSERT_OK(drive.Rewind());
  EXPECT_TRUE(drive.ReadBlock() == Pattern(1000, 0));
}

TEST(SscTransfer, ProtectionLostWithoutAWordIsFound) {
  ModelDrive drive;
  drive.Fill("1");
  ASSERT_OK(drive.Rewind());
  drive.model.DropProtection();
  EXPECT_TAPE_ERROR(drive.Read(), kCrc);
}

TEST(SscTransfer, ProtectionIsMadeGoodAfterChangedModes) {
  ModelDrive drive;
  drive.model.DropProtection();
  drive.model.AddAttention(0x2A01);
  drive.Fill("1");
  EXPECT_TRUE(drive.model.protects_on_write());
  EXPECT_EQ(drive.model.medium().partitions[0].at(0).data.size(), 1000u);
}

TEST(SscTransfer, ProtectionThatCannotBeHadAgainIsAFailure) {
  ModelDrive drive;
  drive.model.DropProtection();
  drive.model.AddAttention(0x2A01);
  drive.Fault({.opcode = opcode::kModeSelect6, .sense = 0x052600});
  EXPECT_TAPE_ERROR(drive->Write(Pattern(1000, 1)), kNotSupported);
  EXPECT_EQ(drive.At(), 0u);
  drive.Fill("1");
  EXPECT_TRUE(drive.model.protects_on_write());
}

TEST(SscTransfer, WriteOnceMediaAreAppendedTo) {
  ModelDrive drive;
  drive.Fill("11");
  drive.model.medium().worm = true;
  EXPECT_TRUE(test::Value(drive->Identify()).worm);
  ASSERT_OK(drive.Rewind());
  EXPECT_TAPE_ERROR(drive->Write(Pattern(1000, 1)), kWriteProtected);
  ASSERT_OK(drive.Move(TapePositioning::kEndOfData));
  ASSERT_WRITTEN(drive->Write(Pattern(1000, 1)));
}

}  // namespace
}  // namespace tapir::scsi
