#include "tools/verdict.h"

#include <gtest/gtest.h>

#include <string>

namespace tapir::cli {
namespace {

VerifyReport Report(Verdict verdict) {
  VerifyReport report;
  report.verdict = verdict;
  report.sessions = 2;
  report.blocks = 900;
  report.chunks = 1000;
  report.volume_bytes = uint64_t{900} << 20;
  report.objects = 83731;
  report.proven_xxh128 = 80000;
  report.content_bytes = uint64_t{1} << 30;
  return report;
}

TEST(Verdict, ExitStatus) {
  EXPECT_EQ(ExitStatusOf(Report(Verdict::kIntact)), 0);
  EXPECT_EQ(ExitStatusOf(Report(Verdict::kTorn)), 1);
  EXPECT_EQ(ExitStatusOf(Report(Verdict::kDamaged)), 3);
  EXPECT_EQ(ExitStatusOf(Report(Verdict::kForeign)), 5);
  EXPECT_EQ(ExitStatusOf(Report(Verdict::kUnsupported)), 5);
  VerifyReport report = Report(Verdict::kDamaged);
  report.unsupported_sessions = 1;
  EXPECT_EQ(ExitStatusOf(report), 5);
  report.interrupted = true;
  EXPECT_EQ(ExitStatusOf(report), 130);
}

TEST(Verdict, SentenceForAnIntactVolume) {
  VerifyRequest request;
  EXPECT_EQ(VerdictSentence(request, Report(Verdict::kIntact)),
            "This volume is intact: all 83,731 objects in 2 sessions can be restored, each proven "
            "by its digest (against accidental change).");
  request.only_session = 2;
  EXPECT_EQ(VerdictSentence(request, Report(Verdict::kIntact)),
            "Session 2 is intact: all 83,731 objects can be restored, each proven by its digest "
            "(against accidental change).");
}

TEST(Verdict, NeverIntactWhenInterrupted) {
  VerifyReport report = Report(Verdict::kIntact);
  report.interrupted = true;
  EXPECT_EQ(VerdictSentence({}, report),
            "Interrupted after 900.0 MiB: nothing wrong so far, and the rest was not read.");
  EXPECT_TRUE(VerdictAsObject({}, report)["verdict"].is_null());
}

TEST(Verdict, NamesWhatIsLost) {
  VerifyReport report = Report(Verdict::kDamaged);
  report.damages.push_back({.kind = DamageKind::kBlock, .object = 3, .unit = 7, .text = "bad"});
  report.damage_count = 2;
  report.lost_objects = 3;
  report.lost_paths = {"a\nb", "c"};
  const std::string text = VerdictAsText({}, report);
  EXPECT_TRUE(
      text.starts_with("This volume is DAMAGED in 2 places: 3 objects cannot be restored, "
                       "83,731 can.\n"))
      << text;
  EXPECT_NE(text.find("  damage: block, block 3, unit 7 (byte 28672): bad\n"), std::string::npos);
  EXPECT_NE(text.find("  and 1 more\n"), std::string::npos);
  EXPECT_NE(text.find("  lost: 'a\\nb'\n"), std::string::npos);
  EXPECT_NE(text.find("  lost: 1 object without a known name\n"), std::string::npos);
}

TEST(Verdict, DamageWithoutLoss) {
  VerifyReport report = Report(Verdict::kDamaged);
  report.damage_count = 1;
  EXPECT_EQ(VerdictSentence({}, report),
            "This volume is DAMAGED in 1 place, but all 83,731 objects can still be restored.");
}

TEST(Verdict, TornCountsNoObjects) {
  VerifyReport report = Report(Verdict::kTorn);
  report.sessions = 2;
  EXPECT_EQ(VerdictSentence({}, report),
            "This volume is sound but TORN: its last session was never finished; what is in the 2 "
            "sessions before it can be restored.");
  report.sessions = 0;
  EXPECT_EQ(VerdictSentence({}, report),
            "This volume is sound but TORN: its last session was never finished.");
}

TEST(Verdict, ObjectHasTheDocumentedFields) {
  const Json object = VerdictAsObject({.volume = "v"}, Report(Verdict::kTorn));
  EXPECT_EQ(object["verdict"], "torn");
  EXPECT_EQ(object["volume"], "v");
  EXPECT_EQ(object["level"], "content");
  EXPECT_EQ(object["objects"], 83731);
}

}  // namespace
}  // namespace tapir::cli
