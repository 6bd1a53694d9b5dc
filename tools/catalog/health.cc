#include "tools/catalog/health.h"

#include <fmt/format.h>

#include "tapir/jobs/verify_job.h"
#include "tools/size_text.h"

namespace tapir::cli {

namespace {
using Level = CatalogHealth::Level;
}  // namespace

std::string_view HealthLevelName(Level level) {
  switch (level) {
    case Level::kUnknown: return "unknown";
    case Level::kGood: return "good";
    case Level::kDoubtful: return "doubtful";
    case Level::kBad: return "bad";
  }
  return "unknown";
}

CatalogHealth HealthOf(const VolumeFacts& facts) {
  const std::string verdict = facts.Health();
  if (facts.verifications.empty()) return {Level::kUnknown, "never verified"};
  if (verdict == VerdictName(Verdict::kIntact)) {
    const uint64_t since = facts.SessionsSince();
    if (since == 0) return {Level::kGood, verdict};
    return {Level::kDoubtful, "intact then, but " + Counted(since, "session") + " since"};
  }
  if (verdict == VerdictName(Verdict::kTorn)) return {Level::kDoubtful, verdict};
  if (verdict == VerdictName(Verdict::kDamaged)) return {Level::kBad, verdict};
  // Parts of it were proven, or a newer version is needed to read it.
  return {Level::kDoubtful, verdict == "unverified" ? "verified in part" : verdict};
}

std::string VerificationText(const catalog::Verification& verification) {
  std::string text =
      fmt::format("{} of {}: {}, {} proven", verification.level, verification.coverage,
                  verification.verdict, FormatSize(verification.proven_bytes));
  if (verification.damage_count > 0) {
    text += ", " + Counted(verification.damage_count, "fault");
  }
  return text;
}

}  // namespace tapir::cli
