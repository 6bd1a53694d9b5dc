#include "tools/srdelayed.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "tapir/windows/nt_status.h"
#include "tools/escape.h"

namespace tapir::cli {

namespace {

constexpr const char* kSrdelayedExamples =
    "Srdelayed.exe of Windows carries out such files while it starts; 'run' does it without "
    "Windows.\n"
    "\n"
    "Examples:\n"
    "  printf 'move\\tC:\\\\Stage\\\\a.dll\\tC:\\\\Windows\\\\a.dll\\n' |\n"
    "    tapir srdelayed make - -o DelayedOperations\n"
    "  tapir srdelayed check DelayedOperations\n"
    "  tapir srdelayed run DelayedOperations --drive C:=ntfs:disk.img\n";

/// A path without the prefix that all have.
std::string ShownPath(const std::string& path) {
  const DelayedPathParts parts = SplitDelayedPath(path);
  std::string shown = parts.volume + "\\" + parts.path;
  std::replace(shown.begin(), shown.end(), '/', '\\');
  return "'" + SafeText(shown) + "'";
}

std::string StatusDigits(uint64_t status) { return fmt::format("{:08X}", status); }

}  // namespace

std::string OperationAsText(const DelayedOperation& operation) {
  const std::string target = ShownPath(operation.target);
  switch (operation.kind) {
    case DelayedKind::kMoveFile:
      return fmt::format("move {} to {}", ShownPath(operation.source), target);
    case DelayedKind::kDeleteFile: return fmt::format("delete {}", target);
    case DelayedKind::kSetFileShortName: break;
  }
  return fmt::format("short name '{}' for {}", SafeText(operation.source), target);
}

std::string StatusAsText(const DelayedOperation& operation) {
  if (!operation.status) return "NotExecuted";
  const std::string_view name = NtStatusText(*operation.status);
  return StatusDigits(*operation.status) + (name.empty() ? "" : " ") + std::string(name);
}

Json OperationAsObject(uint64_t number, uint64_t offset_bytes, const DelayedOperation& operation) {
  Json object{
      {"record", number}, {"offset", offset_bytes}, {"operation", DelayedKindName(operation.kind)}};
  if (operation.kind == DelayedKind::kSetFileShortName) {
    PutName(object, "short_name", operation.source);
  } else if (operation.kind == DelayedKind::kMoveFile) {
    PutName(object, "source", operation.source);
  }
  PutName(object, "target", operation.target);
  object["status"] = nullptr;
  if (operation.status) object["status"] = StatusDigits(*operation.status);
  return object;
}

Command AddSrdelayed(CLI::App& root) {
  CLI::App* srdelayed = root.add_subcommand(
      "srdelayed", "Files of operations that Windows carries out while it starts");
  srdelayed->require_subcommand(1);
  srdelayed->footer(kSrdelayedExamples);
  auto actions = std::make_shared<std::vector<Command>>();
  for (Command (*add)(CLI::App&) : {AddSrdelayedMake, AddSrdelayedCheck, AddSrdelayedRun}) {
    actions->push_back(add(*srdelayed));
  }
  return {srdelayed, [actions] {
            for (const Command& action : *actions) {
              if (action.app->parsed()) return action.run();
            }
            return kExitUsage;
          }};
}

}  // namespace tapir::cli
