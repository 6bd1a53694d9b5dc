#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tapir/catalog/browse.h"
#include "tools/catalog/catalog.h"
#include "tools/catalog/moment.h"
#include "tools/catalog/place.h"
#include "tools/catalog/plain_path.h"
#include "tools/catalog/version.h"
#include "tools/command_run.h"
#include "tools/escape.h"

namespace tapir::cli {

namespace {

constexpr const char* kLsExamples =
    "Shows the newest state over all sessions of the volume or set, unless --session or --at is\n"
    "given.\n"
    "\n"
    "Examples:\n"
    "  tapir catalog ls photos\n"
    "  tapir catalog ls photos 2026 -l\n"
    "  tapir catalog ls photos#2 --session 3\n"
    "  tapir catalog ls photos 2026 --at 2026-05-01 --json\n";

struct LsOptions {
  CatalogOptions catalog;
  std::string name;
  std::string path = ".";
  SessionMoment moment;
  bool long_lines = false;
  bool null_terminated = false;
};

/// What is in a directory, or the object itself if it is none.
Result<std::vector<catalog::Version>> ListOrFind(catalog::State& state, const std::string& path) {
  auto listed = state.List(path);
  if (listed.ok() || listed.status().code() != StatusCode::kInvalidArgument) return listed;
  TAPIR_ASSIGN_OR_RETURN(std::optional<catalog::Version> found, state.Find(path));
  if (!found) return listed;
  return std::vector<catalog::Version>{*std::move(found)};
}

/// The name of what stands in a directory; a slash behind directories that are shown to a reader.
std::string NameInDirectory(const Entry& entry) {
  const size_t slash = entry.path.rfind('/');
  return slash == std::string::npos ? entry.path : entry.path.substr(slash + 1);
}

void Print(const LsOptions& options, const OpenedCatalog& opened,
           const std::vector<catalog::Version>& versions, CommandRun& run) {
  const bool escape = run.out().is_terminal();
  VersionLines lines(opened, VersionLines::Form::kLong, escape);
  for (const catalog::Version& version : versions) {
    std::string line;
    if (run.json()) {
      line = ToLine(VersionAsObject(version, opened));
    } else if (options.long_lines) {
      catalog::Version named = version;
      named.entry.path = NameInDirectory(version.entry);
      lines.Append(line, named);
      line += '\n';
    } else {
      line = NameInDirectory(version.entry);
      if (escape && !options.null_terminated) line = Escaped(line);
      if (options.null_terminated) {
        line += '\0';
      } else {
        line += version.entry.type == ObjectType::kDirectory ? "/\n" : "\n";
      }
    }
    run.out().Append(line);
  }
}

ExitStatus RunLs(const LsOptions& options) {
  CommandRun run(options.catalog.common, CommandRun::Results::kStandardOutput,
                 CommandRun::Notices::kAsLines);
  auto opened = ReadCatalog(options.catalog.place);
  if (!opened.ok()) return run.Fail(opened.status());
  const auto volumes = FindNamedSet(opened->inventory, options.name);
  if (!volumes.ok()) return run.Fail(volumes.status());
  auto sessions = SessionsAt(opened->inventory.SessionsOf(*volumes), options.moment);
  if (!sessions.ok()) return run.Fail(sessions.status());
  catalog::State state(*opened->store, *std::move(sessions));
  const auto listed = ListOrFind(state, PlainPath(options.path));
  const Status settled = Settled(*opened->store, listed.status());
  if (!settled.ok()) return run.Fail(settled);
  Print(options, *opened, *listed, run);
  return run.Finish();
}

}  // namespace

Command AddCatalogLs(CLI::App& catalog) {
  auto options = std::make_shared<LsOptions>();
  CLI::App* app = AddCatalogAction(catalog, "ls", "What is in a directory of a volume or set",
                                   options->catalog);
  AddText(*app, "VOLUME", options->name,
          "Volume or set: label, UUID or its beginning, or as it was read")
      ->required();
  AddText(*app, "PATH", options->path, "The directory; the root unless given");
  AddSessionMoment(*app, options->moment);
  CLI::Option* json = app->get_option("--json");
  app->add_flag("-l,--long", options->long_lines, "Volume, session, type, mode, owner, size, time")
      ->excludes(json);
  app->add_flag("-0,--null", options->null_terminated, "End names with NUL, and never escape them")
      ->excludes(json)
      ->excludes("--long");
  app->footer(kLsExamples);
  return {app, [options] { return RunLs(*options); }};
}

}  // namespace tapir::cli
