#include "tests/device/scsi/drive_fixture.h"

namespace tapir::scsi {
namespace {

struct Row {
  uint32_t sense;
  TapeError error;
};

// What is neither waited for, repeated nor a meeting of a mark or an end.
constexpr Row kPlainErrors[] = {
    {0x020402, TapeError::kNotReady},
    {0x020410, TapeError::kNotSupported},
    {0x023003, TapeError::kNoMediaInDrive},
    {0x023A00, TapeError::kNoMediaInDrive},
    {0x023E00, TapeError::kNotReady},
    {0x030302, TapeError::kIoDevice},
    {0x030C00, TapeError::kIoDevice},
    {0x031100, TapeError::kIoDevice},
    {0x031403, TapeError::kNoDataDetected},
    {0x033003, TapeError::kNoMediaInDrive},
    {0x033001, TapeError::kIoDevice},
    {0x033100, TapeError::kIoDevice},
    {0x035000, TapeError::kIoDevice},
    {0x035100, TapeError::kIoDevice},
    {0x033B00, TapeError::kIoDevice},
    {0x044400, TapeError::kIoDevice},
    {0x052400, TapeError::kNotSupported},
    {0x052600, TapeError::kNotSupported},
    {0x051A00, TapeError::kNotSupported},
    {0x053B0C, TapeError::kBeginningOfMedia},
    {0x055302, TapeError::kUnableToUnloadMedia},
    {0x052C00, TapeError::kIoDevice},
    {0x062800, TapeError::kMediaChanged},
    {0x062900, TapeError::kBusReset},
    {0x062903, TapeError::kBusReset},
    {0x072700, TapeError::kWriteProtected},
    {0x073005, TapeError::kWriteProtected},
    {0x07300C, TapeError::kWriteProtected},
    {0x07300D, TapeError::kWriteProtected},
    {0x075A02, TapeError::kWriteProtected},
    {0x077402, TapeError::kIoDevice},
    {0x077700, TapeError::kWriteProtected},
    {0x081403, TapeError::kNoDataDetected},
    {0x0E0000, TapeError::kIoDevice},
    {0x052000, TapeError::kNotSupported},
};

TEST(SscErrors, EachRowOfTheTableThroughReadWriteAndStatus) {
  for (const Row& row : kPlainErrors) {
    SCOPED_TRACE(testing::Message() << std::hex << row.sense);
    for (uint8_t code : {opcode::kRead6, opcode::kWrite6, opcode::kTestUnitReady}) {
      ModelDrive drive;
      drive.Fill("1");
      ASSERT_OK(drive.Rewind());
      drive.Fault({.opcode = code, .sense = row.sense});
      Status status = code == opcode::kRead6    ? drive.ReadStatus()
                      : code == opcode::kWrite6 ? drive.WriteStatus()
                                                : drive->GetTapeStatus();
      EXPECT_EQ(TapeErrorOf(status), row.error) << status.ToString();
      // Once only: after the place is known again all is well.
      ASSERT_OK(drive.Rewind());
      EXPECT_TRUE(drive.ReadBlock() == Pattern(1000, 0));
    }
  }
}

TEST(SscErrors, AFullMediumTakesNoMoreMarks) {
  ModelDrive drive({.profile = ModelProfile::kMinimal});
  ASSERT_OK(drive.Rewind());
  drive.Fault(
      {.opcode = opcode::kWriteFilemarks6, .sense = 0x0D0002, .flags = 0x40, .information = 2});
  ASSERT_WRITE_OUTCOME(drive->WriteTapemark(TapeMark::kFilemark, 3, false), kEndOfMedium);
  EXPECT_EQ(drive.At(), 1u);
  // How many it took is not told.
  drive.Fault({.opcode = opcode::kWriteFilemarks6, .sense = 0x0D0002});
  ASSERT_WRITE_OUTCOME(drive->WriteTapemark(TapeMark::kFilemark, 3, false), kEndOfMedium);
  EXPECT_TAPE_ERROR(drive->GetTapePosition(TapePositionType::kLogical), kNotSupported);
}

TEST(SscErrors, EndsOfDataByAnyName) {
  for (uint32_t sense : {0x080005u, 0x081401u, 0x080000u, 0x000005u}) {
    ModelDrive drive;
    drive.Fault({.opcode = opcode::kRead6, .sense = sense});
    EXPECT_EQ(test::Value(drive.Read()).kind, TapeReadKind::kEndOfData) << std::hex << sense;
  }
}

TEST(SscErrors, RecoveredErrorsAndCleaningAreNoErrors) {
  for (uint32_t sense : {0x011700u, 0x013700u, 0x010017u, 0x000017u, 0x000000u}) {
    ModelDrive drive;
    drive.Fault({.opcode = opcode::kWrite6, .sense = sense, .executed = true});
    drive.Fill("1");
    EXPECT_EQ(drive.At(), 1u);
    bool cleaning = (sense & 0xFFFF) == 0x17;
    EXPECT_EQ(TapeErrorOf(drive->GetTapeStatus()),
              cleaning ? TapeError::kDeviceRequiresCleaning : TapeError::kNone);
  }
}

TEST(SscErrors, ADriveThatIsBecomingReadyIsWaitedFor) {
  for (uint32_t sense : {0x020401u, 0x020404u, 0x020407u}) {
    ModelDrive drive;
    drive.Fault({.opcode = opcode::kWrite6, .times = 5, .sense = sense});
    drive.Fill("1");
    EXPECT_EQ(drive.waited_ms, 10u + 20 + 40 + 80 + 160);
    drive.Fault({.opcode = opcode::kTestUnitReady, .sense = sense});
    EXPECT_TAPE_ERROR(drive->GetTapeStatus(), kNotReady);
    EXPECT_EQ(drive.waited_ms, 310u);
    ASSERT_OK(drive->GetTapeStatus());
  }
}

TEST(SscErrors, WaitingEndsWithTheTimeLimitOfTheCommand) {
  ModelDrive drive;
  drive.Fault({.opcode = opcode::kWrite6, .times = 100000, .sense = 0x020401});
  EXPECT_TAPE_ERROR(drive->Write(Pattern(1000, 1)), kNotReady);
  EXPECT_GE(drive.waited_ms, 1500u * 1000);
  EXPECT_LE(drive.waited_ms, 1501u * 1000);
}

TEST(SscErrors, ABusyDriveIsWaitedForAndAReservedOneIsNot) {
  ModelDrive drive;
  for (int status : {0x08, 0x28}) {
    drive.Fault({.effect = ModelFault::Effect::kStatus,
                 .opcode = opcode::kWrite6,
                 .times = 2,
                 .status = static_cast<uint8_t>(status)});
    drive.Fill("1");
  }
  EXPECT_EQ(drive.waited_ms, 60u);
  drive.Fault({.effect = ModelFault::Effect::kStatus, .opcode = opcode::kWrite6, .status = 0x18});
  EXPECT_TAPE_ERROR(drive.WriteStatus(), kIoDevice);
  EXPECT_EQ(drive.At(), 2u);
}

TEST(SscErrors, TimeLimitsAreTheDrivesOrOurs) {
  ModelDrive told;
  told.transport->time_limits_ms.clear();
  ASSERT_OK(told->EraseTape(TapeEraseType::kLong, false));
  EXPECT_EQ(told.transport->time_limits_ms.back(), 36000u * 1000);
  ModelDrive untold({.lists_commands = false});
  untold.transport->time_limits_ms.clear();
  ASSERT_OK(untold->PrepareTape(TapePreparation::kLoad, true));
  EXPECT_EQ(untold.transport->time_limits_ms.back(), 2u * 3600 * 1000);
}

TEST(SscErrors, AttentionsOfNoConcernAreAnswered) {
  ModelDrive drive;
  for (int code : {0x2A01, 0x2A09, 0x3F01, 0x5A01, 0x2D00}) {
    drive.model.AddAttention(static_cast<uint16_t>(code));
    drive.Fill("1");
  }
  EXPECT_EQ(drive.At(), 5u);
}

TEST(SscErrors, AfterAResetThePositionHasToBeMadeKnown) {
  ModelDrive drive;
  drive.Fill("1101");
  for (uint64_t round = 0; round < 2; ++round) {
    drive.Fault({.effect = ModelFault::Effect::kReset, .opcode = opcode::kWrite6});
    EXPECT_TAPE_ERROR(drive.WriteStatus(), kBusReset);
    EXPECT_FALSE(drive.model.protects_on_write());
    EXPECT_TAPE_ERROR(drive.WriteStatus(), kBusReset);
    EXPECT_TAPE_ERROR(drive.Read(), kBusReset);
    EXPECT_TAPE_ERROR(drive->WriteTapemark(TapeMark::kFilemark, 1, false), kBusReset);
    EXPECT_TAPE_ERROR(drive.Move(TapePositioning::kRelativeBlocks, 1), kBusReset);
    EXPECT_TAPE_ERROR(drive->EraseTape(TapeEraseType::kShort, false), kBusReset);
    EXPECT_EQ(drive.model.medium().partitions[0].size(), 4u + round);
    ASSERT_OK(round == 0 ? drive.Go(4) : drive.Move(TapePositioning::kEndOfData));
    ASSERT_WRITTEN(drive->Write(Pattern(1000, 7)));
    EXPECT_TRUE(drive.model.protects_on_write());
    EXPECT_EQ(drive.At(), 5u + round);
  }
}

// The command that brings the news need not be the one that it concerns.
TEST(SscErrors, AResetThatAnotherCommandIsToldOfStopsWritesToo) {
  for (int what = 0; what < 3; ++what) {
    ModelDrive drive;
    drive.Fill("1101");
    // Where it stands is asked for before the next block.
    ASSERT_OK(drive.Go(4));
    drive.model.Reset();
    Status status = what == 0   ? drive.WriteStatus()
                    : what == 1 ? drive.ReadStatus()
                                : drive->WriteTapemark(TapeMark::kFilemark, 1, false).status();
    EXPECT_TAPE_ERROR(status, kBusReset);
    EXPECT_EQ(drive.model.medium().partitions[0].size(), 4u);
    EXPECT_EQ(drive.model.position(), 0u);
  }
}

TEST(SscErrors, AChangedMediumIsToldOnce) {
  ModelDrive drive;
  drive.Fill("11");
  drive.Fault({.effect = ModelFault::Effect::kMediumChange, .opcode = opcode::kTestUnitReady});
  EXPECT_TAPE_ERROR(drive->GetTapeStatus(), kMediaChanged);
  ASSERT_OK(drive->GetTapeStatus());
  EXPECT_TAPE_ERROR(drive.WriteStatus(), kMediaChanged);
  ASSERT_OK(drive.Rewind());
  EXPECT_TRUE(drive.ReadBlock() == Pattern(1000, 0));
}

TEST(SscErrors, FixedBlocksAreSetAgainAfterAReset) {
  ModelDrive drive;
  ASSERT_OK(drive->SetTapeMediaParameters(1000));
  drive.Fault({.effect = ModelFault::Effect::kReset, .opcode = opcode::kWrite6});
  EXPECT_TAPE_ERROR(drive.WriteStatus(), kBusReset);
  EXPECT_EQ(drive.model.block_bytes(), 0u);
  ASSERT_OK(drive.Rewind());
  ASSERT_WRITTEN(drive->Write(Pattern(2000, 1)));
  EXPECT_EQ(drive.model.block_bytes(), 1000u);
}

TEST(SscErrors, DeferredErrorsFailWhatBroughtThem) {
  ModelDrive drive;
  drive.Fill("11");
  drive.Fault({.opcode = opcode::kWrite6, .sense = 0x030C00, .deferred = true});
  Result<WriteOutcome> outcome = drive->Write(Pattern(1000, 1));
  EXPECT_TAPE_ERROR(outcome, kIoDevice);
  EXPECT_NE(outcome.status().message().find("of an earlier command"), std::string::npos);
  EXPECT_EQ(drive.At(), 2u);
  drive.Fault({.opcode = opcode::kWriteFilemarks6, .sense = 0x0D0002, .deferred = true});
  EXPECT_TAPE_ERROR(drive->WriteTapemark(TapeMark::kFilemark, 1, false), kEomOverflow);
  // What it says of the drive is not what the command is told to wait for.
  drive.Fault({.opcode = opcode::kWriteFilemarks6, .sense = 0x020401, .deferred = true});
  EXPECT_TAPE_ERROR(drive->WriteTapemark(TapeMark::kFilemark, 1, false), kNotReady);
  EXPECT_EQ(drive.waited_ms, 0u);
  EXPECT_EQ(drive.At(), 2u);
  // One that was recovered is none, and the command it pushed aside is sent again.
  drive.Fault({.opcode = opcode::kWrite6, .sense = 0x011700, .deferred = true});
  drive.Fill("1");
  EXPECT_EQ(drive.At(), 3u);
}

TEST(SscErrors, WhatWasAbortedIsRepeatedByThePosition) {
  ModelDrive drive;
  drive.Fault({.opcode = opcode::kWrite6, .sense = 0x0B4E00});
  drive.Fill("1");
  drive.Fault({.opcode = opcode::kWrite6, .sense = 0x0B4E00, .executed = true});
  drive.Fill("1");
  EXPECT_EQ(drive.model.medium().partitions[0].size(), 2u);
  ASSERT_OK(drive.Rewind());
  for (bool executed : {false, true}) {
    drive.Fault({.opcode = opcode::kRead6, .sense = 0x0B4E00, .executed = executed});
    EXPECT_TRUE(drive.ReadBlock() == Pattern(1000, 0));
  }
  drive.Fault({.effect = ModelFault::Effect::kStatus, .opcode = opcode::kWrite6, .status = 0x40});
  drive.Fill("1");
  drive.Fault({.opcode = opcode::kWrite6, .times = 2, .sense = 0x0B4E00});
  EXPECT_TAPE_ERROR(drive.WriteStatus(), kIoDevice);
  EXPECT_EQ(drive.model.medium().partitions[0].size(), 3u);
}

TEST(SscErrors, AbortedMarksAreRepeatedByThePosition) {
  ModelDrive drive;
  for (bool executed : {false, true}) {
    drive.Fault({.opcode = opcode::kWriteFilemarks6, .sense = 0x0B0000, .executed = executed});
    ASSERT_WRITTEN(drive->WriteTapemark(TapeMark::kFilemark, 2, false));
    drive.Fault({.opcode = opcode::kWriteFilemarks6, .sense = 0x0B0000, .executed = executed});
    ASSERT_WRITTEN(drive->WriteTapemark(TapeMark::kFilemark, 0, false));
  }
  EXPECT_EQ(drive.model.medium().partitions[0].size(), 4u);
  EXPECT_EQ(drive.At(), 4u);
}

TEST(SscErrors, WhatWasAbortedIsNotRepeatedBlindly) {
  ModelDrive drive({.profile = ModelProfile::kMinimal});
  ASSERT_OK(drive.Rewind());
  drive.Fault({.opcode = opcode::kWrite6, .sense = 0x0B4E00, .executed = true});
  EXPECT_TAPE_ERROR(drive.WriteStatus(), kIoDevice);
  EXPECT_EQ(drive.model.medium().partitions[0].size(), 1u);
  EXPECT_TAPE_ERROR(drive->GetTapePosition(TapePositionType::kLogical), kNotSupported);
}

TEST(SscErrors, WhatWasAbortedIsNotRepeatedWhereThePositionIsNotTold) {
  ModelDrive drive;
  drive.Fill("1");
  drive.Fault({.opcode = opcode::kWrite6, .sense = 0x0B4E00, .executed = true});
  drive.Fault({.opcode = opcode::kReadPosition, .sense = 0x044400});
  EXPECT_TAPE_ERROR(drive.WriteStatus(), kIoDevice);
  EXPECT_EQ(drive.model.medium().partitions[0].size(), 2u);
  EXPECT_EQ(drive.At(), 2u);
}

TEST(SscErrors, ALostLinkIsAFailureOfTheWay) {
  ModelDrive drive;
  drive.Fill("1");
  drive.Fault({.effect = ModelFault::Effect::kLinkLost, .opcode = opcode::kWrite6});
  Status status = drive.WriteStatus();
  EXPECT_THAT(status, test::HasCode(StatusCode::kDeviceError));
  EXPECT_EQ(drive.At(), 1u);
  drive.Fault(
      {.effect = ModelFault::Effect::kLinkLost, .opcode = opcode::kWrite6, .executed = true});
  EXPECT_FALSE(drive.WriteStatus().ok());
  EXPECT_EQ(drive.At(), 2u);
}

TEST(SscErrors, ErrorsAtAnObject) {
  ModelDrive drive;
  drive.Fill("111");
  ASSERT_OK(drive.Rewind());
  drive.Fault({.opcode = opcode::kRead6, .object = 1, .sense = 0x031100});
  EXPECT_TRUE(drive.ReadBlock() == Pattern(1000, 0));
  EXPECT_TAPE_ERROR(drive.Read(), kIoDevice);
  ASSERT_OK(drive.Go(2));
  EXPECT_TRUE(drive.ReadBlock() == Pattern(1002, 2));
}

TEST(SscErrors, OnlyTapeDrivesAreOpened) {
  SscModel model;
  model.AddFault({.opcode = opcode::kInquiry, .sense = 0x044400});
  auto way = std::make_unique<ModelTransport>(model);
  EXPECT_TAPE_ERROR(SscDrive::Open(std::move(way)), kIoDevice);
}

}  // namespace
}  // namespace tapir::scsi
