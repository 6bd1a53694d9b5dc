#include "tools/finding_text.h"

#include <fmt/format.h>

#include "tools/escape.h"

namespace tapir::cli {

std::string SeverityWord(Severity severity) {
  return severity == Severity::kInfo ? "note" : "warning";
}

std::string FindingAsText(const FormatFinding& found) {
  return fmt::format("{}: {}: offset {}: {}", Quoted(found.path), found.format,
                     found.finding.offset, SafeText(found.finding.text));
}

Json FindingAsObject(const FormatFinding& found) {
  Json object{{"kind", SeverityWord(found.finding.severity)}, {"session", found.session_number}};
  PutName(object, "path", found.path);
  object["format"] = found.format;
  object["offset"] = found.finding.offset;
  object["text"] = found.finding.text;
  return object;
}

Json FindingAsObject(const Finding& finding) {
  return Json{
      {"kind", SeverityWord(finding.severity)}, {"offset", finding.offset}, {"text", finding.text}};
}

}  // namespace tapir::cli
