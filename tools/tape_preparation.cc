#include <functional>
#include <memory>
#include <string>

#include "tapir/device/open_device.h"
#include "tapir/jobs/tape_job.h"
#include "tools/command_run.h"
#include "tools/tape.h"

namespace tapir::cli {

namespace {

using Action = std::function<Status(TapeDrive&)>;

ExitStatus Run(const TapeOptions& options, const Action& action) {
  CommandRun run(options.common);
  const auto drive = OpenTapeDrive(options.common.volume);
  if (!drive.ok()) return run.Fail(drive.status());
  const Status done = action(**drive);
  return done.ok() ? run.Finish() : run.Fail(done.Annotate(options.common.volume));
}

Command AddSimple(CLI::App& tape, const std::string& name, const std::string& description,
                  const Action& action) {
  auto options = std::make_shared<TapeOptions>();
  CLI::App* app = AddTapeAction(tape, name, description, *options);
  return {app, [options, action] { return Run(*options, action); }};
}

Action Prepare(TapePreparation operation) {
  return [operation](TapeDrive& drive) { return drive.PrepareTape(operation, false); };
}

Command AddErase(CLI::App& tape) {
  struct EraseOptions : TapeOptions {
    bool whole = false;
  };
  auto options = std::make_shared<EraseOptions>();
  CLI::App* app = AddTapeAction(tape, "erase", "Put an end of data at the position", *options);
  app->add_flag("--long", options->whole,
                "Erase everything from there to the end of the partition, which takes hours");
  AddPermission(*app, *options);
  return {app, [options] {
            return Run(*options, [&](TapeDrive& drive) {
              Status allowed = CheckMayDestroyTape(drive, false, options->overwrite_existing);
              if (!allowed.ok()) return allowed;
              return drive.EraseTape(options->whole ? TapeEraseType::kLong : TapeEraseType::kShort,
                                     false);
            });
          }};
}

Command AddFormat(CLI::App& tape) {
  auto options = std::make_shared<TapeOptions>();
  CLI::App* app = AddTapeAction(tape, "format", "Make one empty partition of the medium", *options);
  AddPermission(*app, *options);
  return {app, [options] {
            return Run(*options, [&](TapeDrive& drive) {
              Status allowed = CheckMayDestroyTape(drive, true, options->overwrite_existing);
              return allowed.ok() ? drive.PrepareTape(TapePreparation::kFormat, false) : allowed;
            });
          }};
}

Command AddPartition(CLI::App& tape) {
  struct PartitionOptions : TapeOptions {
    uint32_t count = 0;
    uint64_t bytes = 0;
  };
  auto options = std::make_shared<PartitionOptions>();
  CLI::App* app =
      AddTapeAction(tape, "partition", "Divide the medium into empty partitions", *options);
  app->add_option("--count", options->count, "How many; as the drive likes unless given")
      ->type_name("N")
      ->check(CLI::Range(1u, 64u));
  AddSize(*app, "--size", options->bytes, "Of each but the last, which gets the rest");
  AddPermission(*app, *options);
  return {app, [options] {
            return Run(*options, [&](TapeDrive& drive) {
              Status allowed = CheckMayDestroyTape(drive, true, options->overwrite_existing);
              if (!allowed.ok()) return allowed;
              constexpr uint64_t kMegabyte = 1'000'000;
              TapePartitionMethod method = options->bytes > 0   ? TapePartitionMethod::kInitiator
                                           : options->count > 0 ? TapePartitionMethod::kSelect
                                                                : TapePartitionMethod::kFixed;
              return drive.CreateTapePartition(method, options->count,
                                               static_cast<uint32_t>(options->bytes / kMegabyte));
            });
          }};
}

}  // namespace

std::vector<Command> AddTapePreparations(CLI::App& tape) {
  std::vector<Command> commands = {
      AddSimple(tape, "load", "Load the medium", Prepare(TapePreparation::kLoad)),
      AddSimple(tape, "unload", "Rewind and eject the medium", Prepare(TapePreparation::kUnload)),
      AddSimple(tape, "rewind", "Go to the beginning of the partition",
                [](TapeDrive& drive) {
                  return drive.SetTapePosition(TapePositioning::kRewind, 0, 0, false);
                }),
      AddSimple(tape, "lock", "Keep the medium from being ejected",
                Prepare(TapePreparation::kLock)),
      AddSimple(tape, "unlock", "Allow ejecting again", Prepare(TapePreparation::kUnlock)),
      AddSimple(tape, "tension", "Wind the tape to its end and back",
                Prepare(TapePreparation::kTension)),
  };
  commands.push_back(AddErase(tape));
  commands.push_back(AddFormat(tape));
  commands.push_back(AddPartition(tape));
  return commands;
}

}  // namespace tapir::cli
