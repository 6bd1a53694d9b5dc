#include <fmt/format.h>

#include <memory>
#include <optional>
#include <string>

#include "tapir/jobs/list_job.h"
#include "tools/command.h"
#include "tools/command_run.h"
#include "tools/damage_text.h"
#include "tools/entry_text.h"
#include "tools/escape.h"
#include "tools/list_encrypted.h"
#include "tools/list_excluded.h"
#include "tools/signals.h"
#include "tools/sis_list.h"
#include "tools/size_text.h"

namespace tapir::cli {

namespace {

constexpr const char* kListExamples =
    "Names are escaped on a terminal and written as they are elsewhere.\n"
    "\n"
    "Examples:\n"
    "  tapir list photos.tapir\n"
    "  tapir list photos.tapir -l photos/2026 '*.raw'\n"
    "  tapir list photos.tapir --session all --json\n"
    "  tapir list photos.tapir --at 2026-05-01\n"
    "  tapir list photos.tapir --digests xxh128 | (cd /srv && xxhsum -c)\n"
    "  tapir list disks.tapir --excluded Users\n"
    "  tapir list disks.tapir --efs --certificate 4f:5a:01:...\n";

struct ListOptions {
  CommonOptions common;
  Selection selection;
  bool long_lines = false;
  bool null_terminated = false;
  std::optional<DigestKind> digests;
  bool sis = false;
  bool encrypted = false;
  bool excluded = false;
  std::string thumbprint;  ///< empty: any
};

/// Prints entries in the form that was asked for.
class EntryPrinter {
 public:
  EntryPrinter(const ListOptions& options, CommandRun& run)
      : options_(options),
        run_(run),
        // A name that ends with NUL goes to a program.
        escape_(run.out().is_terminal() && !options.null_terminated),
        long_lines_(escape_, options.selection.sessions == SessionChoice::kAll) {}

  Status Print(const ListedEntry& listed) {
    if (StopRequested().load(std::memory_order_relaxed)) return Cancelled("interrupted");
    line_.clear();
    if (options_.common.json) {
      line_ = ToLine(EntryAsObject(listed, PrimaryOf(listed)));
    } else if (options_.digests) {
      PrintDigest(listed.entry);
    } else {
      PrintName(listed);
    }
    run_.out().Append(line_);
    return run_.out().status();
  }

  uint64_t without_digest() const { return without_digest_; }
  uint64_t escaped_names() const { return escaped_names_; }

 private:
  std::string_view PrimaryOf(const ListedEntry& listed) {
    if (listed.entry.type == ObjectType::kHardLink) return memory_.PrimaryOf(listed);
    memory_.Remember(listed);
    return {};
  }

  void PrintName(const ListedEntry& listed) {
    if (options_.long_lines) {
      long_lines_.Append(line_, listed, PrimaryOf(listed));
    } else if (listed.entry.type >= ObjectType::kTombstone) {
      return;  // not there any more, or never was
    } else if (escape_) {
      AppendEscaped(line_, listed.entry.path);
    } else {
      line_ += listed.entry.path;
    }
    line_ += options_.null_terminated ? '\0' : '\n';
  }

  void PrintDigest(const Entry& entry) {
    if (HasPlainDigest(entry, *options_.digests)) {
      AppendDigestLine(line_, entry, *options_.digests);
      if (entry.path.find('\n') != std::string::npos) ++escaped_names_;
    } else if (entry.type == ObjectType::kRegular || entry.type == ObjectType::kHardLink) {
      ++without_digest_;
    }
  }

