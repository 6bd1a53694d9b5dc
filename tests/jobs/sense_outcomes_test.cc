// What a drive may say, through the real writer and reader: a session is whole or the volume says
// that it is not, and the one before is never touched.

#include "device/scsi/sense.h"
#include "tests/jobs/model_volume.h"

namespace tapir::test {
namespace {

constexpr int kReadCode = 0x08;
constexpr int kWriteCode = 0x0A;
constexpr int kWriteMarksCode = 0x10;

/// A sense that a row of the table is for; the last one is for keys that are not defined.
ModelFault FaultFor(const scsi::SenseRule& rule) {
  constexpr int16_t kUndefinedKey = 0x0F;
  auto value = [](int16_t field) { return static_cast<uint32_t>(std::max<int16_t>(field, 0)); };
  const bool any_key = rule.key < 0 && rule.flags == 0;
  ModelFault fault;
  fault.sense =
      value(any_key ? kUndefinedKey : rule.key) << 16 | value(rule.asc) << 8 | value(rule.ascq);
  fault.flags = rule.flags;
  return fault;
}

/// Whether a drive that says so may have carried the command out, or not.
bool IsPossible(const scsi::SenseRule& rule, bool deferred, bool executed) {
  if (deferred) return !executed;
  switch (rule.next) {
    case scsi::NextStep::kGoOn: return executed;
    case scsi::NextStep::kStop:
    case scsi::NextStep::kReestablish: return true;
    default: return !executed;
  }
}

class SenseOutcomesTest : public ModelVolumeTest {
 protected:
  void ExpectOldOrNew(bool written, uint64_t objects_before, uint64_t objects_after) {
    const VerifyReport report = Verify();
    EXPECT_EQ(report.damage_count, 0u);
    EXPECT_EQ(report.lost_objects, 0u);
    if (written) {
      EXPECT_EQ(report.verdict, Verdict::kIntact);
      EXPECT_EQ(report.sessions, 2u);
      EXPECT_EQ(report.objects, objects_after);
      return;
    }
    EXPECT_TRUE(report.verdict == Verdict::kTorn || report.verdict == Verdict::kIntact)
        << VerdictName(report.verdict);
    EXPECT_GE(report.objects, objects_before);
    // And the volume takes the session afterwards, under another id.
    first_id_ = 1000;
    ASSERT_THAT(Add("second"), IsOk());
    first_id_ = 1;
    EXPECT_EQ(Verify().verdict, Verdict::kIntact);
  }
};

TEST_F(SenseOutcomesTest, EachRowWhileASessionIsWritten) {
  Begin();
  const uint64_t objects_before = Verify().objects;
  Check(Add("second").status());
  const uint64_t objects_after = Verify().objects;
  const uint64_t last_mark = Here().size() - 1;
  size_t failures = 0;
  for (size_t row = 0; row < scsi::SenseRules().size(); row += Thinned(1)) {
    const scsi::SenseRule& rule = scsi::SenseRules()[row];
    for (const auto& [opcode, object] :
         {std::pair{kWriteCode, begun_ + 5}, std::pair{kWriteMarksCode, last_mark}}) {
      for (bool executed : {false, true}) {
        for (bool deferred : {false, true}) {
          if (!IsPossible(rule, deferred, executed)) continue;
          SCOPED_TRACE(testing::Message() << rule.words << ", opcode " << opcode << ", executed "
                                          << executed << ", deferred " << deferred);
          Begin();
          ModelFault fault = FaultFor(rule);
          fault.opcode = opcode;
          fault.object = static_cast<int64_t>(object);
          fault.executed = executed;
          fault.deferred = deferred;
          model_->AddFault(fault);
          const bool written = Add("second").ok();
          failures += written ? 0u : 1u;
          model_->ClearFaults();
          ExpectOldOrNew(written, objects_before, objects_after);
        }
      }
    }
  }
  EXPECT_GT(failures, 0u);
}

TEST_F(SenseOutcomesTest, EachRowWhileTheVolumeIsRead) {
  Begin();
  Check(Add("second").status());
  const VerifyReport undisturbed = Verify();
  ASSERT_EQ(undisturbed.verdict, Verdict::kIntact);
  size_t failures = 0;
  for (size_t row = 0; row < scsi::SenseRules().size(); row += Thinned(1)) {
    const scsi::SenseRule& rule = scsi::SenseRules()[row];
    for (bool deferred : {false, true}) {
      SCOPED_TRACE(testing::Message() << rule.words << ", deferred " << deferred);
      ModelFault fault = FaultFor(rule);
      fault.opcode = kReadCode;
      fault.object = static_cast<int64_t>(begun_ + 5);
      fault.deferred = deferred;
      model_->AddFault(fault);
      const Result<VerifyReport> report = TryToVerify();
      if (report.ok() && report->verdict == Verdict::kIntact) {
        EXPECT_EQ(report->objects, undisturbed.objects);
        EXPECT_EQ(report->blocks, undisturbed.blocks);
      } else {
        ++failures;
      }
      model_->ClearFaults();
      EXPECT_EQ(Verify().verdict, Verdict::kIntact) << "nothing on the medium changed";
    }
  }
  EXPECT_GT(failures, 0u);
}

}  // namespace
}  // namespace tapir::test
