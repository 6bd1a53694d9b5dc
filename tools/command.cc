#include <algorithm>
#include <charconv>
#include <thread>

#include "tools/command.h"
#include "tools/escape.h"
#include "tools/size_text.h"
#include "tools/time_text.h"

namespace tapir::cli {

namespace {

constexpr unsigned kMostThreads = 256;

void TakeSession(const std::string& text, Selection& selection, bool with_all) {
  if (text == "last") {
    selection.sessions = SessionChoice::kLast;
    return;
  }
  if (text == "all" && with_all) {
    selection.sessions = SessionChoice::kAll;
    return;
  }
  uint32_t number = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || rest != end || number == 0) {
    throw CLI::ValidationError(
        "--session",
        "'" + text + "' is no session; give a number or 'last'" + (with_all ? " or 'all'" : ""));
  }
  selection.sessions = SessionChoice::kNumber;
  selection.session_number = number;
}

}  // namespace

CLI::App* AddCommand(CLI::App& root, const std::string& name, const std::string& description,
                     CommonOptions& common) {
  CLI::App* app = root.add_subcommand(name, description);
  app->add_option("VOLUME", common.volume, "PATH, a tape, or - for standard input or output")
      ->required()
      ->type_name("");
  app->add_flag("--json", common.json, "Print JSON, one object per line");
  return app;
}

void AddQuiet(CLI::App& app, CommonOptions& common) {
  app.add_flag("-q,--quiet", common.quiet, "No progress, notes and summary");
}

void AddThreads(CLI::App& app, unsigned& threads) {
  threads = std::clamp(std::thread::hardware_concurrency(), 1u, kMostThreads);
  app.add_option("-j,--jobs", threads, "Threads; as many as processors unless given")
      ->type_name("N")
      ->check(CLI::Range(1u, kMostThreads));
}

CLI::Option* AddStrings(CLI::App& app, const std::string& name, std::vector<std::string>& values,
                        const std::string& description) {
  // The callback gets the strings before they are converted.
  const CLI::callback_t take = [&values](const CLI::results_t& strings) {
    values = strings;
    return true;
  };
  CLI::Option* option = app.add_option(name, take, description)->type_size(1);
  // A positional argument takes what comes until it has as many as it expects; "extra" ones would
  // be searched for lists.
  constexpr int kAny = CLI::detail::expected_max_vector_size;
  if (option->get_positional()) option->expected(kAny, kAny);
  option->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  return option->allow_extra_args(false)->type_name("");
}

CLI::Option* AddSize(CLI::App& app, const std::string& name, uint64_t& bytes,
                     const std::string& description) {
  return app
      .add_option_function<std::string>(
          name,
          [name, &bytes](const std::string& text) {
            const auto size = ParseSize(text);
            if (!size.ok()) throw CLI::ValidationError(name, size.status().message());
            bytes = *size;
          },
          description)
      ->type_name("SIZE");
}

CLI::Validator NumberFromOne() {
  const auto check = [](const std::string& text) {
    const bool digits = !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
    const bool good = digits && text.find_first_not_of('0') != std::string::npos;
    return good ? std::string() : Quoted(text) + " is no number from 1";
  };
  // Without a description: the help shows N as the type.
  return CLI::Validator(check, "");
}

void AddPatterns(CLI::App& app, std::vector<std::string>& patterns) {
  AddStrings(app, "PATTERN", patterns,
             "Paths or globs; each selects what it matches and everything below");
}

void AddSelection(CLI::App& app, Selection& selection, bool with_all_sessions) {
  AddPatterns(app, selection.patterns);
  app.add_option_function<std::string>(
         "--session",
         [&selection, with_all_sessions](const std::string& text) {
           TakeSession(text, selection, with_all_sessions);
         },
         "Only this session; without it the newest state of each path")
      ->type_name(with_all_sessions ? "N|last|all" : "N|last");
  app.add_option_function<std::string>(
         "--at",
         [&selection](const std::string& text) {
           const auto time = ParseTime(text);
           if (!time.ok()) throw CLI::ValidationError("--at", time.status().message());
           selection.at = *time;
         },
         "As of then: only sessions that had ended (2026-05-01, 2026-05-01T12:30Z, @SECONDS)")
      ->type_name("TIME");
  AddStrings(app, "--next", selection.next_volumes,
             "Next volume of the set, read along with this one; may be repeated")
      ->type_name("VOLUME");
  app.add_flag("--include-torn", selection.include_torn,
               "Complete objects of a session that never ended, too");
}

}  // namespace tapir::cli
