// A drive that is reset in the middle of a session: through the real writer and reader.

#include "tests/jobs/model_volume.h"

namespace tapir::test {
namespace {

constexpr int kRead = 0x08;
constexpr int kWrite = 0x0A;
constexpr int kWriteMarks = 0x10;
constexpr int kLocate = 0x92;
constexpr uint64_t kAll = 1000;

class ResetTest : public ModelVolumeTest {
 protected:
  void ResetAt(int opcode, uint64_t object, uint64_t loses, bool executed = false) {
    model_->AddFault({.effect = ModelFault::Effect::kReset,
                      .opcode = opcode,
                      .object = static_cast<int64_t>(object),
                      .executed = executed,
                      .loses = loses});
  }
  void ExpectWhole(const std::string& undisturbed) {
    EXPECT_TRUE(Contents() == undisturbed) << "exactly once";
    VerifyReport report = Verify();
    EXPECT_EQ(report.verdict, Verdict::kIntact);
    EXPECT_EQ(report.sessions, 2u);
  }
};

TEST_F(ResetTest, ASessionGoesOnFromEachWriteAndMark) {
  // The two that tell no position are counted out from a rewind.
  for (ModelProfile profile : {ModelProfile::kLto, ModelProfile::kMinimal, ModelProfile::kTgt}) {
    Begin(profile);
    Check(Add("second").status());
    const std::string undisturbed = Contents();
    const uint64_t whole = Here().size();
    ASSERT_GT(whole, begun_ + 10);
    const bool each = profile == ModelProfile::kLto;
    for (uint64_t object = begun_; object < whole; object += each ? 1 : 3) {
      for (uint64_t loses : {uint64_t{0}, uint64_t{2}, kAll}) {
        SCOPED_TRACE(testing::Message() << "object " << object << ", " << loses << " lost");
        Begin(profile);
        ResetAt(kWrite, object, loses);
        ResetAt(kWriteMarks, object, loses);
        ASSERT_THAT(Add("second"), IsOk());
        EXPECT_TRUE(Told("the drive was reset; "));
        model_->ClearFaults();
        ExpectWhole(undisturbed);
      }
    }
  }
}

TEST_F(ResetTest, WhatTheDriveTookBeforeItSaysSoIsNotWrittenTwice) {
  Begin();
  Check(Add("second").status());
  const std::string undisturbed = Contents();
  const uint64_t whole = Here().size();
  for (uint64_t object = begun_; object < whole; ++object) {
    Begin();
    ResetAt(kWrite, object, 0, true);
    ResetAt(kWriteMarks, object, 0, true);
    ASSERT_THAT(Add("second"), IsOk());
    EXPECT_TRUE(Told("nothing was lost"));
    model_->ClearFaults();
    ExpectWhole(undisturbed);
  }
}

TEST_F(ResetTest, ResetsWhileItIsGotOverAreGotOverToo) {
  Begin();
  Check(Add("second").status());
  const std::string undisturbed = Contents();
  for (int again : {kLocate, kRead, kWrite}) {
    for (uint32_t times : {1u, 3u}) {
      SCOPED_TRACE(testing::Message() << "command " << again << ", " << times << " times");
      Begin();
      ResetAt(kWrite, begun_ + 8, 5);
      model_->AddFault({.effect = ModelFault::Effect::kReset,
                        .opcode = again,
                        .resets = 1,
                        .times = times,
                        .loses = 1});
      ASSERT_THAT(Add("second"), IsOk());
      EXPECT_TRUE(Told("blocks were written again"));
      model_->ClearFaults();
      ExpectWhole(undisturbed);
    }
  }
}

TEST_F(ResetTest, WhereMoreIsLostThanIsKeptTheSessionIsTorn) {
  // Nothing, one block, and two.
  for (uint64_t kept : {0u, 70'000u, 140'000u}) {
    first_id_ = 1;
    Begin();
    resume_bytes_ = kept;
    ResetAt(kWrite, begun_ + 8, 4);
    Result<ArchiveReport> report = Add("second");
    EXPECT_THAT(report, HasCode(StatusCode::kDeviceError));
    const std::string& text = report.status().message();
    EXPECT_NE(text.find("bus reset"), std::string::npos) << text;
    EXPECT_NE(text.find("more is lost than was kept"), std::string::npos) << text;
    EXPECT_NE(text.find("the session is torn"), std::string::npos) << text;
    EXPECT_EQ(Here().size(), begun_ + 4) << "nothing is written where it does not belong";
    model_->ClearFaults();
    EXPECT_EQ(Verify().verdict, Verdict::kTorn);
    resume_bytes_.reset();
    first_id_ = 100;
    Check(Add("second").status());
    EXPECT_EQ(Verify().sessions, 2u);
  }
}

}  // namespace
}  // namespace tapir::test
