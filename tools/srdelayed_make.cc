#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <memory>

#include "tapir/windows/delayed_operations.h"
#include "tools/command_run.h"
#include "tools/escape.h"
#include "tools/operation_list.h"
#include "tools/report_file.h"
#include "tools/size_text.h"
#include "tools/srdelayed.h"

namespace tapir::cli {

namespace {

constexpr const char* kMakeExamples =
    "LIST has one operation a line, its parts separated by tabs:\n"
    "  move<TAB>FROM<TAB>TO\n"
    "  delete<TAB>PATH            a file, or a directory that is empty by then\n"
    "  shortname<TAB>NAME<TAB>PATH\n"
    "Paths begin with C:\\ or \\\\?\\Volume{GUID}\\. Lines that begin with # are passed over.\n"
    "\n"
    "Example:\n"
    "  tapir srdelayed make list.txt -o DelayedOperations \\\n"
    "    --program 'C:\\Windows\\System32\\srdelayed.exe' --file 'C:\\DelayedOperations'\n";

struct MakeOptions {
  CommonOptions common;  ///< `volume` is the list
  std::string output;
  std::string program;
  std::string file;
  bool as_listed = false;
  bool overwrite = false;
};

bool IsThere(const std::string& path) {
  struct stat found = {};
  return ::lstat(path.c_str(), &found) == 0;
}

Status CheckOutput(const MakeOptions& options) {
  if (options.output != "-" && IsThere(options.output) && !options.overwrite) {
    return Exists(Quoted(options.output) + " is there (--overwrite replaces it)");
  }
  if (options.output == "-" && ::isatty(STDOUT_FILENO) != 0) {
    return InvalidArgument("a file of operations is not for a terminal: give -o FILE");
  }
  return OkStatus();
}

Result<std::string> SetupExecuteOf(const MakeOptions& options) {
  for (const std::string* path : {&options.program, &options.file}) {
    const Result<std::string> checked = DelayedPath(*path);
    if (!checked.ok()) return checked.status();
  }
  return SetupExecuteString(options.program, options.file);
}

Result<std::vector<DelayedOperation>> ReadOperations(const MakeOptions& options) {
  TAPIR_ASSIGN_OR_RETURN(const std::string text, ReadWholeInput(options.common.volume));
  TAPIR_ASSIGN_OR_RETURN(std::vector<DelayedOperation> operations, ParseOperationList(text));
  if (options.as_listed) return operations;
  return OrderDelayedOperations(operations);
}

ExitStatus RunMake(const MakeOptions& options) {
  const bool to_output = options.output == "-";
  CommandRun run(options.common, to_output ? CommandRun::Results::kStandardError
                                           : CommandRun::Results::kStandardOutput);
  if (const Status free = CheckOutput(options); !free.ok()) return run.Fail(free);
  std::string setup_execute;
  if (!options.program.empty()) {
    Result<std::string> built = SetupExecuteOf(options);
    if (!built.ok()) return run.Fail(built.status());
    setup_execute = *std::move(built);
  }
  const auto operations = ReadOperations(options);
  if (!operations.ok()) return run.Fail(operations.status());
  const Result<std::string> bytes = BuildDelayedOperations(*operations);
  if (!bytes.ok()) return run.Fail(bytes.status());
  if (to_output) {
    const int error = WriteAll(STDOUT_FILENO, *bytes);
    if (error != 0) return run.Fail(Status::FromErrno(error, "cannot write to standard output"));
  } else if (const Status written = WriteReportFile(options.output, *bytes); !written.ok()) {
    return run.Fail(written);
  }
  if (run.json()) {
    Json object{{"operations", operations->size()}, {"bytes", bytes->size()}};
    if (!setup_execute.empty()) object["setup_execute"] = setup_execute;
    run.out().Append(ToLine(object));
  } else if (!setup_execute.empty()) {
    run.out().Append(setup_execute + "\n");
  } else if (run.wants_summary()) {
    run.out().Append(Counted(operations->size(), "operation") + "\n");
  }
  return run.Finish();
}

}  // namespace

Command AddSrdelayedMake(CLI::App& srdelayed) {
  auto options = std::make_shared<MakeOptions>();
  CLI::App* app = srdelayed.add_subcommand("make", "Make a file of operations from a list");
  app->add_option("LIST", options->common.volume, "The list; - for standard input")
      ->required()
      ->type_name("");
  app->add_option("-o,--output", options->output, "Where to; - for standard output")
      ->required()
      ->type_name("FILE");
  app->add_flag("--overwrite", options->overwrite, "Replace what is in the way");
  app->add_flag("--as-listed", options->as_listed,
                "Keep the order of the list, and what it has twice");
  CLI::Option* program =
      app->add_option("--program", options->program,
                      "Print the string for SetupExecute: where srdelayed.exe is on Windows")
          ->type_name("PATH");
  CLI::Option* file =
      app->add_option("--file", options->file, "and where the file of operations will be")
          ->type_name("PATH");
  program->needs(file);
  file->needs(program);
  app->add_flag("--json", options->common.json, "Print JSON, one object per line");
  AddQuiet(*app, options->common);
  app->footer(kMakeExamples);
  return {app, [options] { return RunMake(*options); }};
}

}  // namespace tapir::cli
