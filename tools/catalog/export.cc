#include <fmt/format.h>
#include <unistd.h>

#include <functional>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>

#include "tapir/catalog/find.h"
#include "tools/catalog/catalog.h"
#include "tools/catalog/filter.h"
#include "tools/catalog/place.h"
#include "tools/catalog/version.h"
#include "tools/command_run.h"
#include "tools/escape.h"
#include "tools/output_file.h"
#include "tools/signals.h"
#include "tools/time_text.h"

namespace tapir::cli {

namespace {

constexpr const char* kCatalogExportExamples =
    "Every version of every object, for other programs: jsonl has the objects of 'tapir catalog\n"
    "find --json', csv a line of headings and the same in columns.\n"
    "\n"
    "Examples:\n"
    "  tapir catalog export csv -o archive.csv\n"
    "  tapir catalog export jsonl | jq -r .path\n";

struct CatalogExportOptions {
  CatalogOptions catalog;
  std::string form;
  std::string output;
};

constexpr const char* kCsvHeadings =
    "path,path_base64,type,size,mtime,mode,uid,gid,xxh128,sha256,volume,volume_uuid,session,"
    "location\n";

constexpr std::string_view kAllTypes = "fdlpcbxe";

void AppendField(std::string& out, std::string_view field) {
  if (field.find_first_of(",\"\r\n") == std::string_view::npos) {
    out += field;
  } else {
    out += '"';
    for (const char c : field) out.append(c == '"' ? 2 : 1, c);
    out += '"';
  }
}

std::string CsvLine(const catalog::Version& version, const OpenedCatalog& opened) {
  const Entry& entry = version.entry;
  const catalog::Volume& volume = opened.inventory.VolumeOf(*version.session);
  std::string line;
  AppendField(line, entry.path);
  line += ',';
  if (!IsUtf8(entry.path)) line += Base64(entry.path);
  fmt::format_to(std::back_inserter(line), ",{},{},{},{:o},{},{},", TypeName(entry.type),
                 entry.size, FormatUtcTime(entry.mtime), entry.mode, entry.uid, entry.gid);
  const bool has_digest =
      entry.type == ObjectType::kRegular && entry.status != ObjectStatus::kUnreadable;
  if (has_digest) line += Hex(entry.xxh128);
  line += ',';
  if (HasPlainDigest(entry, DigestKind::kSha256)) line += Hex(entry.sha256);
  line += ',';
  AppendField(line, opened.names.Of(volume));
  fmt::format_to(std::back_inserter(line), ",{},{},", volume.uuid, version.session->number);
  AppendField(line, volume.location);
  line += '\n';
  return line;
}

Status WriteVersions(const CatalogExportOptions& options, const OpenedCatalog& opened,
                     const std::function<Status(std::string_view)>& write) {
  const bool csv = options.form == "csv";
  if (csv) TAPIR_RETURN_IF_ERROR(write(kCsvHeadings));
  catalog::FindRequest request;
  request.all_versions = true;
  TAPIR_ASSIGN_OR_RETURN(request.types, ParseTypes(kAllTypes));
  request.cancelled = &StopRequested();
  const Status found =
      catalog::Find(*opened.store, opened.inventory, request, [&](const catalog::Version& version) {
        if (StopRequested().load(std::memory_order_relaxed)) {
          return Cancelled("interrupted");
        }
        return write(csv ? CsvLine(version, opened) : ToLine(VersionAsObject(version, opened)));
      });
  return Settled(*opened.store, found);
}

Status ExportToFile(const CatalogExportOptions& options, const OpenedCatalog& opened) {
  OutputFile file;
  TAPIR_RETURN_IF_ERROR(file.Open(options.output));
  TAPIR_RETURN_IF_ERROR(
      WriteVersions(options, opened, [&](std::string_view text) { return file.Append(text); }));
  return file.Complete();
}

ExitStatus RunCatalogExport(const CatalogExportOptions& options) {
  const bool to_file = !options.output.empty() && options.output != "-";
  // Other programs want names as they are, which may act on a terminal.
  if (!to_file && options.form == "csv" && ::isatty(STDOUT_FILENO) != 0) {
    throw CLI::ValidationError("-o", "csv is not for a terminal: give -o FILE");
  }
  CommandRun run(options.catalog.common, CommandRun::Results::kStandardOutput,
                 CommandRun::Notices::kAsLines);
  const auto opened = ReadCatalog(options.catalog.place);
  if (!opened.ok()) return run.Fail(opened.status());
  const Status status = to_file ? ExportToFile(options, *opened)
                                : WriteVersions(options, *opened, [&](std::string_view text) {
                                    run.out().Append(text);
                                    return run.out().status();
                                  });
  return status.ok() ? run.Finish() : run.Fail(status);
}

}  // namespace

Command AddCatalogExport(CLI::App& catalog) {
  auto options = std::make_shared<CatalogExportOptions>();
  CLI::App* app = AddCatalogAction(catalog, "export", "Write everything out, for other programs",
                                   options->catalog);
  app->add_option("FORM", options->form, "csv or jsonl")
      ->required()
      ->type_name("csv|jsonl")
      ->check(CLI::IsMember({"csv", "jsonl"}));
  app->add_option("-o,--output", options->output, "Into this file; standard output unless given")
      ->type_name("FILE");
  app->remove_option(app->get_option("--json"));
  app->footer(kCatalogExportExamples);
  return {app, [options] { return RunCatalogExport(*options); }};
}

}  // namespace tapir::cli
