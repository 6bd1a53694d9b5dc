#include "tools/comparison.h"

#include <fmt/format.h>

#include "tools/escape.h"
#include "tools/size_text.h"

namespace tapir::cli {

ExitStatus ExitStatusOf(const CompareReport& report) {
  if (report.damages > 0) return kExitDamage;
  return report.differences > 0 ? kExitWarnings : kExitDone;
}

Json DifferenceAsObject(const Difference& difference) {
  Json object{{"kind", DifferenceKindName(difference.kind)}};
  PutName(object, "path", difference.path);
  object["text"] = difference.text;
  return object;
}

void ShowDifference(const Difference& difference, CommandRun& run) {
  if (run.json()) {
    run.out().Append(ToLine(DifferenceAsObject(difference)));
  } else {
    run.out().Append(fmt::format("{}: {}: {}\n", DifferenceKindName(difference.kind),
                                 Quoted(difference.path), SafeText(difference.text)));
  }
}

std::string ComparisonSentence(std::string_view directory, const CompareReport& report) {
  if (report.compared == report.equal && report.damages == 0) {
    return fmt::format("All {} equal what is below {}.", Counted(report.compared, "object"),
                       Quoted(directory));
  }
  std::string text =
      fmt::format("{} of {} are NOT as below {}: {}", FormatCount(report.compared - report.equal),
                  Counted(report.compared, "object"), Quoted(directory),
                  Counted(report.differences, "difference"));
  if (report.damages > 0) {
    text += fmt::format("; {} cannot be read from the volume", Counted(report.damages, "object"));
  }
  return text + ".";
}

Json ComparisonAsObject(std::string_view volume, std::string_view directory,
                        const CompareReport& report) {
  Json object;
  if (report.damages > 0) {
    object["verdict"] = "damaged";
  } else {
    object["verdict"] = report.compared == report.equal ? "equal" : "different";
  }
  object["sentence"] = ComparisonSentence(directory, report);
  PutName(object, "volume", volume);
  PutName(object, "against", directory);
  object["compared"] = report.compared;
  object["equal"] = report.equal;
  object["differences"] = report.differences;
  object["damages"] = report.damages;
  return object;
}

}  // namespace tapir::cli
