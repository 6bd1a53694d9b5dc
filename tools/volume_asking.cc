#include "tools/volume_asking.h"

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <memory>

namespace tapir::cli {

namespace {

/// A command that names unusable volumes for ever must not hang a run.
constexpr int kMostRefusals = 10;

bool IsSomebodyThere() { return isatty(STDIN_FILENO) != 0 && isatty(STDERR_FILENO) != 0; }

class VolumeAsker {
 public:
  VolumeAsker(NextVolumeOptions options, CommandRun& run)
      : options_(std::move(options)), run_(run) {}

  Result<std::string> Ask(const VolumeWanted& wanted) {
    if (!wanted.refused.empty()) {
      run_.reporter().Report(NoticeKind::kNote, {}, "not taken: " + wanted.refused);
      if (++refusals_ > kMostRefusals) return EndOfMedium("no volume offered can be taken");
    } else {
      refusals_ = 0;
    }
    if (next_ < options_.names.size()) return options_.names[next_++];
    if (!options_.command.empty()) return AskCommand(wanted);
    return AskTerminal(wanted);
  }

 private:
  Result<std::string> AskCommand(const VolumeWanted& wanted) const {
    setenv("TAPIR_VOLUME_NUMBER", std::to_string(wanted.sequence).c_str(), 1);
    setenv("TAPIR_SET_LABEL", wanted.set_label.c_str(), 1);
    setenv("TAPIR_SET_UUID", wanted.set_uuid.c_str(), 1);
    setenv("TAPIR_REFUSED", wanted.refused.c_str(), 1);
    std::FILE* pipe = popen(options_.command.c_str(), "r");
    if (pipe == nullptr) return Status::FromErrno(errno, "running --next-command");
    std::string answer;
    std::array<char, 4096> piece;
    while (std::fgets(piece.data(), piece.size(), pipe) != nullptr) answer += piece.data();
    const int exit_status = pclose(pipe);
    answer.erase(std::min(answer.find('\n'), answer.size()));
    if (exit_status != 0 || answer.empty()) {
      return EndOfMedium(
          fmt::format("volume {} is needed, and --next-command named none (status {})",
                      wanted.sequence, WIFEXITED(exit_status) ? WEXITSTATUS(exit_status) : -1));
    }
    return answer;
  }

  Result<std::string> AskTerminal(const VolumeWanted& wanted) const {
    if (!IsSomebodyThere()) {
      return EndOfMedium(fmt::format(
          "volume {} of the set is needed: name it by --next, or how to get it by --next-command",
          wanted.sequence));
    }
    const std::string set =
        fmt::format("{} of set '{}' ({})", wanted.sequence, wanted.set_label, wanted.set_uuid);
    if (wanted.to_read) {
      std::cerr << "\ntapir: volume " << set
                << " is needed: name it when it is ready, or nothing to leave it out.\nvolume: ";
    } else {
      std::cerr << "\ntapir: the volume is full. Volume " << set
                << " is needed: name a blank one when it is ready, or nothing to stop.\nvolume: ";
    }
    std::cerr << std::flush;
    std::string answer;
    if (!std::getline(std::cin, answer) || answer.empty()) {
      return EndOfMedium("no further volume was named");
    }
    return answer;
  }

  const NextVolumeOptions options_;
  CommandRun& run_;
  size_t next_ = 0;
  int refusals_ = 0;
};

}  // namespace

void AddNextVolume(CLI::App& app, NextVolumeOptions& options) {
  AddStrings(app, "--next", options.names, "Blank volume to go on with when this one is full")
      ->type_name("VOLUME");
  AddNextCommand(app, options.command);
}

void AddNextCommand(CLI::App& app, std::string& command) {
  app.add_option("--next-command", command,
                 "Shell command that makes the volume $TAPIR_VOLUME_NUMBER of the set ready and "
                 "prints its name")
      ->type_name("COMMAND");
}

VolumeSource AskForVolumes(const NextVolumeOptions& options, CommandRun& run) {
  auto asker = std::make_shared<VolumeAsker>(options, run);
  return [asker](const VolumeWanted& wanted) { return asker->Ask(wanted); };
}

VolumeSource AskForVolumesToRead(const std::string& command, CommandRun& run) {
  if (command.empty() && !IsSomebodyThere()) return {};
  return AskForVolumes({{}, command}, run);
}

}  // namespace tapir::cli
