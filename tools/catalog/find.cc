#include <fmt/format.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tapir/catalog/find.h"
#include "tools/catalog/catalog.h"
#include "tools/catalog/filter.h"
#include "tools/catalog/place.h"
#include "tools/catalog/plain_path.h"
#include "tools/catalog/version.h"
#include "tools/command_run.h"
#include "tools/escape.h"
#include "tools/list_encrypted.h"
#include "tools/signals.h"
#include "tools/time_text.h"

namespace tapir::cli {

namespace {

constexpr const char* kFindExamples =
    "TEXT is a part of the path, in letters of either case; with * ? or [ a glob for all of it.\n"
    "Each line begins with the volume and the session. Of each path the newest version is shown.\n"
    "Exit status 1: nothing is like that.\n"
    "\n"
    "Examples:\n"
    "  tapir catalog find holiday\n"
    "  tapir catalog find '*.raw' --size 10M.. --newer 2026-05-01 -l\n"
    "  tapir catalog find --regex '/img_[0-9]+\\.jpe?g$' --all-versions --json\n"
    "  tapir catalog find --digest 1f0c6a --type f\n"
    "  tapir catalog find --volume photos -0 --exact 2026/one.raw\n";

struct FindOptions {
  CatalogOptions catalog;
  catalog::FindRequest request;
  std::vector<std::string> volumes;
  bool long_lines = false;
  bool null_terminated = false;
};

/// Shows each version, the first ones as soon as they are found.
class FoundPrinter {
 public:
  FoundPrinter(const FindOptions& options, const OpenedCatalog& opened, CommandRun& run)
      : options_(options),
        opened_(opened),
        run_(run),
        lines_(opened, options.long_lines ? VersionLines::Form::kLong : VersionLines::Form::kShort,
               run.out().is_terminal()) {}

  Status Print(const catalog::Version& version) {
    if (StopRequested().load(std::memory_order_relaxed)) return Cancelled("interrupted");
    line_.clear();
    if (run_.json()) {
      line_ = ToLine(VersionAsObject(version, opened_));
    } else if (options_.null_terminated) {
      line_ = version.entry.path + '\0';
    } else {
      lines_.Append(line_, version);
      line_ += '\n';
    }
    run_.out().Append(line_);
    ++count_;
    FlushInTime();
    return run_.out().status();
  }

  uint64_t count() const { return count_; }

 private:
  void FlushInTime() {
    constexpr uint64_t kFirst = 100;
    constexpr auto kPatience = std::chrono::milliseconds(200);
    const auto now = std::chrono::steady_clock::now();
    if (count_ > kFirst && !run_.out().is_terminal() && now - flushed_ < kPatience) return;
    run_.out().Flush();
    flushed_ = now;
  }

