// Loading, waiting, and what a drive says when something about it has changed.

#include "tapir/device/open_device.h"
#include "tapir/device/tape_block_device.h"
#include "tests/device/scsi/drive_fixture.h"

namespace tapir::scsi {
namespace {

struct Watch {
  TapeLoadingWatch Watching() {
    return [this](const TapeLoading& loading) {
      seen.push_back(loading);
      return seen.size() < limit;
    };
  }
  std::vector<TapeLoading> seen;
  size_t limit = 100'000;
};

TEST(SscReady, AReadyDriveIsNotWaitedFor) {
  ModelDrive drive;
  Watch watch;
  ASSERT_OK(drive->MakeReady(watch.Watching()));
  EXPECT_TRUE(watch.seen.empty());
  EXPECT_EQ(drive.waited_ms, 0u);
  EXPECT_EQ(std::ranges::count(drive.model.history(), opcode::kLoadUnload), 0);
}

TEST(SscReady, ACartridgeThatIsNotLoadedIsLoaded) {
  for (uint32_t sense_from_start : {0u, 0x023A04u}) {
    ModelDrive drive;
    drive.Fill("11");
    drive.model.SetUnthreaded(4);
    if (sense_from_start != 0) {
      drive.Fault({.opcode = opcode::kTestUnitReady, .sense = sense_from_start});
    }
    EXPECT_TAPE_ERROR(drive.ReadStatus(), kNotReady);
    Watch watch;
    ASSERT_OK(drive->MakeReady(watch.Watching()));
    ASSERT_EQ(watch.seen.size(), 4u);
    EXPECT_EQ(watch.seen[0].percent, 0u);
    EXPECT_EQ(watch.seen[3].percent, 75u);
    EXPECT_EQ(watch.seen[3].waited_ms, 3000u);
    EXPECT_EQ(drive.waited_ms, 4000u);
    EXPECT_EQ(std::ranges::count(drive.model.history(), opcode::kLoadUnload), 1);
    // The change of medium is of our own doing.
    ASSERT_OK(drive.Rewind());
    EXPECT_TRUE(drive.ReadBlock() == Pattern(1000, 0));
  }
}

TEST(SscReady, ADriveThatCannotLoadWithoutWaitingLoads) {
  ModelDrive drive;
  drive.Fill("1");
  drive.model.SetUnthreaded(4);
  drive.Fault({.opcode = opcode::kLoadUnload, .sense = 0x052400});
  ASSERT_OK(drive->MakeReady({}));
  EXPECT_EQ(drive.waited_ms, 0u);
  ASSERT_OK(drive->GetTapeStatus());
}

TEST(SscReady, ALoadThatFailsIsSaid) {
  ModelDrive drive;
  drive.model.SetUnthreaded(4);
  drive.Fault({.opcode = opcode::kLoadUnload, .sense = 0x045300});
  EXPECT_TAPE_ERROR(drive->MakeReady({}), kIoDevice);
}

TEST(SscReady, ADriveWithoutCartridgeIsNotWaitedFor) {
  ModelDrive drive;
  drive.model.SetLoaded(false);
  ASSERT_OK(drive->MakeReady({}));
  EXPECT_EQ(drive.waited_ms, 0u);
  EXPECT_EQ(std::ranges::count(drive.model.history(), opcode::kLoadUnload), 0);
  EXPECT_TAPE_ERROR(drive->GetTapeMediaParameters(), kNoMediaInDrive);
}

TEST(SscReady, TheFirstUseOfACartridgeMayTakeTwoHours) {
  ModelDrive drive;
  drive.model.SetTellsProgress(false);
  drive.model.SetBecomingReady(7200);
  Watch watch;
  ASSERT_OK(drive->MakeReady(watch.Watching()));
  EXPECT_EQ(drive.waited_ms, 7'200'000u);
  EXPECT_FALSE(watch.seen.back().percent.has_value());
  EXPECT_EQ(watch.seen.back().waited_ms, 7'199'000u);
  drive.model.SetBecomingReady(10'000);
  EXPECT_TAPE_ERROR(drive->MakeReady({}), kNotReady);
  EXPECT_EQ(drive.waited_ms, 14'400'000u);
}

TEST(SscReady, WaitingEndsWhenItIsAskedTo) {
  ModelDrive drive;
  drive.model.SetBecomingReady(1000);
  Watch watch{.seen = {}, .limit = 3};
  EXPECT_THAT(drive->MakeReady(watch.Watching()), test::HasCode(StatusCode::kCancelled));
  EXPECT_EQ(drive.waited_ms, 2000u);
}

TEST(SscReady, WhatADriveDoesNotTellBeforeItIsReadyIsAskedThen) {
  ModelDrive drive;
  drive.model.SetBecomingReady(20);
  drive.Fault({.opcode = opcode::kReadBlockLimits, .sense = 0x020401});
  drive.Open();
  EXPECT_EQ(drive.waited_ms, 0u) << "opening does not wait";
  drive.model.SetMaxBlockBytes(1u << 20);
  ASSERT_OK(drive->MakeReady({}));
  EXPECT_EQ(test::Value(drive->GetTapeDriveParameters()).max_block_bytes, 1u << 20);
}

TEST(SscReady, AVolumeIsGoneToInADriveThatWasSwitchedOffAndOn) {
  ModelDrive drive;
  drive.Fill("111");
  auto tape = test::Value(TapeBlockDevice::Borrow(*drive.drive));
  drive.model.Reset();
  drive.model.SetUnthreaded(2);
  EXPECT_FALSE(tape->Write(Pattern(4096, 1)).ok());
  ASSERT_OK(tape->Locate({2, 2001}));
  Bytes block(2000);
  ASSERT_OK(tape->Read(block));
  EXPECT_EQ(tape->position().object, 3u);
  EXPECT_EQ(tape->position().offset_bytes, 3003u);
}

TEST(SscReady, OpeningAVolumeLoadsItAndTellsWhoWatches) {
  SscModel model;
  AddTapeOpener("loading:", [&](const std::string&) -> Result<std::unique_ptr<TapeDrive>> {
    TAPIR_ASSIGN_OR_RETURN(
        std::unique_ptr<SscDrive> drive,
        SscDrive::Open(std::make_unique<ModelTransport>(model), {.wait = [](uint32_t) {}}));
    return std::unique_ptr<TapeDrive>(std::move(drive));
  });
  model.SetUnthreaded(2);
  std::string told;
  bool go_on = true;
  WatchLoading([&](std::string_view volume, const TapeLoading& loading) {
    told += std::string(volume) + " " + std::to_string(loading.percent.value_or(100)) + ";";
    return go_on;
  });
  EXPECT_THAT(OpenDevice("loading:x", OpenMode::kRead), test::IsOk());
  EXPECT_EQ(told, "loading:x 0;loading:x 50;");
  model.SetBecomingReady(2);
  go_on = false;
  EXPECT_THAT(OpenDevice("loading:x", OpenMode::kRead), test::HasCode(StatusCode::kCancelled));
  WatchLoading({});
  AddTapeOpener("loading:", [](const std::string&) -> Result<std::unique_ptr<TapeDrive>> {
    return NotFound("no model");
  });
}

TEST(SscAttentions, AChangedDriveIsAskedAnewWhatItIs) {
  ModelDrive drive;
  drive.Fill("1");
  for (uint16_t code : {uint16_t{0x3F01}, uint16_t{0x3F03}}) {
    std::string revision = code == 0x3F01 ? "2.00" : "3.00";
    drive.model.SetRevision(revision);
    drive.model.SetMaxBlockBytes(code == 0x3F01 ? 2u << 20 : 4u << 20);
    drive.model.ResetModes();
    drive.model.AddAttention(code);
    EXPECT_EQ(test::Value(drive->Identify()).revision, revision);
    EXPECT_EQ(test::Value(drive->GetTapeDriveParameters()).max_block_bytes,
              code == 0x3F01 ? 2u << 20 : 4u << 20);
    EXPECT_TRUE(drive.model.protects_on_write());
  }
  // Met by a write: nothing is lost by it.
  drive.model.SetRevision("4.00");
  drive.model.AddAttention(0x3F01);
  drive.Fill("1");
  EXPECT_EQ(drive.At(), 2u);
  EXPECT_EQ(test::Value(drive->Identify()).revision, "4.00");
}

TEST(SscAttentions, SettingsAreMadeGoodAgain) {
  ModelDrive drive;
  drive.Fill("1");
  ASSERT_OK(
      drive->SetTapeDriveParameters({.compression = false, .eot_warning_zone_bytes = 5'000'000}));
  for (uint16_t code : {uint16_t{0x2A01}, uint16_t{0x3F01}, uint16_t{0x2900}}) {
    SCOPED_TRACE(testing::Message() << std::hex << code);
    drive.model.ResetModes();
    drive.model.AddAttention(code);
    if (code == 0x2900) {
      EXPECT_TAPE_ERROR(drive.WriteStatus(), kBusReset);
      ASSERT_OK(drive.Go(1));
    }
    ASSERT_OK(drive.WriteStatus());
    EXPECT_TRUE(drive.model.protects_on_write());
    TapeDriveParameters now = test::Value(drive->GetTapeDriveParameters());
    EXPECT_FALSE(now.compression);
    EXPECT_EQ(now.eot_warning_zone_bytes, 5'000'000u);
    ASSERT_OK(drive.Go(1));
  }
}

TEST(SscAttentions, NothingIsKnownOfThePlaceOnAMediumThatMayBeAnother) {
  for (ModelProfile profile : {ModelProfile::kLto, ModelProfile::kMinimal}) {
    ModelDrive drive({.profile = profile});
    ASSERT_OK(drive.Rewind());
    drive.Fill("11");
    drive.Fault({.effect = ModelFault::Effect::kMediumChange, .opcode = opcode::kWrite6});
    EXPECT_TAPE_ERROR(drive.WriteStatus(), kMediaChanged);
    EXPECT_TAPE_ERROR(drive.Move(TapePositioning::kRelativeBlocks, 1), kMediaChanged);
    EXPECT_TAPE_ERROR(drive->WriteTapemark(TapeMark::kFilemark, 1, false), kMediaChanged);
    EXPECT_EQ(drive.model.medium().partitions[0].size(), 2u);
    ASSERT_OK(drive.Go(1));
    EXPECT_TRUE(drive.ReadBlock() == Pattern(1001, 1));
  }
}

TEST(SscAppendOnly, WhatIsErasedOnPurposeIsAllowed) {
  ModelDrive drive;
  drive.Fill("1101");
  drive.model.SetAppendOnly(true);
  drive.Fill("1");
  ASSERT_OK(drive.Go(2));
  EXPECT_TAPE_ERROR(drive.WriteStatus(), kWriteProtected);
  EXPECT_EQ(drive.model.medium().partitions[0].size(), 5u);
  ASSERT_OK(drive.Go(2));
  ASSERT_OK(drive->EraseTape(TapeEraseType::kShort, false));
  EXPECT_EQ(drive.model.medium().partitions[0].size(), 2u);
  drive.Fill("1");
  // That was for once.
  ASSERT_OK(drive.Go(0));
  EXPECT_TAPE_ERROR(drive.WriteStatus(), kWriteProtected);
  EXPECT_EQ(drive.model.medium().partitions[0].size(), 3u);
  ASSERT_OK(drive->PrepareTape(TapePreparation::kFormat, false));
  EXPECT_EQ(drive.model.medium().partitions[0].size(), 0u);
}

TEST(SscAppendOnly, AVolumeIsEmptiedAndLabelledAnew) {
  ModelDrive drive;
  drive.Fill("1101");
  drive.model.SetAppendOnly(true);
  auto tape = test::Value(TapeBlockDevice::Borrow(*drive.drive));
  ASSERT_OK(tape->Erase());
  ASSERT_WRITTEN(tape->Write(Pattern(4096, 1)));
  EXPECT_EQ(drive.model.medium().partitions[0].size(), 1u);
}

TEST(SscAppendOnly, WithoutTheCommandItIsRefused) {
  ModelDrive drive;
  drive.Fill("11");
  drive.model.SetAppendOnly(true);
  drive.Fault({.opcode = opcode::kAllowOverwrite, .sense = 0x052000});
  ASSERT_OK(drive.Rewind());
  EXPECT_TAPE_ERROR(drive->EraseTape(TapeEraseType::kShort, false), kNotSupported);
  EXPECT_TAPE_ERROR(drive->EraseTape(TapeEraseType::kShort, false), kWriteProtected);
  EXPECT_EQ(drive.model.medium().partitions[0].size(), 2u);
}

}  // namespace
}  // namespace tapir::scsi
