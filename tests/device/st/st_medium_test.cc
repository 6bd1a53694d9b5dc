#include "tests/device/st/st_fixture.h"

namespace tapir::st {
namespace {

using StMedium = StDriveTest;

TEST_F(StMedium, WriteProtected) {
  Fill("a");
  fake.write_protected = true;
  Open();
  EXPECT_EQ(fake.open_flags.back() & O_ACCMODE, O_RDONLY);
  EXPECT_TRUE(test::Value(drive->GetTapeMediaParameters()).write_protected);
  EXPECT_TAPE_ERROR(Put('b'), kWriteProtected);
  EXPECT_TAPE_ERROR(drive->WriteTapemark(TapeMark::kFilemark, 1, false), kWriteProtected);
  EXPECT_TAPE_ERROR(drive->EraseTape(TapeEraseType::kShort, false), kWriteProtected);
  ASSERT_OK(Rewind());
  EXPECT_EQ(Meet(2), "a.");
}

TEST_F(StMedium, AnotherMediumIsWriteProtectedOrNot) {
  Fill("a");
  ASSERT_OK(drive->PrepareTape(TapePreparation::kUnload, false));
  fake.write_protected = true;
  ASSERT_OK(drive->PrepareTape(TapePreparation::kLoad, false));
  EXPECT_TAPE_ERROR(Put('b'), kWriteProtected);
  EXPECT_EQ(Meet(2), "a.");
  ASSERT_OK(drive->PrepareTape(TapePreparation::kUnload, false));
  fake.write_protected = false;
  ASSERT_OK(drive->PrepareTape(TapePreparation::kLoad, false));
  Fill("b");
}

TEST_F(StMedium, WithoutAMediumAndWithOneAgain) {
  Fill("a");
  ASSERT_OK(drive->PrepareTape(TapePreparation::kUnload, false));
  EXPECT_TAPE_ERROR(drive->GetTapeStatus(), kNoMediaInDrive);
  EXPECT_TAPE_ERROR(ReadStatus(), kNoMediaInDrive);
  fake.open_flags.clear();
  Open();
  // The driver waits for one for two minutes where it may.
  for (int flags : fake.open_flags) EXPECT_NE(flags & O_NONBLOCK, 0);
  EXPECT_TAPE_ERROR(drive->GetTapeMediaParameters(), kNoMediaInDrive);
  EXPECT_TAPE_ERROR(Rewind(), kNoMediaInDrive);
  ASSERT_OK(drive->PrepareTape(TapePreparation::kLoad, false));
  ASSERT_OK(drive->GetTapeStatus());
  EXPECT_EQ(Meet(2), "a.");
}

TEST_F(StMedium, AMediumThatIsOnItsWayIsWaitedFor) {
  Fill("a");
  drive.reset();
  fake.online = false;
  fake.becoming_ready = true;
  Open();
  ASSERT_OK(drive->GetTapeStatus());
  ASSERT_OK(Rewind());
  EXPECT_EQ(Meet(2), "a.");
}

TEST_F(StMedium, WhatNeverGetsReadyIsOpenAllTheSame) {
  fake.online = false;
  fake.becoming_ready = true;
  fake.open_errors = {0, EIO};
  Open();
  EXPECT_TAPE_ERROR(drive->GetTapeStatus(), kNotReady);
}

TEST_F(StMedium, UnloadingAfterAReset) {
  fake.Reset();
  Open();
  ASSERT_OK(drive->PrepareTape(TapePreparation::kUnload, false));
  EXPECT_TAPE_ERROR(drive->GetTapeStatus(), kNoMediaInDrive);
}

TEST_F(StMedium, WhatCannotBeOpened) {
  fake.open_errors = {EBUSY};
  drive.reset();
  Result<std::unique_ptr<StDrive>> busy =
      StDrive::Open("/dev/nst0", std::make_unique<FakeCalls>(fake));
  EXPECT_FALSE(busy.ok());
  EXPECT_TRUE(busy.status().message().starts_with("cannot open '/dev/nst0'"));
}

TEST_F(StMedium, Locks) {
  ASSERT_OK(drive->PrepareTape(TapePreparation::kLock, false));
  EXPECT_TAPE_ERROR(drive->PrepareTape(TapePreparation::kUnload, false), kUnableToUnloadMedia);
  ASSERT_OK(drive->PrepareTape(TapePreparation::kUnlock, false));
  fake.failing[MTLOCK] = EIO;
  EXPECT_TAPE_ERROR(drive->PrepareTape(TapePreparation::kLock, false), kUnableToLockMedia);
  ASSERT_OK(drive->PrepareTape(TapePreparation::kTension, false));
  EXPECT_TRUE(Did(MTRETEN));
}

TEST_F(StMedium, AMediumThatTakesLongerThanTheDriverWaitsIsWaitedForOn) {
  Fill("a");
  drive.reset();
  fake.Seek(0);
  fake.online = false;
  fake.becoming_ready = 5;
  fake.failing[MTLOAD] = EIO;
  Open();
  EXPECT_TAPE_ERROR(drive->GetTapeStatus(), kNotReady);
  std::vector<uint64_t> seen;
  ASSERT_OK(drive->MakeReady([&](const TapeLoading& loading) {
    seen.push_back(loading.waited_ms);
    return true;
  }));
  EXPECT_EQ(seen, (std::vector<uint64_t>{0, 1000, 2000, 3000}));
  EXPECT_TRUE(Did(MTLOAD));
  ASSERT_OK(Rewind());
  EXPECT_EQ(Meet(1), "a");
}

TEST_F(StMedium, WaitingEndsWhenItIsAskedToAndAfterTwoHours) {
  fake.online = false;
  fake.becoming_ready = 100'000;
  fake.failing[MTLOAD] = EIO;
  Open();
  EXPECT_THAT(drive->MakeReady([](const TapeLoading&) { return false; }),
              test::HasCode(StatusCode::kCancelled));
  EXPECT_EQ(waited_ms, 0u);
  EXPECT_TAPE_ERROR(drive->MakeReady({}), kNotReady);
  EXPECT_EQ(waited_ms, 7'200'000u);
}

}  // namespace
}  // namespace tapir::st
