#include "tests/device/scsi/drive_fixture.h"

namespace tapir::scsi {
namespace {

constexpr ModelProfile kProfiles[] = {ModelProfile::kLto, ModelProfile::kMinimal};

// Standing at the beginning of a tape with `what`, at a place that is known.
struct FilledDrive : ModelDrive {
  explicit FilledDrive(const std::string& what, ModelOptions options = {}) : ModelDrive(options) {
    test::Check(Rewind());
    Fill(what);
    test::Check(Rewind());
  }
};

TEST(SscPosition, BlocksAndMarksCountAlike) {
  for (ModelProfile profile : kProfiles) {
    FilledDrive drive("110101", {.profile = profile});
    for (uint64_t block : {5u, 2u, 6u, 0u, 3u, 4u}) {
      ASSERT_OK(drive.Go(block));
      EXPECT_EQ(drive.At(), block);
      EXPECT_EQ(drive.model.position(), block);
    }
    EXPECT_TAPE_ERROR(drive.Go(7), kNoDataDetected);
    EXPECT_EQ(drive.At(), 6u);
    EXPECT_TAPE_ERROR(drive->SetTapePosition(TapePositioning::kLogicalBlock, 0, -1, false),
                      kBeginningOfMedia);
  }
}

TEST(SscPosition, AbsoluteBlocksAreLogicalOnes) {
  FilledDrive drive("111");
  ASSERT_OK(drive.Move(TapePositioning::kAbsoluteBlock, 2));
  TapePosition position = test::Value(drive->GetTapePosition(TapePositionType::kAbsolute));
  EXPECT_EQ(position.block, 2u);
  EXPECT_EQ(position.partition, 0u);
  EXPECT_EQ(test::Value(drive->GetTapePosition(TapePositionType::kLogical)).partition, 1u);
  EXPECT_TAPE_ERROR(drive->GetTapePosition(TapePositionType::kPseudoLogical), kNotSupported);
}

TEST(SscPosition, OverBlocks) {
  for (ModelProfile profile : kProfiles) {
    FilledDrive drive("11011", {.profile = profile});
    ASSERT_OK(drive.Move(TapePositioning::kRelativeBlocks, 2));
    EXPECT_EQ(drive.At(), 2u);
    EXPECT_TAPE_ERROR(drive.Move(TapePositioning::kRelativeBlocks, 2), kFilemarkDetected);
    EXPECT_EQ(drive.At(), 3u);
    ASSERT_OK(drive.Move(TapePositioning::kRelativeBlocks, 0));
    EXPECT_TAPE_ERROR(drive.Move(TapePositioning::kRelativeBlocks, 3), kNoDataDetected);
    EXPECT_EQ(drive.At(), 5u);
    ASSERT_OK(drive.Move(TapePositioning::kRelativeBlocks, -1));
    EXPECT_EQ(drive.At(), 4u);
    EXPECT_TAPE_ERROR(drive.Move(TapePositioning::kRelativeBlocks, -3), kFilemarkDetected);
    EXPECT_EQ(drive.At(), 2u);
    EXPECT_TAPE_ERROR(drive.Move(TapePositioning::kRelativeBlocks, -3), kBeginningOfMedia);
    EXPECT_EQ(drive.At(), 0u);
  }
}

TEST(SscPosition, OverFilemarks) {
  for (ModelProfile profile : kProfiles) {
    FilledDrive drive("1101011", {.profile = profile});
    ASSERT_OK(drive.Move(TapePositioning::kFilemarks, 2));
    EXPECT_EQ(drive.At(), 5u);
    EXPECT_TAPE_ERROR(drive.Move(TapePositioning::kFilemarks, 1), kNoDataDetected);
    EXPECT_EQ(drive.At(), 7u);
    ASSERT_OK(drive.Move(TapePositioning::kFilemarks, -1));
    EXPECT_EQ(drive.model.position(), 4u);
    EXPECT_TAPE_ERROR(drive.Move(TapePositioning::kFilemarks, -2), kBeginningOfMedia);
    EXPECT_EQ(drive.model.position(), 0u);
  }
}

TEST(SscPosition, TheEndOfData) {
  for (ModelProfile profile : kProfiles) {
    FilledDrive drive("11011", {.profile = profile});
    ASSERT_OK(drive.Move(TapePositioning::kEndOfData));
    EXPECT_EQ(drive.At(), 5u);
    drive.Fill("1");
    EXPECT_EQ(drive.At(), 6u);
  }
}

TEST(SscPosition, FarAway) {
  FilledDrive drive("11");
  EXPECT_TAPE_ERROR(drive.Move(TapePositioning::kRelativeBlocks, int64_t{1} << 40),
                    kNoDataDetected);
  EXPECT_EQ(drive.model.history()[drive.model.history().size() - 1], opcode::kSpace16);
  EXPECT_TAPE_ERROR(drive.Go(uint64_t{1} << 40), kNoDataDetected);
  EXPECT_TAPE_ERROR(drive.Move(TapePositioning::kRelativeBlocks, INT64_MIN), kBeginningOfMedia);
  FilledDrive old("11", {.profile = ModelProfile::kMinimal});
  EXPECT_TAPE_ERROR(old.Move(TapePositioning::kRelativeBlocks, int64_t{1} << 40),
                    kInvalidParameter);
}

TEST(SscPosition, WhatDrivesDoNotHave) {
  FilledDrive drive("11");
  for (TapePositioning method : {TapePositioning::kPseudoLogicalBlock, TapePositioning::kSetmarks,
                                 TapePositioning::kSequentialSetmarks}) {
    EXPECT_TAPE_ERROR(drive.Move(method, 1), kNotSupported);
  }
  EXPECT_TAPE_ERROR(drive.Move(TapePositioning::kSequentialFilemarks, 2), kNotSupported);
  for (TapePositioning method : {TapePositioning::kEndOfData, TapePositioning::kRelativeBlocks,
                                 TapePositioning::kFilemarks}) {
    EXPECT_TAPE_ERROR(drive->SetTapePosition(method, 0, 1, true), kNotSupported);
  }
  EXPECT_EQ(drive.At(), 0u);
  ASSERT_OK(drive->SetTapePosition(TapePositioning::kLogicalBlock, 0, 1, true));
  EXPECT_EQ(drive.At(), 1u);
  ASSERT_OK(drive->SetTapePosition(TapePositioning::kRewind, 0, 0, true));
  EXPECT_EQ(drive.At(), 0u);
}

TEST(SscPosition, Partitions) {
  ModelDrive drive;
  ASSERT_OK(drive->CreateTapePartition(TapePartitionMethod::kInitiator, 3, 5));
  EXPECT_EQ(drive.model.medium().partitions[0].capacity_bytes(), 5000000u);
  EXPECT_EQ(drive.model.medium().partitions[2].capacity_bytes(), (64u << 20) - 10000000);
  drive.Fill("11");
  ASSERT_OK(drive->SetTapePosition(TapePositioning::kLogicalBlock, 3, 0, false));
  drive.Fill("1");
  TapePosition position = test::Value(drive->GetTapePosition(TapePositionType::kLogical));
  EXPECT_EQ(position.partition, 3u);
  EXPECT_EQ(position.block, 1u);
  EXPECT_EQ(test::Value(drive->GetTapeMediaParameters()).partition_count, 3u);
  ASSERT_OK(drive->SetTapePosition(TapePositioning::kEndOfData, 1, 0, false));
  EXPECT_EQ(test::Value(drive->GetTapePosition(TapePositionType::kLogical)).partition, 1u);
  EXPECT_EQ(drive.At(), 2u);
  EXPECT_TAPE_ERROR(drive->SetTapePosition(TapePositioning::kLogicalBlock, 4, 0, false),
                    kNotSupported);
  EXPECT_TAPE_ERROR(drive->SetTapePosition(TapePositioning::kLogicalBlock, 300, 0, false),
                    kInvalidParameter);
}

TEST(SscPosition, PartitionsByOtherWays) {
  ModelDrive drive;
  ASSERT_OK(drive->CreateTapePartition(TapePartitionMethod::kSelect, 2, 0));
  EXPECT_EQ(drive.model.medium().partitions.size(), 2u);
  ASSERT_OK(drive->CreateTapePartition(TapePartitionMethod::kSelect, 1, 0));
  EXPECT_EQ(drive.model.medium().partitions.size(), 1u);
  ASSERT_OK(drive->CreateTapePartition(TapePartitionMethod::kFixed, 0, 0));
  for (uint32_t count : {0u, 5u, 0xFFFFFFFFu}) {
    EXPECT_TAPE_ERROR(drive->CreateTapePartition(TapePartitionMethod::kInitiator, count, 1),
                      kInvalidParameter);
  }
  EXPECT_TAPE_ERROR(drive->CreateTapePartition(TapePartitionMethod::kInitiator, 2, 0),
                    kInvalidParameter);
  ModelDrive old({.profile = ModelProfile::kMinimal});
  EXPECT_TAPE_ERROR(old->CreateTapePartition(TapePartitionMethod::kSelect, 1, 0), kNotSupported);
}

TEST(SscPosition, CountingBeginsWithARewind) {
  ModelDrive drive({.profile = ModelProfile::kMinimal});
  EXPECT_TAPE_ERROR(drive->GetTapePosition(TapePositionType::kLogical), kNotSupported);
  drive.Fill("1");
  ASSERT_OK(drive.Rewind());
  EXPECT_EQ(drive.At(), 0u);
  drive.ReadBlock();
  EXPECT_EQ(drive.At(), 1u);
  EXPECT_TAPE_ERROR(drive->SetTapePosition(TapePositioning::kLogicalBlock, 2, 0, false),
                    kDeviceNotPartitioned);
  EXPECT_TAPE_ERROR(drive->SetTapePosition(TapePositioning::kLogicalBlock, 1, 0, true),
                    kNotSupported);
  drive.Fault({.effect = ModelFault::Effect::kReset, .opcode = opcode::kRead6});
  EXPECT_TAPE_ERROR(drive.Read(), kBusReset);
  EXPECT_TAPE_ERROR(drive->GetTapePosition(TapePositionType::kLogical), kBusReset);
  ASSERT_OK(drive.Go(1));
  EXPECT_EQ(drive.At(), 1u);
}

TEST(SscOddTarget, ReadsAndCountsAllTheSame) {
  FilledDrive drive("110101", {.profile = ModelProfile::kTgt});
  EXPECT_FALSE(test::Value(drive->Identify()).protects_blocks);
  EXPECT_TRUE(drive.ReadBlock() == Pattern(1000, 0));
  // Asked for more than twice the length, the target would hide it.
  EXPECT_TRUE(drive.ReadBlock(1500) == Pattern(1001, 1));
  EXPECT_EQ(drive.At(), 2u);
  EXPECT_EQ(test::Value(drive.Read()).kind, TapeReadKind::kFilemark);
  EXPECT_TAPE_ERROR(drive.Read(1002), kInvalidBlockLength);
  EXPECT_EQ(drive.At(), 4u);
  ASSERT_OK(drive.Move(TapePositioning::kEndOfData));
  EXPECT_EQ(drive.At(), 6u);
  EXPECT_EQ(test::Value(drive.Read()).kind, TapeReadKind::kEndOfData);
  ASSERT_OK(drive.Go(3));
  EXPECT_TRUE(drive.ReadBlock() == Pattern(1003, 3));
  EXPECT_EQ(drive.At(), 4u);
  ASSERT_OK(drive.Move(TapePositioning::kFilemarks, 1));
  EXPECT_EQ(drive.At(), 5u);
  EXPECT_TAPE_ERROR(drive.Move(TapePositioning::kFilemarks, -1), kNotSupported);
  EXPECT_EQ(drive.At(), 5u);
  drive.Open();
  EXPECT_TAPE_ERROR(drive->GetTapePosition(TapePositionType::kLogical), kNotSupported);
  uint64_t commands = drive.model.commands();
  ASSERT_OK(drive.Go(6));
  EXPECT_EQ(drive.model.commands(), commands + 3);  // rewind, space over five, read one
  EXPECT_EQ(drive.At(), 6u);
  EXPECT_EQ(drive.model.position(), 6u);
  EXPECT_TAPE_ERROR(drive.Go(7), kNoDataDetected);
  EXPECT_TAPE_ERROR(drive.Go(9), kNoDataDetected);
}

TEST(SscOddTarget, ItIsSpacedOverWithoutItsPosition) {
  FilledDrive drive("110101", {.profile = ModelProfile::kTgt});
  // Whoever opens it now knows of no place.
  drive.Open();
  EXPECT_TAPE_ERROR(drive->GetTapePosition(TapePositionType::kLogical), kNotSupported);
  ASSERT_OK(drive.Move(TapePositioning::kRelativeBlocks, 1));
  EXPECT_EQ(drive.model.position(), 1u);
  EXPECT_TAPE_ERROR(drive.Move(TapePositioning::kRelativeBlocks, 3), kFilemarkDetected);
  EXPECT_EQ(drive.model.position(), 3u);
  ASSERT_OK(drive.Move(TapePositioning::kFilemarks, 1));
  EXPECT_EQ(drive.model.position(), 5u);
  EXPECT_TAPE_ERROR(drive.Move(TapePositioning::kRelativeBlocks, -1), kNotSupported);
  EXPECT_TAPE_ERROR(drive.Move(TapePositioning::kRelativeBlocks, 2), kNoDataDetected);
  EXPECT_TAPE_ERROR(drive.Move(TapePositioning::kFilemarks, 1), kNoDataDetected);
  EXPECT_EQ(drive.model.position(), 6u);
}

TEST(SscOddTarget, ItsEndIsAWarning) {
  ModelDrive drive({.profile = ModelProfile::kTgt, .capacity_bytes = 2000});
  ASSERT_WRITTEN(drive->Write(Pattern(1000, 1)));
  ASSERT_WRITE_OUTCOME(drive->Write(Pattern(1000, 1)), kEarlyWarning);
  ASSERT_WRITE_OUTCOME(drive->Write(Pattern(1000, 1)), kEarlyWarning);
}

TEST(SscOddTarget, WhatItDoesNotHaveIsSaid) {
  ModelDrive drive({.profile = ModelProfile::kTgt});
  EXPECT_TAPE_ERROR(drive->EraseTape(TapeEraseType::kShort, false), kNotSupported);
  EXPECT_TAPE_ERROR(drive->ReadAttribute(TapeAttribute::kBarcode), kNotSupported);
  EXPECT_TAPE_ERROR(drive->ReadAlerts(), kNotSupported);
  EXPECT_TAPE_ERROR(drive->PrepareTape(TapePreparation::kFormat, false), kNotSupported);
  TapeDriveParameters parameters = test::Value(drive->GetTapeDriveParameters());
  EXPECT_EQ(parameters.features_low & tape_features_low::kEraseShort, 0u);
  EXPECT_EQ(parameters.features_high & tape_features_high::kFormat, 0u);
}

}  // namespace
}  // namespace tapir::scsi