  const ListOptions& options_;
  CommandRun& run_;
  const bool escape_;
  LongLines long_lines_;
  PathMemory memory_;
  std::string line_;
  uint64_t without_digest_ = 0;
  uint64_t escaped_names_ = 0;
};

void NoteOnDigests(const ListOptions& options, const EntryPrinter& printer, CommandRun& run) {
  if (printer.without_digest() > 0) {
    run.reporter().Report(
        NoticeKind::kNote, {},
        fmt::format("{} without a digest of this kind left out (hard links, very sparse files, and "
                    "what the session has none for)",
                    Counted(printer.without_digest(), "file")));
  }
  if (printer.escaped_names() > 0 && *options.digests == DigestKind::kXxh128) {
    run.reporter().Report(
        NoticeKind::kNote, {},
        fmt::format(
            "{} with a line break in the name: xxhsum reads such lines from version 0.8.2 on",
            Counted(printer.escaped_names(), "file")));
  }
}

ExitStatus RunSisList(const ListOptions& options, CommandRun& run) {
  SisList list;
  const auto report =
      ListObjects(options.common.volume, options.selection, [&](const ListedEntry& listed) {
        list.Take(listed.entry);
        return OkStatus();
      });
  if (!report.ok()) return run.Fail(report.status());
  run.out().Append(options.common.json ? list.AsLines() : list.AsText(run.out().is_terminal()));
  run.ReportGaps(*report, options.selection);
  return run.Finish();
}

ExitStatus RunList(const ListOptions& options) {
  if (options.encrypted) {
    return ListEncryptedObjects(options.common, options.selection, options.thumbprint);
  }
  if (options.excluded) {
    return ListExcludedObjects(options.common, options.selection, options.null_terminated);
  }
  CommandRun run(options.common, CommandRun::Results::kStandardOutput,
                 CommandRun::Notices::kAsLines);
  if (options.sis) return RunSisList(options, run);
  EntryPrinter printer(options, run);
  const auto report = ListObjects(options.common.volume, options.selection,
                                  [&](const ListedEntry& listed) { return printer.Print(listed); });
  if (!run.out().status().ok()) return run.Fail(run.out().status());
  if (!report.ok()) return run.Fail(report.status());
  run.out().Flush();
  if (options.digests) NoteOnDigests(options, printer, run);
  for (const Damage& damage : report->damages) {
    run.reporter().Report(NoticeKind::kDamage, {}, DamageAsText(damage));
  }
  run.ReportGaps(*report, options.selection);
  return run.Finish();
}

void AddEncryptedOptions(CLI::App& app, const std::shared_ptr<ListOptions>& options,
                         CLI::Option* lines) {
  CLI::Option* encrypted =
      app.add_flag("--efs", options->encrypted,
                   "Encrypted objects of Windows only: plaintext size, streams, and whose "
                   "certificates open them")
          ->excludes(lines)
          ->excludes("--digests")
          ->excludes("--null")
          ->excludes("--excluded");
  app.add_option_function<std::string>(
         "--certificate",
         [options](const std::string& text) { options->thumbprint = ParseThumbprint(text); },
         "Of these, only what the certificate with this thumbprint opens")
      ->type_name("THUMBPRINT")
      ->needs(encrypted);
}

}  // namespace

Command AddList(CLI::App& root) {
  auto options = std::make_shared<ListOptions>();
  CLI::App* app = AddCommand(root, "list", "Show what is in a volume", options->common);
  AddSelection(*app, options->selection, true);
  CLI::Option* json = app->get_option("--json");
  CLI::Option* lines =
      app->add_flag("-l,--long", options->long_lines, "Type, mode, owner, size, time, link target")
          ->excludes(json);
  app->add_option_function<std::string>(
         "--digests",
         [options](const std::string& name) {
           options->digests = name == "sha256" ? DigestKind::kSha256 : DigestKind::kXxh128;
         },
         "Digests of files, as xxhsum -c or sha256sum -c read them")
      ->type_name("xxh128|sha256")
      ->check(CLI::IsMember({"xxh128", "sha256"}))
      ->excludes(json)
      ->excludes(lines);
  app->add_flag("-0,--null", options->null_terminated, "End names with NUL, and never escape them")
      ->excludes(json)
      ->excludes("--digests");
  app->add_flag("--sis", options->sis, "Links into Single Instance Stores, and the files of these")
      ->excludes(lines)
      ->excludes("--digests")
      ->excludes("--null");
  app->add_flag("--excluded", options->excluded,
                "What a policy left out, and the entry of it that is why")
      ->excludes(lines)
      ->excludes("--digests")
      ->excludes("--sis");
  AddEncryptedOptions(*app, options, lines);
  AddQuiet(*app, options->common);
  app->footer(kListExamples);
  return {app, [options] { return RunList(*options); }};
}

}  // namespace tapir::cli