  const FindOptions& options_;
  const OpenedCatalog& opened_;
  CommandRun& run_;
  VersionLines lines_;
  std::string line_;
  uint64_t count_ = 0;
  std::chrono::steady_clock::time_point flushed_;
};

/// Who looks for a part of a path by a glob is told how it is written.
std::string NothingFound(const catalog::FindRequest& request) {
  const std::string& text = request.text;
  const bool glob = request.form == catalog::FindRequest::Form::kPlain &&
                    text.find_first_of("*?[") != std::string::npos;
  if (!glob || (text.front() == '*' && text.back() == '*')) return "nothing is found";
  const std::string anywhere =
      (text.front() == '*' ? "" : "*") + text + (text.back() == '*' ? "" : "*");
  return "nothing is found; a glob is for the whole path: " + Quoted(anywhere);
}

ExitStatus RunFind(FindOptions& options) {
  CommandRun run(options.catalog.common, CommandRun::Results::kStandardOutput,
                 CommandRun::Notices::kAsLines);
  auto opened = ReadCatalog(options.catalog.place);
  if (!opened.ok()) return run.Fail(opened.status());
  for (const std::string& name : options.volumes) {
    const auto volumes = FindNamedSet(opened->inventory, name);
    if (!volumes.ok()) return run.Fail(volumes.status());
    for (const catalog::Volume* volume : *volumes) options.request.volumes.insert(volume->key);
  }
  const std::string given = options.request.text;
  const bool exact = options.request.form == catalog::FindRequest::Form::kExact;
  if (exact && !given.empty()) options.request.text = PlainPath(given);
  options.request.cancelled = &StopRequested();
  FoundPrinter printer(options, *opened, run);
  const Status status =
      catalog::Find(*opened->store, opened->inventory, options.request,
                    [&](const catalog::Version& version) { return printer.Print(version); });
  if (!run.out().status().ok()) return run.Fail(run.out().status());
  if (const Status settled = Settled(*opened->store, status); !settled.ok()) {
    return run.Fail(settled);
  }
  if (printer.count() == 0) {
    run.reporter().Report(NoticeKind::kWarning, given, NothingFound(options.request));
  }
  return run.Finish();
}

/// An option whose text a function turns into a value, or says why it is none.
template <typename Parse, typename Take>
CLI::Option* AddParsed(CLI::App& app, const std::string& name, const std::string& type, Parse parse,
                       Take take, const std::string& description) {
  return app
      .add_option_function<std::string>(
          name,
          [name, parse, take](const std::string& text) {
            auto value = parse(text);
            if (!value.ok()) throw CLI::ValidationError(name, value.status().message());
            take(*std::move(value));
          },
          description)
      ->type_name(type);
}

void AddTextForms(CLI::App& app, catalog::FindRequest& request) {
  using Form = catalog::FindRequest::Form;
  AddText(app, "TEXT", request.text, "A part of the path, or a glob for all of it");
  CLI::Option* exact = app.add_flag_callback(
      "--exact", [&request] { request.form = Form::kExact; }, "TEXT is the whole path");
  app.add_flag_callback(
         "--regex", [&request] { request.form = Form::kRegex; },
         "TEXT is a regular expression (RE2), found anywhere in the path")
      ->excludes(exact);
  app.add_flag("--case", request.match_case, "Tell small and large letters apart");
}

void AddFilters(CLI::App& app, catalog::FindRequest& request) {
  const auto begin_of_day = [](const std::string& text) {
    return ParseTime(text, WholeDay::kBegin);
  };
  AddParsed(
      app, "--size", "RANGE", ParseSizeRange,
      [&request](const SizeRange& range) {
        request.min_size = range.min;
        request.max_size = range.max;
      },
      "Bytes: 4K..2M, 4K.., ..2M or one size");
  AddParsed(
      app, "--newer", "TIME", begin_of_day,
      [&request](const Timestamp& time) { request.modified_from = time; },
      "Changed then or later (2026-05-01, 2026-05-01T12:30Z, @SECONDS)");
  AddParsed(
      app, "--older", "TIME", begin_of_day,
      [&request](const Timestamp& time) { request.modified_before = time; }, "Changed before then");
  AddParsed(
      app, "--owner", "UID|NAME", ParseUser, [&request](uint32_t uid) { request.uid = uid; },
      "Of this user");
  AddParsed(
      app, "--group", "GID|NAME", ParseGroup, [&request](uint32_t gid) { request.gid = gid; },
      "Of this group");
  AddParsed(
      app, "--type", "TYPES", ParseTypes,
      [&request](std::set<ObjectType> types) { request.types = std::move(types); },
      "Letters: f file, d directory, l symlink, p FIFO, c b device, h further hard link, x gone, "
      "e left out");
  AddParsed(
      app, "--digest", "HEX", ParseDigestPart,
      [&request](std::string digits) { request.digest = std::move(digits); },
      "XXH3-128 or SHA-256 of the contents, or its beginning");
  app.add_option_function<std::string>(
         "--certificate",
         [&request](const std::string& text) { request.thumbprint = ParseThumbprint(text); },
         "Encrypted, and opened by the certificate with this thumbprint")
      ->type_name("THUMBPRINT");
  app.add_option("--session", request.session_number, "Of sessions with this number")
      ->type_name("N")
      ->check(NumberFromOne());
}

}  // namespace

Command AddCatalogFind(CLI::App& catalog) {
  auto options = std::make_shared<FindOptions>();
  CLI::App* app = AddCatalogAction(catalog, "find", "Which volumes have it, by any of many marks",
                                   options->catalog);
  AddTextForms(*app, options->request);
  AddFilters(*app, options->request);
  AddStrings(*app, "--volume", options->volumes, "On this volume or set; may be repeated")
      ->type_name("VOLUME|SET");
  app->add_flag("--all-versions", options->request.all_versions,
                "Every version, not only the newest that fits");
  app->add_option("--limit", options->request.limit, "Stop after so many")
      ->type_name("N")
      ->check(NumberFromOne());
  CLI::Option* json = app->get_option("--json");
  app->add_flag("-l,--long", options->long_lines, "Type, mode, owner, size, time, link target")
      ->excludes(json);
  app->add_flag("-0,--null", options->null_terminated,
                "Paths alone, ended with NUL and never escaped")
      ->excludes(json)
      ->excludes("--long");
  app->footer(kFindExamples);
  return {app, [options] { return RunFind(*options); }};
}

}  // namespace tapir::cli
