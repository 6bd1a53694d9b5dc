#include "tools/list_encrypted.h"

#include <fmt/format.h>

#include "tapir/jobs/encrypted_list_job.h"
#include "tools/damage_text.h"
#include "tools/escape.h"
#include "tools/finding_text.h"
#include "tools/json.h"
#include "tools/signals.h"
#include "tools/size_text.h"

namespace tapir::cli {

namespace {

const char* ListName(EfsKeyList list) {
  return list == EfsKeyList::kUsers ? "user" : "recovery agent";
}

Json KeyAsObject(const EfsKeyEntry& key) {
  return Json{{"list", key.list == EfsKeyList::kUsers ? "user" : "recovery_agent"},
              {"thumbprint", key.thumbprint},
              {"display_name", key.display_name},
              {"sid", key.sid}};
}

Json EncryptedAsObject(const EncryptedObject& object) {
  Json json;
  PutName(json, "path", object.path);
  json["session"] = object.session_number;
  json["size"] = object.size;
  json["streams"] = object.stream_count;
  json["raw_export"] = object.raw_export;
  json["version"] = object.metadata.version;
  json["keys"] = Json::array();
  for (const EfsKeyEntry& key : object.metadata.keys) json["keys"].push_back(KeyAsObject(key));
  json["findings"] = Json::array();
  for (const Finding& finding : object.findings) {
    json["findings"].push_back(FindingAsObject(finding));
  }
  return json;
}

/// What comes from a volume may hold anything.
std::string KeyText(const EfsKeyEntry& key) {
  const std::string thumbprint = key.thumbprint.empty() ? "no thumbprint" : key.thumbprint;
  std::string text = fmt::format("    {:<14}  {:<40}", ListName(key.list), thumbprint);
  if (!key.display_name.empty()) text += "  " + SafeText(key.display_name);
  if (!key.sid.empty()) text += "  " + SafeText(key.sid);
  return text + "\n";
}

std::string EncryptedText(const EncryptedObject& object, bool escape) {
  std::string text = escape ? Escaped(object.path) : object.path;
  text += fmt::format("\n    {} bytes, {}, EFS version {}{}\n", FormatCount(object.size),
                      Counted(object.stream_count, "stream"), object.metadata.version,
                      object.raw_export ? ", a raw export" : "");
  for (const EfsKeyEntry& key : object.metadata.keys) text += KeyText(key);
  for (const Finding& finding : object.findings) {
    text += fmt::format("    {}: offset {}: {}\n", SeverityWord(finding.severity), finding.offset,
                        SafeText(finding.text));
  }
  return text;
}

}  // namespace

std::string ParseThumbprint(const std::string& text) {
  std::string digits;
  for (const char c : text) {
    if (c == ' ' || c == ':') continue;
    const char lower = c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
    const bool is_digit = (lower >= '0' && lower <= '9') || (lower >= 'a' && lower <= 'f');
    if (!is_digit) digits.clear();
    if (!is_digit) break;
    digits += lower;
  }
  if (digits.empty() || digits.size() % 2 != 0) {
    throw CLI::ValidationError("--certificate", "'" + text + "' is no thumbprint in hexadecimal");
  }
  return digits;
}

ExitStatus ListEncryptedObjects(const CommonOptions& common, const Selection& selection,
                                const std::string& thumbprint) {
  CommandRun run(common, CommandRun::Results::kStandardOutput, CommandRun::Notices::kAsLines);
  EncryptedListRequest request;
  request.volume = common.volume;
  request.selection = selection;
  request.thumbprint = thumbprint;
  request.reporter = &run.reporter();
  const auto report = ListEncrypted(request, [&](const EncryptedObject& object) {
    if (StopRequested().load()) return Cancelled("interrupted");
    run.out().Append(common.json ? ToLine(EncryptedAsObject(object))
                                 : EncryptedText(object, run.out().is_terminal()));
    return run.out().status();
  });
  if (!run.out().status().ok()) return run.Fail(run.out().status());
  if (!report.ok()) return run.Fail(report.status());
  run.out().Flush();
  for (const Damage& damage : report->damages) {
    run.reporter().Report(NoticeKind::kDamage, {}, DamageAsText(damage));
  }
  if (!report->damages.empty()) run.Raise(kExitDamage);
  run.ReportGaps(*report, selection);
  return run.Finish();
}

}  // namespace tapir::cli
