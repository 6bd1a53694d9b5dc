#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <charconv>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tapir/jobs/archive_job.h"
#include "tapir/jobs/verify_job.h"
#include "tapir/source/path_list.h"
#include "tools/archive_policy.h"
#include "tools/catalog/import.h"
#include "tools/catalog/place.h"
#include "tools/command.h"
#include "tools/command_run.h"
#include "tools/json.h"
#include "tools/label_options.h"
#include "tools/policy_text.h"
#include "tools/session_json.h"
#include "tools/signals.h"
#include "tools/size_text.h"
#include "tools/verdict.h"
#include "tools/volume_asking.h"

namespace tapir::cli {

namespace {

constexpr int kMostZstdLevel = 19;

constexpr const char* kArchiveExamples =
    "A missing or empty volume is labelled first. Paths are kept without a leading slash.\n"
    "\n"
    "Examples:\n"
    "  tapir archive photos.tapir -C /srv photos\n"
    "  tapir archive v.tapir --exclude '*.o' --exclude-caches /home/ann\n"
    "  tapir archive v.tapir ntfs:disk.img#2 --select Users\n"
    "  tapir archive v.tapir -C /mnt --drive C:=/mnt/c c --policy rules.txt\n"
    "  tapir archive v.tapir efs:report.efsraw bks:letter.bks\n"
    "  find . -newer stamp -print0 | tapir archive v.tapir --no-recursion -0 --files-from -\n"
    "  tapir archive photos.tapir -C /srv photos --catalog\n"
    "  tapir archive - -C /srv photos | ssh host 'cat > photos.tapir'\n"
    "  tapir archive /dev/nst0 --next-command 'mtx -f /dev/sg3 next >&2; echo /dev/nst0' /srv\n";

struct ArchiveOptions {
  CommonOptions common;
  ArchiveRequest request;
  std::string files_from;
  bool null_separated = false;
  bool no_recursion = false;
  bool verify = false;
  NextVolumeOptions next;
  PolicyArguments policy;
  std::optional<std::string> catalog;  ///< as AddCatalogUse
};

/// "none", "zstd", "zstd:7"
void TakeCompression(const std::string& text, SessionOptions& session) {
  constexpr std::string_view kWithLevel = "zstd:";
  if (text == "none") {
    session.zstd_level = 0;
  } else if (text.starts_with(kWithLevel)) {
    int level = 0;
    const char* end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data() + kWithLevel.size(), end, level);
    if (error != std::errc() || rest != end || level < 1 || level > kMostZstdLevel) {
      throw CLI::ValidationError("--compress",
                                 fmt::format("the level of zstd is 1 to {}", kMostZstdLevel));
    }
    session.zstd_level = level;
  } else if (text != "zstd") {
    throw CLI::ValidationError("--compress", "'" + text + "' is not one of none, zstd, zstd:LEVEL");
  }
}

Result<std::vector<std::string>> ReadFilesFrom(const std::string& name, char separator) {
  if (name == "-") return ReadPathList(STDIN_FILENO, separator);
  const int fd = open(name.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return Status::FromErrno(errno, fmt::format("cannot open '{}'", name));
  auto paths = ReadPathList(fd, separator);
  close(fd);
  if (!paths.ok()) return paths.status().Annotate(name);
  return paths;
}

Json PolicyAsArray(const ArchiveReport& report, const std::optional<PolicyManifest>& policy) {
  Json rules = Json::array();
  for (const RuleOutcome& outcome : report.by_policy) {
    Json rule = RuleAsObject(policy->rules[outcome.rule], *policy);
    rule["rule"] = outcome.rule;
    rule["objects"] = outcome.objects;
    rule["bytes"] = outcome.bytes;
    rules.push_back(std::move(rule));
  }
  return rules;
}

Json AsObject(const ArchiveReport& report, const std::optional<PolicyManifest>& policy) {
  return Json{{"session", SessionAsObject(report.session)},
              {"labelled", report.labelled},
              {"objects", report.objects},
              {"content_bytes", report.content_bytes},
              {"volume_bytes", report.volume_bytes},
              {"flawed", report.flawed},
              {"left_out", report.left_out},
              {"excluded", report.excluded},
              {"left_out_by_policy", PolicyAsArray(report, policy)},
              {"references", report.references},
              {"reference_bytes", report.reference_bytes},
              {"interrupted", report.interrupted},
              {"volumes", report.volumes},
              {"stream",
               {{"buffer_bytes", report.stream.capacity_bytes},
                {"most_bytes", report.stream.most_bytes},
                {"pauses", report.stream.pauses},
                {"pause_s", report.stream.pause_s}}}};
}

std::string Summary(const ArchiveReport& report) {
  std::string text = fmt::format("session {}: {}, {} in {} on the volume\n", report.session.number,
                                 Counted(report.objects, "object"),
                                 FormatSize(report.content_bytes), FormatSize(report.volume_bytes));
  if (report.volumes.size() > 1) {
    text += fmt::format("  on {} volumes: {}\n", report.volumes.size(),
                        fmt::join(report.volumes, ", "));
  }
  if (report.references > 0) {
    text += fmt::format("  {} stored once with an equal one, {} saved\n",
                        Counted(report.references, "content"), FormatSize(report.reference_bytes));
  }
  if (report.stream.pauses > 0) {
    text += fmt::format("  the medium waited {}, {:.1f} s in all, for data\n",
                        Counted(report.stream.pauses, "time"), report.stream.pause_s);
  }
  if (!report.by_policy.empty()) {
    LeftOutTotal total;
    for (const RuleOutcome& outcome : report.by_policy) total.Add(outcome);
    text += fmt::format("  {}, {}, left out by the policy: 'tapir list --excluded' says why\n",
                        Counted(total.objects, "entry", "entries"), FormatSize(total.bytes));
  }
  if (report.excluded > 0) {
    text += fmt::format("  {} left out as asked\n", Counted(report.excluded, "entry", "entries"));
  }
  if (report.left_out > 0) {
    text += fmt::format("  {} left out and named above\n",
                        Counted(report.left_out, "entry", "entries"));
  }
  if (report.flawed > 0) {
    text += fmt::format("  {} changed or could not be read meanwhile, and marked so\n",
                        Counted(report.flawed, "file"));
  }
  return text;
}

/// Reads the new session back. What it says comes after the summary of the archive.
Status VerifySession(const ArchiveOptions& options, const std::string& volume, uint32_t session,
                     CommandRun& run) {
  VerifyRequest request;
  request.volume = volume;
  request.only_session = session;
  request.threads = options.request.session.threads;
  request.cancelled = &StopRequested();
  Progress progress;
  request.progress = &progress;
  auto report = VerifyVolume(request, {});
  if (!report.ok()) return std::move(report).status().Annotate("reading the session back");
  if (run.json()) {
    run.out().Append(ToLine(VerdictAsObject(request, *report)));
  } else if (run.wants_summary() || report->verdict != Verdict::kIntact) {
    run.out().Append(VerdictAsText(request, *report));
  }
  run.Raise(ExitStatusOf(*report));
  if (!options.catalog) return OkStatus();
  TAPIR_ASSIGN_OR_RETURN(const std::unique_ptr<catalog::Store> store,
                         OpenCatalog(*options.catalog, catalog::StoreUse::kWrite));
  return RecordVerification(*store, request, *report, run);
}

/// What was asked to be done with a session that is complete.
Status UseSession(const ArchiveOptions& options, const ArchiveReport& report, CommandRun& run) {
  if (options.catalog) {
    Status status = ImportSession(*options.catalog, report.volumes, run);
    if (!status.ok()) {
      return std::move(status).Annotate("the session is complete, but not in the catalogue");
    }
  }
  if (!options.verify) return OkStatus();
  for (const std::string& volume : report.volumes) {
    TAPIR_RETURN_IF_ERROR(VerifySession(options, volume, report.session.number, run));
  }
  return OkStatus();
}

ExitStatus RunArchive(ArchiveOptions& options) {
  ArchiveRequest& request = options.request;
  if (request.source.paths.empty() && options.files_from.empty()) {
    throw CLI::RequiredError("PATH or --files-from");
  }
  if (options.verify && options.common.volume == "-") {
    throw CLI::ValidationError("--verify", "standard output cannot be read back");
  }
  if (options.catalog && options.common.volume == "-") {
    throw CLI::ValidationError("--catalog", "standard output cannot be read back");
  }
  CommandRun run(options.common, CommandRun::Results::kBesideVolume);
  if (options.catalog) {
    // A catalogue that cannot be had is better known before hours of writing.
    const auto store = OpenCatalog(*options.catalog, catalog::StoreUse::kWrite);
    if (!store.ok()) return run.Fail(store.status());
  }
  if (!options.files_from.empty()) {
    auto listed = ReadFilesFrom(options.files_from, options.null_separated ? '\0' : '\n');
    if (!listed.ok()) return run.Fail(listed.status());
    request.source.paths.insert(request.source.paths.end(), listed->begin(), listed->end());
  }
  const Status taken = TakeSourcesAndPolicy(options.policy, request, run.reporter());
  if (!taken.ok()) return run.Fail(taken);
  request.volume = options.common.volume;
  request.source.recursive = !options.no_recursion;
  request.source.reporter = &run.reporter();
  request.session.reporter = &run.reporter();
  request.session.progress = &run.progress();
  request.session.cancelled = &StopRequested();
  request.next_volume = AskForVolumes(options.next, run);

  run.StartProgress(ProgressMeasure::kContent);
  const auto report = Archive(request);
  if (!report.ok()) return run.Fail(report.status());
  run.StopProgress();
  if (report->interrupted)
    run.Complain("interrupted; the session holds what came before", kExitInterrupted);
  if (report->flawed > 0) run.Raise(kExitWarnings);
  for (const std::string& pattern : report->unmatched_selects) {
    run.reporter().Report(NoticeKind::kWarning, pattern, "selects nothing");
  }
  if (!request.label.name.empty() && !report->labelled) {
    run.reporter().Report(NoticeKind::kNote, {}, "the volume has its label; --label is not used");
  }
  if (run.json()) run.out().Append(ToLine(AsObject(*report, request.policy)));
  if (run.wants_summary()) run.out().Append(Summary(*report));
  if (options.catalog && report->interrupted) {
    run.reporter().Report(NoticeKind::kNote, {},
                          "not in the catalogue; 'tapir catalog add' takes it in");
  }
  if (!report->interrupted) {
    const Status used = UseSession(options, *report, run);
    if (!used.ok()) return run.Fail(used);
  }
  return run.Finish();
}

void AddSourceOptions(CLI::App& app, ArchiveOptions& options) {
  PosixSourceOptions& source = options.request.source;
  app.add_option("-C,--directory", source.base_directory, "Where relative paths begin")
      ->type_name("DIR");
  AddStrings(app, "PATH", source.paths,
             "What to archive, with everything below; an NTFS volume is ntfs:IMAGE[#N|@OFFSET], a "
             "raw export of an encrypted file efs:FILE, backup streams bks:FILE");
  app.add_option("--files-from", options.files_from, "Archive the paths listed in FILE, or -")
      ->type_name("FILE");
  app.add_flag("-0,--null", options.null_separated, "They end with NUL, not with a line feed")
      ->needs("--files-from");
  app.add_flag("--no-recursion", options.no_recursion, "Directories without what is below");
  AddStrings(app, "--select", options.request.selects,
             "Archive only what the path or glob selects; may be repeated")
      ->type_name("PATTERN");
  AddStrings(app, "--exclude", source.excludes, "Leave out what the glob matches; may be repeated")
      ->type_name("PATTERN");
  app.add_flag("--exclude-caches", source.exclude_caches,
               "Leave out what is in directories with a CACHEDIR.TAG");
  app.add_flag("--one-file-system", source.one_file_system, "Leave out what is mounted below");
  AddPolicyUse(app, options.policy, "of the Windows that is among the sources (auto)");
  AddPolicyDrives(app, options.policy, "DIR|ntfs:IMAGE",
                  "What drive of Windows a directory, or a source, is; may be repeated");
  AddPolicyReading(app, options.policy);
  app.add_flag("--atime", source.access_times, "Keep access times");
}

void AddSessionOptions(CLI::App& app, ArchiveOptions& options) {
  SessionOptions& session = options.request.session;
  app.add_option_function<std::string>(
         "--compress", [&session](const std::string& text) { TakeCompression(text, session); },
         "none or zstd; LEVEL 1 to 19, 3 unless given")
      ->type_name("none|zstd[:LEVEL]");
  app.add_option_function<std::string>(
         "--fixity",
         [&session](const std::string& name) { session.with_sha256 = name == "sha256"; },
         "Digests: xxh128 always, sha256 beside it if asked for")
      ->type_name("xxh128|sha256")
      ->check(CLI::IsMember({"xxh128", "sha256"}));
  app.add_option_function<std::string>(
         "--dedup", [&session](const std::string& scope) { session.dedup = scope == "session"; },
         "Store equal files of the session once, or not")
      ->type_name("session|none")
      ->check(CLI::IsMember({"session", "none"}));
  AddThreads(app, session.threads);
  AddSize(app, "--buffer", options.request.buffer_bytes,
          "Memory between reading and writing, 64M unless given; on a tape what may wait to be "
          "written, 2G or a quarter of the memory; half as much again keeps what was written last, "
          "against a reset of the drive");
  app.add_flag("--verify", options.verify, "Read the new session back and prove it");
  AddCatalogUse(app, options.catalog,
                "Take the session into the catalogue; that of this user unless named");
}

}  // namespace

Command AddArchive(CLI::App& root) {
  auto options = std::make_shared<ArchiveOptions>();
  CLI::App* app =
      AddCommand(root, "archive", "Add a session with files and directories", options->common);
  AddSourceOptions(*app, *options);
  AddSessionOptions(*app, *options);
  AddLabelOptions(*app, options->request.label);
  AddNextVolume(*app, options->next);
  AddSize(*app, "--reserve", options->request.reserve_bytes,
          "Room kept at the end of a tape for the index; what the drive warns of unless given");
  AddQuiet(*app, options->common);
  app->footer(kArchiveExamples);
  return {app, [options] { return RunArchive(*options); }};
}

}  // namespace tapir::cli
