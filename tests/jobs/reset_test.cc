// A drive that is reset in the middle of a session: through the real writer and reader.

#include <gtest/gtest.h>

#include "device/scsi/ssc_drive.h"
#include "tapir/device/open_device.h"
#include "tapir/device/tape_block_device.h"
#include "tapir/jobs/archive_job.h"
#include "tapir/jobs/verify_job.h"
#include "tests/jobs/scratch.h"
#include "tests/support/collecting_reporter.h"
#include "tests/support/fixed_ambient.h"
#include "tests/support/ssc_model/model_transport.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_bytes.h"

namespace tapir::test {
namespace {

constexpr int kRead = 0x08;
constexpr int kWrite = 0x0A;
constexpr int kWriteMarks = 0x10;
constexpr int kLocate = 0x92;
constexpr uint64_t kAll = 1000;

/// Each session is the same, byte for byte, as long as the drive says the same.
class ResetTest : public testing::Test {
 protected:
  ResetTest() {
    AddTapeOpener("model:", [this](const std::string&) -> Result<std::unique_ptr<TapeDrive>> {
      auto opened = scsi::SscDrive::Open(std::make_unique<ModelTransport>(*model_),
                                         {.wait = [](uint32_t) {}});
      if (!opened.ok()) return std::move(opened).status();
      return std::unique_ptr<TapeDrive>(*std::move(opened));
    });
    scratch_.Put("first/a", "first");
    scratch_.Put("second/large", RandomBytes(600'000, 1));
    scratch_.Put("second/text", TextBytes(100'000, 2));
  }
  ~ResetTest() override {
    AddTapeOpener("model:", [](const std::string&) -> Result<std::unique_ptr<TapeDrive>> {
      return NotFound("no model");
    });
  }

  /// A cartridge with one session.
  void Begin(ModelProfile profile = ModelProfile::kLto) {
    model_ = std::make_unique<SscModel>(ModelOptions{.profile = profile});
    Check(Add("first").status());
    begun_ = Here().size();
  }
  Result<ArchiveReport> Add(const std::string& path) {
    FixedAmbient ambient(1'700'000'000, first_id_);
    reporter_ = std::make_unique<CollectingReporter>();
    ArchiveRequest request;
    request.volume = "model:";
    request.label.max_block_bytes = 64u << 10;
    request.source.base_directory = scratch_.At("");
    request.source.paths = {path};
    request.source.reporter = request.session.reporter = reporter_.get();
    request.session.zstd_level = 0;
    request.session.threads = 1;
    request.session.ambient = &ambient;
    request.buffer_bytes = buffer_bytes_;
    request.resume_bytes = resume_bytes_;
    return Archive(request);
  }
  VerifyReport Verify() {
    VerifyRequest request;
    request.volume = "model:";
    request.threads = 1;
    return Value(VerifyVolume(request, [](const Damage&) {}));
  }
  const ModelPartition& Here() { return model_->medium().partitions[0]; }
  /// Everything on the medium, as a text to compare.
  std::string Contents() {
    std::string all;
    for (uint64_t i = 0; i < Here().size(); ++i) {
      const ModelObject& object = Here().at(i);
      all += object.mark ? "mark" : "block" + std::to_string(object.data.size()) + ":";
      all.append(reinterpret_cast<const char*>(object.data.data()), object.data.size());
    }
    return all;
  }
  bool Told(const std::string& text) {
    for (const auto& notice : reporter_->notices()) {
      if (notice.text.find(text) != std::string::npos) return true;
    }
    return false;
  }
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

  Scratch scratch_;
  std::unique_ptr<SscModel> model_;
  std::unique_ptr<CollectingReporter> reporter_;
  uint64_t begun_ = 0;
  uint64_t first_id_ = 1;
  uint64_t buffer_bytes_ = 64u << 20;
  std::optional<uint64_t> resume_bytes_;
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
