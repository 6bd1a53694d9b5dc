#include <fmt/format.h>

#include <memory>
#include <string>

#include "tapir/catalog/reports.h"
#include "tools/catalog/catalog.h"
#include "tools/catalog/place.h"
#include "tools/catalog/version.h"
#include "tools/command_run.h"
#include "tools/json.h"
#include "tools/signals.h"
#include "tools/size_text.h"

namespace tapir::cli {

namespace {

constexpr const char* kDuplicatesExamples =
    "Equal contents under several paths, those first that take most room.\n"
    "\n"
    "Examples:\n"
    "  tapir catalog duplicates\n"
    "  tapir catalog duplicates --min-size 1M --limit 20\n"
    "  tapir catalog duplicates --of photos --json\n";

constexpr const char* kCopiesExamples =
    "Files whose newest contents are on fewer volumes than they should be, under any name; each\n"
    "line begins with how many.\n"
    "\n"
    "Examples:\n"
    "  tapir catalog copies --fewer-than 2\n"
    "  tapir catalog copies --fewer-than 3 --min-size 1M -l\n";

struct ContentOptions {
  CatalogOptions catalog;
  catalog::ContentRequest request;
  std::string of;
  uint32_t copies = 0;
  bool long_lines = false;
  bool null_terminated = false;
};

/// Shows versions in the form that was asked for.
class ContentPrinter {
 public:
  ContentPrinter(const ContentOptions& options, const OpenedCatalog& opened, CommandRun& run)
      : options_(options),
        opened_(opened),
        run_(run),
        lines_(opened, options.long_lines ? VersionLines::Form::kLong : VersionLines::Form::kShort,
               run.out().is_terminal()) {}

  Status PrintGroup(const catalog::ContentGroup& group) {
    if (run_.json()) {
      Json object{{"size", group.size},
                  {"xxh128", Hex(group.xxh128)},
                  {"count", group.count},
                  {"versions", Json::array()}};
      for (const catalog::Version& version : group.versions) {
        object["versions"].push_back(VersionAsObject(version, opened_));
      }
      run_.out().Append(ToLine(object));
      return run_.out().status();
    }
    if (!options_.null_terminated) {
      run_.out().Append(fmt::format("{} with the same {}, {} more than one takes:\n",
                                    Counted(group.count, "path"), FormatSize(group.size),
                                    FormatSize((group.count - 1) * group.size)));
    }
    for (const catalog::Version& version : group.versions) PrintLine(version, "  ");
    if (!options_.null_terminated && group.count > group.versions.size()) {
      run_.out().Append(fmt::format("  and {} more\n", group.count - group.versions.size()));
    }
    return run_.out().status();
  }

  Status PrintCopied(const catalog::Version& version, uint32_t copies) {
    if (run_.json()) {
      Json object = VersionAsObject(version, opened_);
      object["copies"] = copies;
      run_.out().Append(ToLine(object));
    } else {
      PrintLine(version, fmt::format("{}  ", copies));
    }
    return run_.out().status();
  }

 private:
  void PrintLine(const catalog::Version& version, std::string line) {
    if (options_.null_terminated) {
      line = version.entry.path + '\0';
    } else {
      lines_.Append(line, version);
      line += '\n';
    }
    run_.out().Append(line);
  }

  const ContentOptions& options_;
  const OpenedCatalog& opened_;
  CommandRun& run_;
  VersionLines lines_;
};

ExitStatus RunContents(ContentOptions& options) {
  CommandRun run(options.catalog.common, CommandRun::Results::kStandardOutput,
                 CommandRun::Notices::kAsLines);
  const auto opened = ReadCatalog(options.catalog.place);
  if (!opened.ok()) return run.Fail(opened.status());
  if (!options.of.empty()) {
    const auto volumes = FindNamedSet(opened->inventory, options.of);
    if (!volumes.ok()) return run.Fail(volumes.status());
    for (const catalog::Volume* volume : *volumes) options.request.volumes.insert(volume->key);
  }
  options.request.cancelled = &StopRequested();
  ContentPrinter printer(options, *opened, run);
  const Status found =
      options.copies == 0
          ? catalog::FindDuplicates(
                *opened->store, opened->inventory, options.request,
                [&](const catalog::ContentGroup& group) { return printer.PrintGroup(group); })
          : catalog::FindFewCopies(*opened->store, opened->inventory, options.request,
                                   options.copies,
                                   [&](const catalog::Version& version, uint32_t copies) {
                                     return printer.PrintCopied(version, copies);
                                   });
  if (!run.out().status().ok()) return run.Fail(run.out().status());
  const Status status = Settled(*opened->store, found);
  return status.ok() ? run.Finish() : run.Fail(status);
}

void AddContentOptions(CLI::App& app, ContentOptions& options) {
  app.add_option("--of", options.of, "Only what is on this volume or set")->type_name("VOLUME|SET");
  AddSize(app, "--min-size", options.request.min_size, "Only contents of so many bytes or more");
  app.add_option("--limit", options.request.limit, "Stop after so many contents")
      ->type_name("N")
      ->check(NumberFromOne());
  CLI::Option* json = app.get_option("--json");
  app.add_flag("-l,--long", options.long_lines, "Type, mode, owner, size, time")->excludes(json);
  app.add_flag("-0,--null", options.null_terminated,
               "Paths alone, ended with NUL and never escaped")
      ->excludes(json)
      ->excludes("--long");
}

}  // namespace

Command AddCatalogDuplicates(CLI::App& catalog) {
  auto options = std::make_shared<ContentOptions>();
  CLI::App* app = AddCatalogAction(catalog, "duplicates", "Contents that stand under several paths",
                                   options->catalog);
  AddContentOptions(*app, *options);
  app->footer(kDuplicatesExamples);
  return {app, [options] { return RunContents(*options); }};
}

Command AddCatalogCopies(CLI::App& catalog) {
  auto options = std::make_shared<ContentOptions>();
  CLI::App* app =
      AddCatalogAction(catalog, "copies", "Contents that are on too few volumes", options->catalog);
  app->add_option("--fewer-than", options->copies, "Volumes each content should be on")
      ->required()
      ->type_name("N")
      ->check(NumberFromOne());
  AddContentOptions(*app, *options);
  app->footer(kCopiesExamples);
  return {app, [options] { return RunContents(*options); }};
}

}  // namespace tapir::cli
