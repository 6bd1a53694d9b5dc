#include <fmt/format.h>

#include <cstdint>
#include <memory>
#include <string>

#include "tapir/base/limits.h"
#include "tapir/jobs/inspect_job.h"
#include "tools/command.h"
#include "tools/command_run.h"
#include "tools/escape.h"
#include "tools/json.h"
#include "tools/signals.h"

namespace tapir::cli {

namespace {

constexpr const char* kInspectExamples =
    "Field names are those of format-spec/. Works on damaged volumes, too.\n"
    "\n"
    "Examples:\n"
    "  tapir inspect photos.tapir | less\n"
    "  tapir inspect photos.tapir --block 12\n"
    "  tapir inspect photos.tapir --no-records --json\n";

struct InspectCommandOptions {
  CommonOptions common;
  InspectOptions inspect;
  bool no_records = false;
};

std::string_view LevelName(InspectedItem::Level level) {
  switch (level) {
    case InspectedItem::Level::kBlock: return "block";
    case InspectedItem::Level::kChunk: return "chunk";
    case InspectedItem::Level::kRecord: return "record";
    case InspectedItem::Level::kDamage: return "damage";
  }
  return "item";
}

size_t Indent(InspectedItem::Level level) {
  if (level == InspectedItem::Level::kChunk) return 2;
  return level == InspectedItem::Level::kRecord ? 4 : 0;
}

/// Values come printable; those that would blur into the next field are quoted.
std::string FieldValue(const std::string& value) {
  const bool plain = !value.empty() && value.find_first_of(" '") == std::string::npos;
  return plain ? SafeText(value) : "'" + SafeText(value) + "'";
}

std::string AsLine(const InspectedItem& item) {
  std::string line(Indent(item.level), ' ');
  line += fmt::format("{} {}", LevelName(item.level), SafeText(item.type));
  if (item.level == InspectedItem::Level::kBlock || item.level == InspectedItem::Level::kDamage) {
    line += fmt::format(" unit={} byte={}", item.unit, item.unit * limits::kUnitBytes);
  } else {
    line += fmt::format(" at={}", item.offset);
  }
  for (const auto& [name, value] : item.fields) {
    line += fmt::format(" {}={}", name, FieldValue(value));
  }
  return line + "\n";
}

Json AsObject(const InspectedItem& item) {
  Json fields = Json::object();
  for (const auto& [name, value] : item.fields) PutName(fields, name, value);
  return Json{{"level", LevelName(item.level)},
              {"type", item.type},
              {"unit", item.unit},
              {"offset", item.offset},
              {"fields", std::move(fields)}};
}

ExitStatus RunInspect(const InspectCommandOptions& options) {
  CommandRun run(options.common, CommandRun::Results::kStandardOutput,
                 CommandRun::Notices::kAsLines);
  InspectOptions inspect = options.inspect;
  inspect.records = !options.no_records;
  bool shown = false;
  const Status status = InspectVolume(options.common.volume, inspect, [&](const auto& item) {
    if (StopRequested().load(std::memory_order_relaxed)) return Cancelled("interrupted");
    shown = true;
    if (item.level == InspectedItem::Level::kDamage) run.Raise(kExitDamage);
    run.out().Append(run.json() ? ToLine(AsObject(item)) : AsLine(item));
    return run.out().status();
  });
  if (!run.out().status().ok()) return run.Fail(run.out().status());
  if (!status.ok()) return run.Fail(status);
  if (inspect.block_number && !shown) {
    run.Complain(fmt::format("there is no block {}", *inspect.block_number), kExitWarnings);
  }
  return run.Finish();
}

}  // namespace

Command AddInspect(CLI::App& root) {
  auto options = std::make_shared<InspectCommandOptions>();
  CLI::App* app =
      AddCommand(root, "inspect", "Show every block, chunk and record", options->common);
  app->add_option("--block", options->inspect.block_number, "Only this block and what begins in it")
      ->type_name("N");
  app->add_flag("--no-records", options->no_records, "Blocks and chunks only");
  app->footer(kInspectExamples);
  return {app, [options] { return RunInspect(*options); }};
}

}  // namespace tapir::cli
