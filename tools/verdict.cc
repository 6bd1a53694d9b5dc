#include "tools/verdict.h"

#include <fmt/format.h>

#include <algorithm>

#include "tools/damage_text.h"
#include "tools/escape.h"
#include "tools/finding_text.h"
#include "tools/size_text.h"

namespace tapir::cli {

namespace {

std::string Subject(const VerifyRequest& request) {
  return request.only_session == 0 ? "This volume"
                                   : fmt::format("Session {}", request.only_session);
}

std::string Objects(uint64_t count) { return Counted(count, "object"); }

std::string WhatIsThere(const VerifyRequest& request, const VerifyReport& report) {
  const uint64_t whole = report.objects - report.continued;
  if (request.only_session != 0) return Objects(whole);
  return fmt::format("{} in {}", Objects(whole), Counted(report.sessions, "session"));
}

std::string IntactSentence(const VerifyRequest& request, const VerifyReport& report) {
  if (request.level == VerifyLevel::kBlocks) {
    return fmt::format(
        "{}'s blocks are intact: {} in {} agree with their checksums. Files were not unpacked; "
        "--level content proves each of them.",
        Subject(request), FormatSize(report.volume_bytes), Counted(report.blocks, "block"));
  }
  if (report.objects == 0) return Subject(request) + " is intact, and there is nothing in it.";
  if (report.objects == report.continued) {
    return fmt::format(
        "{} is intact: it holds part of {}, proven by its digest (against accidental change).",
        Subject(request), Counted(report.continued, "file"));
  }
  if (report.unproven > 0) {
    return fmt::format(
        "{} is intact: {}, each proven by its digest but {}, for which the bytes "
        "are elsewhere (against accidental change).",
        Subject(request), WhatIsThere(request, report), Counted(report.unproven, "content"));
  }
  return fmt::format(
      "{} is intact: all {} can be restored, each proven by its digest (against "
      "accidental change).",
      Subject(request), WhatIsThere(request, report));
}

/// What a torn session leaves. Objects are counted over all sessions, also that one.
std::string WhatIsBefore(const VerifyReport& report) {
  if (report.sessions == 0) return ".";
  return fmt::format("; what is in the {} before it can be restored.",
                     Counted(report.sessions, "session"));
}

std::string DamagedSentence(const VerifyRequest& request, const VerifyReport& report) {
  const std::string places = Counted(report.damage_count, "place");
  if (request.level == VerifyLevel::kBlocks) {
    return fmt::format("{} is DAMAGED in {}; --level content names the files concerned.",
                       Subject(request), places);
  }
  if (report.lost_objects == 0) {
    return fmt::format("{} is DAMAGED in {}, but all {} can still be restored.", Subject(request),
                       places, Objects(report.objects));
  }
  return fmt::format("{} is DAMAGED in {}: {} cannot be restored, {} can.", Subject(request),
                     places, Objects(report.lost_objects), FormatCount(report.objects));
}

/// What the digests prove, for those who must show it to others.
std::string ProofText(const VerifyReport& report) {
  std::string text = fmt::format("  proven: {}, {} by XXH3-128", FormatSize(report.content_bytes),
                                 Counted(report.proven_xxh128, "content"));
  if (report.proven_sha256 > 0) {
    text += fmt::format(
        ", {} of them by SHA-256 too: against deliberate change as well, if 'tapir list --digests "
        "sha256' says what it said when its list was put away elsewhere",
        FormatCount(report.proven_sha256));
  }
  return text + "\n";
}

std::string DetailText(const VerifyReport& report) {
  std::string text = fmt::format("  read: {}, {}, {}\n", FormatSize(report.volume_bytes),
                                 Counted(report.blocks, "block"), Counted(report.chunks, "chunk"));
  if (report.proven_xxh128 > 0) text += ProofText(report);
  if (report.unsupported_sessions > 0) {
    text += fmt::format("  {} not read: a newer version of tapir wrote them\n",
                        Counted(report.unsupported_sessions, "session"));
  }
  if (report.torn && report.verdict != Verdict::kTorn) {
    text += "  the last session was never finished\n";
  }
  if (report.continued > 0) {
    text += fmt::format("  {} continued: it begins before this volume or goes on behind it\n",
                        Objects(report.continued));
  }
  if (report.flawed_objects > 0) {
    text += fmt::format("  {} had changed or could not be read when archived\n",
                        Objects(report.flawed_objects));
  }
  return text;
}

std::string FindingText(const VerifyReport& report) {
  std::string text;
  for (const FormatFinding& found : report.findings) {
    text += fmt::format("  {}: {}\n", SeverityWord(found.finding.severity), FindingAsText(found));
  }
  if (report.finding_count > report.findings.size()) {
    text += fmt::format("  and {} more of this kind\n",
                        FormatCount(report.finding_count - report.findings.size()));
  }
  return text;
}

bool HasWarnings(const VerifyReport& report) {
  return std::any_of(
      report.findings.begin(), report.findings.end(),
      [](const FormatFinding& found) { return found.finding.severity != Severity::kInfo; });
}

std::string FaultText(const VerifyReport& report) {
  std::string text;
  for (const Damage& damage : report.damages) {
    text += "  damage: " + DamageAsText(damage) + "\n";
  }
  if (report.damage_count > report.damages.size()) {
    text +=
        fmt::format("  and {} more\n", FormatCount(report.damage_count - report.damages.size()));
  }
  for (const std::string& path : report.lost_paths) text += "  lost: " + Quoted(path) + "\n";
  if (report.lost_objects > report.lost_paths.size()) {
    text += fmt::format("  lost: {} without a known name\n",
                        Objects(report.lost_objects - report.lost_paths.size()));
  }
  return text;
}

}  // namespace

ExitStatus ExitStatusOf(const VerifyReport& report) {
  ExitStatus status = kExitDone;
  if (report.interrupted) status = kExitInterrupted;
  if (report.unsupported_sessions > 0) status = Graver(status, kExitForeign);
  if (report.torn || HasWarnings(report)) status = Graver(status, kExitWarnings);
  switch (report.verdict) {
    case Verdict::kIntact: return status;
    case Verdict::kDamaged: return Graver(status, kExitDamage);
    case Verdict::kTorn: return Graver(status, kExitWarnings);
    case Verdict::kForeign:
    case Verdict::kUnsupported: return Graver(status, kExitForeign);
  }
  return status;
}

std::string VerdictSentence(const VerifyRequest& request, const VerifyReport& report) {
  if (report.interrupted && report.verdict != Verdict::kDamaged) {
    return fmt::format("Interrupted after {}: nothing wrong so far, and the rest was not read.",
                       FormatSize(report.volume_bytes));
  }
  switch (report.verdict) {
    case Verdict::kIntact: return IntactSentence(request, report);
    case Verdict::kDamaged: return DamagedSentence(request, report);
    case Verdict::kTorn:
      if (request.level == VerifyLevel::kBlocks) {
        return fmt::format("{} is sound but TORN: its last session was never finished.",
                           Subject(request));
      }
      return fmt::format("{} is sound but TORN: its last session was never finished{}",
                         Subject(request), WhatIsBefore(report));
    case Verdict::kForeign:
      return "This is not a Tapir volume: " + SafeText(report.what_found) + ".";
    case Verdict::kUnsupported:
      return "Parts of this volume need a newer version of tapir: " + SafeText(report.what_found) +
             ".";
  }
  return {};
}

std::string VerdictAsText(const VerifyRequest& request, const VerifyReport& report) {
  std::string text = VerdictSentence(request, report) + "\n";
  if (report.blocks > 0) text += DetailText(report);
  return text + FindingText(report) + FaultText(report);
}

Json VerdictAsObject(const VerifyRequest& request, const VerifyReport& report) {
  Json object;
  // A run that was stopped has seen no more than a part.
  const bool unknown = report.interrupted && report.verdict != Verdict::kDamaged;
  object["verdict"] = unknown ? Json() : Json(VerdictName(report.verdict));
  object["sentence"] = VerdictSentence(request, report);
  PutName(object, "volume", request.volume);
  object["level"] = request.level == VerifyLevel::kBlocks ? "blocks" : "content";
  if (request.only_session != 0) object["session"] = request.only_session;
  object["what_found"] = report.what_found;
  object["damages"] = report.damage_count;
  object["sessions"] = report.sessions;
  object["unsupported_sessions"] = report.unsupported_sessions;
  object["torn"] = report.torn;
  object["blocks"] = report.blocks;
  object["chunks"] = report.chunks;
  object["volume_bytes"] = report.volume_bytes;
  object["objects"] = report.objects;
  object["content_bytes"] = report.content_bytes;
  object["proven_xxh128"] = report.proven_xxh128;
  object["proven_sha256"] = report.proven_sha256;
  object["unproven"] = report.unproven;
  object["lost_objects"] = report.lost_objects;
  object["lost"] = Json::array();
  for (const std::string& path : report.lost_paths) {
    Json lost;
    PutName(lost, "path", path);
    object["lost"].push_back(lost);
  }
  object["continued"] = report.continued;
  object["flawed_objects"] = report.flawed_objects;
  object["findings"] = report.finding_count;
  object["interrupted"] = report.interrupted;
  return object;
}

}  // namespace tapir::cli
