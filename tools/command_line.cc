#include "tools/command_line.h"

#include <fmt/format.h>
#include <unistd.h>

#include <exception>
#include <new>
#include <string>
#include <vector>

#include "tapir/base/version.h"
#include "tapir/device/open_device.h"
#ifdef TAPIR_WITH_ISCSI
#include "tapir/iscsi/iscsi_tape.h"
#endif
#include "tools/command.h"
#include "tools/escape.h"
#include "tools/output.h"
#include "tools/signals.h"

namespace tapir::cli {

namespace {

constexpr const char* kFooter =
    "VOLUME is PATH or file:PATH; a tape: vtape:PATH (a virtual one), /dev/nstN, sg:/dev/sgN or\n"
    "iscsi://HOST[:PORT]/IQN/LUN; or - for standard input or output. 'tapir COMMAND --help' shows\n"
    "options and examples.\n"
    "\n"
    "Exit status: 0 done; 1 done, with warnings, differences or something left out; 2 wrong "
    "usage;\n"
    "3 damage; 4 device or file error; 5 foreign, newer or unknown format; 130 interrupted.\n";

void Say(std::string_view text) { WriteAll(STDERR_FILENO, text); }

int PrintOut(const std::string& text) {
  const int error = WriteAll(STDOUT_FILENO, text);
  if (error == 0) return kExitDone;
  const Status status = Status::FromErrno(error, "cannot write to standard output");
  if (ExitStatusOf(status) != kExitBrokenPipe) Say("tapir: " + status.message() + "\n");
  return ExitStatusOf(status);
}

/// Says once a minute that a medium is waited for, until a signal comes.
bool ShowLoading(std::string_view volume, const TapeLoading& loading) {
  constexpr uint64_t kMinuteMs = 60'000;
  if (loading.waited_ms % kMinuteMs == 0) {
    std::string text = fmt::format("tapir: {}: waiting for the medium", SafeText(volume));
    if (loading.percent) {
      text += fmt::format(", {} % done", *loading.percent);
    } else if (loading.waited_ms > 0) {
      text += fmt::format(", for {} min so far", loading.waited_ms / kMinuteMs);
    }
    Say(text + "\n");
  }
  return !StopRequested().load();
}

/// What is wrong with a word that stands where a command should; empty if none does.
std::string UnknownWord(const CLI::App& app) {
  const bool takes_commands = !app.get_subcommands(nullptr).empty();
  const auto words = app.remaining();
  if (!takes_commands || words.empty()) return {};
  const bool option = words.front().starts_with('-');
  return fmt::format("{} is not one of its {}", Quoted(words.front()),
                     option ? "options" : "commands");
}

/// Says it in the name of the innermost command that was named, or of the first to which a word is
/// not known.
int ExplainUsage(const CLI::App& root, const CLI::ParseError& error) {
  // Later words may have been taken for commands: then what these lack is not the fault.
  const int code = error.get_exit_code();
  const bool may_be_word = code == static_cast<int>(CLI::ExitCodes::RequiredError) ||
                           code == static_cast<int>(CLI::ExitCodes::ExtrasError);
  const CLI::App* app = &root;
  std::string name = root.get_name();
  std::string text = may_be_word ? UnknownWord(*app) : "";
  while (text.empty() && !app->get_subcommands().empty()) {
    app = app->get_subcommands().front();
    name += " " + app->get_name();
    if (may_be_word) text = UnknownWord(*app);
  }
  if (text.empty()) text = SafeText(error.what());
  Say(fmt::format("{}: {}\nTry '{} --help'.\n", name, text, name));
  return kExitUsage;
}

int ParseAndRun(CLI::App& root, const std::vector<Command>& commands, int argc, char** argv) {
  try {
    root.parse(argc, argv);
    for (const Command& command : commands) {
      if (command.app->parsed()) return command.run();
    }
    return kExitUsage;
  } catch (const CLI::CallForHelp&) {
    return PrintOut(root.help());
  } catch (const CLI::CallForVersion&) {
    return PrintOut(fmt::format("tapir {}\n", kVersion));
  } catch (const CLI::ParseError& error) {
    return ExplainUsage(root, error);
  }
}

}  // namespace

int RunCommandLine(int argc, char** argv) try {
  OccupyStandardDescriptors();
  CatchSignals();
#ifdef TAPIR_WITH_ISCSI
  UseIscsiTapes();
#endif
  WatchLoading(ShowLoading);
  CLI::App root("Archives directory trees to tape, or to files that behave like one.", "tapir");
  root.require_subcommand(1);
  root.set_version_flag("--version", std::string(kVersion), "Print the version and exit");
  root.footer(kFooter);
  const std::vector<Command> commands = {
      AddInit(root),   AddArchive(root),   AddList(root),    AddVerify(root), AddRestore(root),
      AddInfo(root),   AddInspect(root),   AddSalvage(root), AddExport(root), AddTape(root),
      AddPolicy(root), AddSrdelayed(root), AddCatalog(root)};
  return ParseAndRun(root, commands, argc, argv);
} catch (const std::bad_alloc&) {
  Say("tapir: not enough memory\n");
  return kExitFailure;
} catch (const std::exception& error) {
  Say(fmt::format("tapir: internal error: {}\n", error.what()));
  return kExitFailure;
}

}  // namespace tapir::cli
