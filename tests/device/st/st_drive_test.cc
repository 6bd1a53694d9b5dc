#include "tests/device/st/st_fixture.h"

namespace tapir::st {
namespace {

TEST_F(StDriveTest, MarksAndTheEndAreToldApartAndTheEndIsReadForever) {
  Fill("a0bc00");
  ASSERT_OK(Rewind());
  EXPECT_EQ(Meet(10), "a0bc00....");
  EXPECT_EQ(At(), 6u);
  Fill("d");
  ASSERT_OK(Go(5));
  EXPECT_EQ(Meet(4), "0d..");
  ASSERT_OK(Move(TapePositioning::kEndOfData));
  EXPECT_EQ(Meet(2), "..");
  EXPECT_TAPE_ERROR(Move(TapePositioning::kFilemarks, 1), kNoDataDetected);
  EXPECT_EQ(Meet(1), ".");
}

TEST_F(StDriveTest, AnEndThatWhoeverHadTheDriveBeforeHasMet) {
  Fill("a");
  EXPECT_EQ(Meet(1), ".");
  fake.eof = FakeSt::kEod;
  Open();
  EXPECT_EQ(Meet(2), "..");
}

TEST_F(StDriveTest, ABlankMediumEndsWhereItBegins) {
  EXPECT_EQ(Meet(2), "..");
  Fill("a");
  ASSERT_OK(Rewind());
  EXPECT_EQ(Meet(2), "a.");
}

TEST_F(StDriveTest, NoMarksThatNobodyAskedFor) {
  Fill("ab");
  ASSERT_OK(Rewind());
  Fill("ab");
  ASSERT_OK(Move(TapePositioning::kEndOfData));
  Fill("c");
  ASSERT_OK(Go(0));
  EXPECT_EQ(Meet(4), "abc.");
  Fill("d");
  Open();
  ASSERT_OK(Rewind());
  EXPECT_EQ(Meet(5), "abcd.");
  EXPECT_EQ(fake.Marks(), 0u);
}

TEST_F(StDriveTest, ABlockLongerThanTheBufferIsPassed) {
  Fill("ab");
  ASSERT_OK(Rewind());
  EXPECT_TAPE_ERROR(ReadStatus(999), kInvalidBlockLength);
  EXPECT_EQ(Meet(2), "b.");
  fake.read_error = ENOMEM;
  ASSERT_OK(Rewind());
  EXPECT_TAPE_ERROR(ReadStatus(), kIoDevice);
  EXPECT_EQ(Meet(1), "a");
  EXPECT_TAPE_ERROR(ReadStatus(0), kInvalidParameter);
}

TEST_F(StDriveTest, BlocksOfUpToAMebibyte) {
  EXPECT_EQ(test::Value(drive->GetTapeDriveParameters()).max_block_bytes, 1u << 20);
  EXPECT_TAPE_ERROR(drive->Write(Bytes((1u << 20) + 1)), kInvalidBlockLength);
  EXPECT_TAPE_ERROR(drive->Write({}), kInvalidParameter);
  ASSERT_WRITTEN(drive->Write(Pattern(1u << 20, 3)));
  ASSERT_OK(Rewind());
  Bytes buffer(8u << 20);
  EXPECT_EQ(test::Value(drive->Read(buffer)).size, 1u << 20);
}

TEST_F(StDriveTest, BlocksOfOneSize) {
  ASSERT_OK(drive->SetTapeMediaParameters(1000));
  EXPECT_EQ(fake.block_size, 1000);
  EXPECT_EQ(test::Value(drive->GetTapeMediaParameters()).block_bytes, 1000u);
  EXPECT_TAPE_ERROR(drive->Write(Bytes(2000)), kInvalidBlockLength);
  Fill("ab0");
  ASSERT_OK(Rewind());
  EXPECT_TAPE_ERROR(ReadStatus(10), kInvalidBlockLength);
  EXPECT_EQ(Meet(3), "b0.");
  EXPECT_TAPE_ERROR(drive->SetTapeMediaParameters((1u << 20) + 1), kInvalidParameter);
}

TEST_F(StDriveTest, EarlyWarningWhoseNextWriteIsRefused) {
  fake.early = 2;
  fake.full = 5;
  EXPECT_EQ(test::Value(Put('a')), WriteOutcome::kWritten);
  EXPECT_EQ(test::Value(Put('b')), WriteOutcome::kWritten);
  for (char c : std::string("cde")) EXPECT_EQ(test::Value(Put(c)), WriteOutcome::kEarlyWarning);
  EXPECT_EQ(test::Value(Put('f')), WriteOutcome::kEndOfMedium);
  EXPECT_EQ(test::Value(drive->WriteTapemark(TapeMark::kFilemark, 1, false)),
            WriteOutcome::kEarlyWarning);
  ASSERT_OK(Rewind());
  EXPECT_EQ(Meet(7), "abcde0.");
}

TEST_F(StDriveTest, EarlyWarningThatRefusesWhatIsWritten) {
  fake.early = 2;
  fake.full = 4;
  fake.warning = FakeSt::Warning::kSentWithError;
  EXPECT_EQ(test::Value(Put('a')), WriteOutcome::kWritten);
  for (char c : std::string("bcd")) EXPECT_EQ(test::Value(Put(c)), WriteOutcome::kEarlyWarning);
  EXPECT_EQ(test::Value(Put('e')), WriteOutcome::kEndOfMedium);
  EXPECT_EQ(At(), 4u);
  ASSERT_OK(Rewind());
  EXPECT_EQ(Meet(5), "abcd.");
  EXPECT_EQ(fake.Marks(), 0u);
}

TEST_F(StDriveTest, AWarningThatComesWithTheFlush) {
  Fill("a");
  fake.failing[MTWEOF] = ENOSPC;
  ASSERT_OK(Rewind());
  EXPECT_EQ(Meet(2), "a.");
  Fill("b");
  fake.failing[MTWEOF] = ENOSPC;
  EXPECT_EQ(test::Value(drive->WriteTapemark(TapeMark::kFilemark, 2, false)),
            WriteOutcome::kEarlyWarning);
  EXPECT_EQ(At(), 4u);
  fake.failing[MTWEOF] = EIO;
  EXPECT_EQ(test::Value(drive->WriteTapemark(TapeMark::kFilemark, 1, false)),
            WriteOutcome::kEndOfMedium);
}

TEST_F(StDriveTest, ABlockThatWasTakenAndNotWritten) {
  Fill("ab");
  fake.at = 1;
  fake.write_error = EIO;
  EXPECT_TAPE_ERROR(Put('c'), kIoDevice);
  EXPECT_EQ(At(), 1u);
  Fill("b");
  fake.at = 1;
  fake.write_error = ENOSPC;
  EXPECT_TAPE_ERROR(Put('c'), kEomOverflow);
  Fill("bc");
  fake.at = 2;
  EXPECT_TAPE_ERROR(drive->GetTapePosition(TapePositionType::kLogical), kIoDevice);
}

TEST_F(StDriveTest, ABadBlock) {
  Fill("abc");
  ASSERT_OK(Rewind());
  fake.read_error = EIO;
  EXPECT_TAPE_ERROR(ReadStatus(), kIoDevice);
  EXPECT_EQ(At(), 0u);
  ASSERT_OK(Go(1));
  EXPECT_EQ(Meet(2), "bc");
  fake.write_error = EIO;
  EXPECT_TAPE_ERROR(Put('d'), kIoDevice);
}

TEST_F(StDriveTest, AfterAResetNothingIsTrustedBeforeAPositionIsRegained) {
  for (bool tells_state : {false, true}) {
    fake.tells_state = tells_state;
    ASSERT_OK(Rewind());
    ASSERT_OK(drive->SetTapeMediaParameters(1000));
    Fill("abc");
    fake.Reset();
    EXPECT_TAPE_ERROR(Put('d'), kBusReset);
    EXPECT_TAPE_ERROR(ReadStatus(), kBusReset);
    EXPECT_TAPE_ERROR(drive->WriteTapemark(TapeMark::kFilemark, 1, false), kBusReset);
    EXPECT_TAPE_ERROR(drive->GetTapePosition(TapePositionType::kLogical), kBusReset);
    EXPECT_TAPE_ERROR(Move(TapePositioning::kRelativeBlocks, 1), kBusReset);
    EXPECT_TAPE_ERROR(Move(TapePositioning::kEndOfData), kBusReset);
    EXPECT_TAPE_ERROR(drive->GetTapeStatus(), kBusReset);
    ASSERT_OK(drive->GetTapeStatus());
    ASSERT_OK(drive->GetTapeMediaParameters());
    ASSERT_OK(tells_state ? Rewind() : Go(0));
    EXPECT_EQ(fake.block_size, 1000);
    EXPECT_EQ(Meet(4), "abc.");
    ASSERT_OK(drive->SetTapeMediaParameters(0));
  }
}

TEST_F(StDriveTest, AResetThatTheDriverDoesNotNotice) {
  Fill("abcd");
  fake.at = 0;
  fake.write_error = EIO;
  EXPECT_TAPE_ERROR(Put('e'), kBusReset);
  EXPECT_TAPE_ERROR(Put('e'), kBusReset);
  ASSERT_OK(Go(4));
  Fill("e");
  ASSERT_OK(Rewind());
  EXPECT_EQ(Meet(6), "abcde.");
  ASSERT_OK(Go(3));
  fake.at = 0;
  fake.read_error = EIO;
  EXPECT_TAPE_ERROR(ReadStatus(), kBusReset);
}

TEST_F(StDriveTest, AResetThatTheDriverDoesNotNoticePutsNoMarkInFrontOfEverything) {
  Fill("abcd");
  fake.at = 0;
  fake.write_error = EIO;
  EXPECT_TAPE_ERROR(Put('e'), kBusReset);
  Open();
  ASSERT_OK(Rewind());
  EXPECT_EQ(Meet(5), "abcd.");
  ASSERT_OK(Go(4));
  Fill("ef");
  fake.at = 0;
  fake.failing[MTWEOF] = EIO;
  Open();
  ASSERT_OK(Rewind());
  EXPECT_EQ(Meet(7), "abcdef.");
}

TEST_F(StDriveTest, AFailedWriteLeavesNoMarkBehind) {
  Fill("a");
  ASSERT_OK(Go(1));
  fake.write_error = EIO;
  EXPECT_TAPE_ERROR(Put('b'), kIoDevice);
  Open();
  ASSERT_OK(Rewind());
  EXPECT_EQ(Meet(2), "a.");
}

TEST_F(StDriveTest, OpenedAfterAReset) {
  Fill("ab");
  fake.Reset();
  Open();
  ASSERT_OK(drive->GetTapeMediaParameters());
  EXPECT_TAPE_ERROR(ReadStatus(), kBusReset);
  ASSERT_OK(Rewind());
  EXPECT_EQ(Meet(3), "ab.");
}

TEST_F(StDriveTest, SpacingTellsWhatStoppedIt) {
  using enum TapePositioning;
  Fill("0ab0cd0");
  ASSERT_OK(Go(1));
  EXPECT_TAPE_ERROR(Move(kRelativeBlocks, 3), kFilemarkDetected);
  EXPECT_EQ(At(), 4u);
  ASSERT_OK(Move(kRelativeBlocks, 1));
  EXPECT_TAPE_ERROR(Move(kRelativeBlocks, -4), kFilemarkDetected);
  EXPECT_EQ(At(), 3u);
  EXPECT_TAPE_ERROR(Move(kRelativeBlocks, -4), kFilemarkDetected);
  EXPECT_EQ(At(), 0u);
  EXPECT_TAPE_ERROR(Move(kRelativeBlocks, -1), kBeginningOfMedia);
  ASSERT_OK(Move(kFilemarks, 3));
  EXPECT_EQ(At(), 7u);
  EXPECT_TAPE_ERROR(Move(kRelativeBlocks, 1), kNoDataDetected);
  ASSERT_OK(Move(kFilemarks, -2));
  EXPECT_EQ(At(), 3u);
  EXPECT_TAPE_ERROR(Move(kFilemarks, -2), kBeginningOfMedia);
  EXPECT_TAPE_ERROR(Move(kFilemarks, 4), kNoDataDetected);
  ASSERT_OK(Move(kRelativeBlocks, 0));
  EXPECT_TAPE_ERROR(Move(kRelativeBlocks, 1 << 23), kInvalidParameter);
  ASSERT_OK(Go(1));
  fake.failing[MTFSR] = EIO;
  EXPECT_TAPE_ERROR(Move(kRelativeBlocks, 1), kIoDevice);
}

TEST_F(StDriveTest, BackToTheBeginningOverBlocksIsNoMark) {
  Fill("ab");
  EXPECT_TAPE_ERROR(Move(TapePositioning::kRelativeBlocks, -3), kBeginningOfMedia);
  EXPECT_EQ(At(), 0u);
  EXPECT_EQ(Meet(3), "ab.");
}

TEST_F(StDriveTest, BlocksByNumber) {
  Fill("abc");
  ASSERT_OK(Go(1));
  EXPECT_EQ(Meet(1), "b");
  ASSERT_OK(Move(TapePositioning::kAbsoluteBlock, 2));
  EXPECT_EQ(At(), 2u);
  TapePosition absolute = test::Value(drive->GetTapePosition(TapePositionType::kAbsolute));
  EXPECT_EQ(absolute.partition, 0u);
  EXPECT_EQ(absolute.block, 2u);
  EXPECT_TAPE_ERROR(Go(4), kNoDataDetected);
  EXPECT_EQ(Meet(1), ".");
  fake.failing[MTSEEK] = EIO;
  EXPECT_TAPE_ERROR(Go(1), kIoDevice);
  EXPECT_TAPE_ERROR(Go(int64_t{1} << 31), kInvalidParameter);
  EXPECT_TAPE_ERROR(Go(-1), kBeginningOfMedia);
  EXPECT_TAPE_ERROR(drive->GetTapePosition(TapePositionType::kPseudoLogical), kNotSupported);
}

TEST_F(StDriveTest, Partitions) {
  ASSERT_OK(drive->CreateTapePartition(TapePartitionMethod::kInitiator, 2, 100));
  EXPECT_EQ(fake.operations.back(), std::make_pair(int{MTMKPART}, -100));
  Fill("ab");
  ASSERT_OK(Move(TapePositioning::kLogicalBlock, 0, 2));
  EXPECT_EQ(test::Value(drive->GetTapePosition(TapePositionType::kLogical)).partition, 2u);
  Fill("c");
  ASSERT_OK(Move(TapePositioning::kEndOfData, 0, 1));
  EXPECT_EQ(test::Value(drive->GetTapePosition(TapePositionType::kLogical)).block, 2u);
  ASSERT_OK(Move(TapePositioning::kLogicalBlock, 0, 2));
  EXPECT_EQ(Meet(2), "c.");
  EXPECT_TAPE_ERROR(Move(TapePositioning::kLogicalBlock, 0, 3), kInvalidParameter);
  EXPECT_TAPE_ERROR(drive->CreateTapePartition(TapePartitionMethod::kInitiator, 3, 100),
                    kInvalidParameter);
  EXPECT_TAPE_ERROR(drive->CreateTapePartition(TapePartitionMethod::kSelect, 2, 0), kNotSupported);
  ASSERT_OK(drive->CreateTapePartition(TapePartitionMethod::kInitiator, 1, 0));
  EXPECT_EQ(fake.parts.size(), 1u);
}

TEST_F(StDriveTest, WithoutTheRightToSetOptions) {
  fake.may_set_options = false;
  Open();
  EXPECT_EQ(test::Value(drive->GetTapeDriveParameters()).max_partition_count, 1u);
  EXPECT_TAPE_ERROR(drive->CreateTapePartition(TapePartitionMethod::kInitiator, 1, 0),
                    kNotSupported);
  Fill("ab0");
  ASSERT_OK(Move(TapePositioning::kLogicalBlock, 1, 1));
  EXPECT_EQ(Meet(3), "b0.");
}

TEST_F(StDriveTest, Erasing) {
  Fill("abc");
  ASSERT_OK(Go(1));
  ASSERT_OK(drive->EraseTape(TapeEraseType::kShort, false));
  EXPECT_EQ(fake.operations.back(), std::make_pair(int{MTERASE}, 0));
  EXPECT_EQ(Meet(1), ".");
  ASSERT_OK(drive->EraseTape(TapeEraseType::kLong, false));
  EXPECT_EQ(fake.operations.back(), std::make_pair(int{MTERASE}, 1));
}

TEST_F(StDriveTest, MarksOnTheMediumOrOnTheirWay) {
  ASSERT_WRITTEN(drive->WriteTapemark(TapeMark::kFilemark, 2, false));
  EXPECT_EQ(fake.operations.back(), std::make_pair(int{MTWEOF}, 2));
  ASSERT_WRITTEN(drive->WriteTapemark(TapeMark::kFilemark, 1, true));
  EXPECT_EQ(fake.operations.back(), std::make_pair(int{MTWEOFI}, 1));
  fake.failing[MTWEOFI] = EINVAL;
  ASSERT_WRITTEN(drive->WriteTapemark(TapeMark::kFilemark, 1, true));
  EXPECT_EQ(fake.operations.back(), std::make_pair(int{MTWEOF}, 1));
  Fill("a");
  ASSERT_WRITTEN(drive->WriteTapemark(TapeMark::kFilemark, 0, false));
  EXPECT_EQ(fake.operations.back(), std::make_pair(int{MTWEOF}, 0));
  EXPECT_EQ(At(), 5u);
}

TEST_F(StDriveTest, Compression) {
  ASSERT_OK(drive->SetTapeDriveParameters({.compression = false}));
  ASSERT_OK(drive->SetTapeDriveParameters({.compression = true}));
  ASSERT_OK(drive->SetTapeDriveParameters({.compression = true}));
  EXPECT_EQ(fake.compression, (std::vector<int>{0, 1}));
  EXPECT_TRUE(test::Value(drive->GetTapeDriveParameters()).compression);
  fake.compresses = false;
  ASSERT_OK(drive->SetTapeDriveParameters({.compression = false}));
  Open();
  EXPECT_TAPE_ERROR(drive->SetTapeDriveParameters({.compression = true}), kNotSupported);
  EXPECT_TAPE_ERROR(drive->SetTapeDriveParameters({.ecc = true}), kNotSupported);
  EXPECT_TAPE_ERROR(drive->SetTapeDriveParameters({.eot_warning_zone_bytes = 1}), kNotSupported);
}

TEST_F(StDriveTest, WhatTheDriverHasNoCallFor) {
  EXPECT_TAPE_ERROR(drive->WriteTapemark(TapeMark::kSetmark, 1, false), kNotSupported);
  EXPECT_TAPE_ERROR(Move(TapePositioning::kSetmarks, 1), kNotSupported);
  EXPECT_TAPE_ERROR(Move(TapePositioning::kSequentialFilemarks, 1), kNotSupported);
  EXPECT_TAPE_ERROR(drive->PrepareTape(TapePreparation::kFormat, false), kNotSupported);
  EXPECT_TAPE_ERROR(drive->PrepareTape(TapePreparation::kLoad, true), kNotSupported);
  EXPECT_TAPE_ERROR(drive->EraseTape(TapeEraseType::kShort, true), kNotSupported);
  EXPECT_TAPE_ERROR(drive->SetTapePosition(TapePositioning::kRewind, 0, 0, true), kNotSupported);
  EXPECT_TAPE_ERROR(drive->ReadAttribute(TapeAttribute::kBarcode), kNotSupported);
  EXPECT_TAPE_ERROR(drive->WriteAttribute(TapeAttribute::kBarcode, {}), kNotSupported);
  EXPECT_TAPE_ERROR(drive->ReadAlerts(), kNotSupported);
}

TEST_F(StDriveTest, WhatItIs) {
  TapeIdentity identity = test::Value(drive->Identify());
  EXPECT_EQ(identity.way, "st driver");
  EXPECT_EQ(identity.density_code, 0x5E);
  EXPECT_EQ(drive->name(), "/dev/nst0");
  fake.cleaning = true;
  EXPECT_TAPE_ERROR(drive->GetTapeStatus(), kDeviceRequiresCleaning);
}

}  // namespace
}  // namespace tapir::st
