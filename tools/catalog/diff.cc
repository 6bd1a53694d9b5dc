#include <fmt/format.h>

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "tapir/catalog/reports.h"
#include "tools/catalog/catalog.h"
#include "tools/catalog/place.h"
#include "tools/command_run.h"
#include "tools/entry_text.h"
#include "tools/escape.h"
#include "tools/json.h"
#include "tools/signals.h"
#include "tools/size_text.h"

namespace tapir::cli {

namespace {

using catalog::SessionDifference;

constexpr const char* kDiffExamples =
    "A session is VOLUME:N or SET:N. Exit status 1: they differ.\n"
    "\n"
    "Examples:\n"
    "  tapir catalog diff photos:1 photos:2\n"
    "  tapir catalog diff photos:1 3f2a9c01:4 --json\n";

struct DiffOptions {
  CatalogOptions catalog;
  std::string before;
  std::string after;
};

constexpr std::array<const char*, 3> kKindNames = {"added", "removed", "changed"};

/// What is not the same, in words.
std::vector<std::string> ChangesOf(const Entry& before, const Entry& after) {
  std::vector<std::string> changes;
  if (before.type != after.type) {
    changes.push_back(fmt::format("{} became {}", TypeName(before.type), TypeName(after.type)));
  }
  if (before.size != after.size) {
    changes.push_back(fmt::format("{} became {} bytes", before.size, after.size));
  } else if (before.xxh128 != after.xxh128 || before.map_digest != after.map_digest) {
    changes.emplace_back("contents");
  }
  if (before.link_target != after.link_target) changes.emplace_back("target");
  if (before.mtime != after.mtime) changes.emplace_back("time");
  if (before.mode != after.mode) changes.emplace_back("mode");
  if (before.uid != after.uid || before.gid != after.gid) changes.emplace_back("owner");
  if (before.file_attributes != after.file_attributes) changes.emplace_back("attributes");
  if (before.reparse_tag != after.reparse_tag) changes.emplace_back("reparse tag");
  if (before.status != after.status) changes.emplace_back("status");
  return changes;
}

Json SideAsObject(const Entry& entry) {
  Json object = EntryAsObject(ListedEntry{0, 0, 0, false, entry}, {});
  for (const char* name : {"path", "path_base64", "session", "volume", "ordinal"}) {
    object.erase(name);
  }
  return object;
}

void ShowSessionDifference(const SessionDifference& difference, CommandRun& run) {
  const Entry& entry = difference.after != nullptr ? *difference.after : *difference.before;
  const char* kind = kKindNames.at(static_cast<size_t>(difference.kind));
  std::vector<std::string> changes;
  if (difference.kind == SessionDifference::Kind::kChanged) {
    changes = ChangesOf(*difference.before, *difference.after);
  }
  if (run.json()) {
    Json object{{"kind", kind}};
    PutName(object, "path", entry.path);
    if (!changes.empty()) object["changes"] = changes;
    if (difference.before != nullptr) object["before"] = SideAsObject(*difference.before);
    if (difference.after != nullptr) object["after"] = SideAsObject(*difference.after);
    run.out().Append(ToLine(object));
    return;
  }
  const std::string path = run.out().is_terminal() ? Escaped(entry.path) : entry.path;
  run.out().Append(fmt::format("{:<8} {}{}{}\n", kind, path, changes.empty() ? "" : "  ",
                               fmt::join(changes, ", ")));
}

ExitStatus RunDiff(const DiffOptions& options) {
  CommandRun run(options.catalog.common, CommandRun::Results::kStandardOutput,
                 CommandRun::Notices::kAsLines);
  const auto opened = ReadCatalog(options.catalog.place);
  if (!opened.ok()) return run.Fail(opened.status());
  const auto before = FindNamedSession(opened->inventory, options.before);
  if (!before.ok()) return run.Fail(before.status());
  const auto after = FindNamedSession(opened->inventory, options.after);
  if (!after.ok()) return run.Fail(after.status());
  std::array<uint64_t, 3> counts{};
  const Status status = catalog::CompareSessions(
      *opened->store, *before, *after, [&](const SessionDifference& difference) {
        if (StopRequested().load(std::memory_order_relaxed)) return Cancelled("interrupted");
        ++counts.at(static_cast<size_t>(difference.kind));
        ShowSessionDifference(difference, run);
        return run.out().status();
      });
  if (!run.out().status().ok()) return run.Fail(run.out().status());
  if (!status.ok()) return run.Fail(status);
  if (run.wants_summary()) {
    run.out().Append(fmt::format("{} added, {} removed, {} changed\n", FormatCount(counts[0]),
                                 FormatCount(counts[1]), FormatCount(counts[2])));
  }
  if (counts[0] + counts[1] + counts[2] > 0) run.Raise(kExitWarnings);
  return run.Finish();
}

}  // namespace

Command AddCatalogDiff(CLI::App& catalog) {
  auto options = std::make_shared<DiffOptions>();
  CLI::App* app =
      AddCatalogAction(catalog, "diff", "What two sessions have differently", options->catalog);
  AddText(*app, "BEFORE", options->before, "A session: VOLUME:N")->required();
  AddText(*app, "AFTER", options->after, "Another one, of the same volume or not")->required();
  app->footer(kDiffExamples);
  return {app, [options] { return RunDiff(*options); }};
}

}  // namespace tapir::cli
