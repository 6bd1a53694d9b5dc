#include <fmt/format.h>

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "tapir/device/open_device.h"
#include "tapir/jobs/tape_job.h"
#include "tools/command_run.h"
#include "tools/json.h"
#include "tools/size_text.h"
#include "tools/tape.h"

namespace tapir::cli {

namespace {

enum class Asked { kPosition, kMovement };

/// Where the drive stands, for people or programs. That a drive cannot tell is a failure only if
/// nothing else was asked.
void PrintPosition(CommandRun& run, TapeDrive& drive, Asked asked) {
  const auto position = drive.GetTapePosition(TapePositionType::kLogical);
  const bool cannot_tell = TapeErrorOf(position.status()) == TapeError::kNotSupported;
  if (cannot_tell && asked == Asked::kMovement) {
    run.out().Append(run.json() ? ToLine({{"partition", nullptr}, {"block", nullptr}})
                                : "position not known: the drive does not tell it\n");
    return;
  }
  if (!position.ok()) {
    run.Complain(position.status().message(), kExitFailure);
    return;
  }
  if (run.json()) {
    run.out().Append(ToLine({{"partition", position->partition}, {"block", position->block}}));
  } else {
    run.out().Append(fmt::format("partition {}, block {}\n", position->partition, position->block));
  }
}

/// Opens the drive, does something with it, and tells where it stands then.
template <typename Action>
ExitStatus MoveAndTell(const TapeOptions& options, Action action, Asked asked = Asked::kMovement) {
  CommandRun run(options.common);
  const auto drive = OpenTapeDrive(options.common.volume);
  if (!drive.ok()) return run.Fail(drive.status());
  const Status done = action(**drive);
  if (!done.ok()) run.Complain(done.Annotate(options.common.volume).message(), kExitFailure);
  PrintPosition(run, **drive, asked);
  return run.Finish();
}

Command AddPosition(CLI::App& tape) {
  auto options = std::make_shared<TapeOptions>();
  CLI::App* app = AddTapeAction(tape, "position", "Tell where the drive stands", *options);
  return {app, [options] {
            return MoveAndTell(
                *options, [](TapeDrive&) { return OkStatus(); }, Asked::kPosition);
          }};
}

Command AddSeek(CLI::App& tape) {
  struct SeekOptions : TapeOptions {
    std::optional<uint64_t> block;
    uint32_t partition = 0;
    bool end = false;
  };
  auto options = std::make_shared<SeekOptions>();
  CLI::App* app = AddTapeAction(tape, "seek", "Go to a block, marks counted, or the end", *options);
  app->add_option("BLOCK", options->block, "Its number from 0")->type_name("");
  app->add_option("--partition", options->partition, "From 1; the current one unless given")
      ->type_name("N");
  app->add_flag("--end", options->end, "Go to the end of data instead");
  return {app, [options] {
            if (options->end == options->block.has_value()) {
              throw CLI::ValidationError("tape seek", "give BLOCK or --end");
            }
            return MoveAndTell(*options, [&](TapeDrive& drive) {
              auto method =
                  options->end ? TapePositioning::kEndOfData : TapePositioning::kLogicalBlock;
              return drive.SetTapePosition(method, options->partition,
                                           static_cast<int64_t>(options->block.value_or(0)), false);
            });
          }};
}

Command AddSpace(CLI::App& tape) {
  static const std::map<std::string, TapePositioning> kUnits = {
      {"blocks", TapePositioning::kRelativeBlocks},
      {"filemarks", TapePositioning::kFilemarks},
      {"sequential-filemarks", TapePositioning::kSequentialFilemarks},
      {"setmarks", TapePositioning::kSetmarks},
      {"sequential-setmarks", TapePositioning::kSequentialSetmarks},
  };
  struct SpaceOptions : TapeOptions {
    int64_t count = 0;
    TapePositioning unit = TapePositioning::kFilemarks;
  };
  auto options = std::make_shared<SpaceOptions>();
  CLI::App* app = AddTapeAction(tape, "space", "Pass blocks or marks", *options);
  app->add_option("COUNT", options->count, "How many; negative: backward")
      ->required()
      ->type_name("");
  app->add_option("--unit", options->unit,
                  "blocks, filemarks, setmarks, sequential-filemarks or sequential-setmarks; "
                  "filemarks unless given")
      ->type_name("UNIT")
      ->transform(CLI::Transformer(kUnits, CLI::ignore_case).description(""));
  return {app, [options] {
            return MoveAndTell(*options, [&](TapeDrive& drive) {
              return drive.SetTapePosition(options->unit, 0, options->count, false);
            });
          }};
}

Command AddMark(CLI::App& tape) {
  static const std::map<std::string, TapeMark> kKinds = {
      {"filemark", TapeMark::kFilemark},
      {"setmark", TapeMark::kSetmark},
      {"short", TapeMark::kShortFilemark},
      {"long", TapeMark::kLongFilemark},
  };
  struct MarkOptions : TapeOptions {
    uint32_t count = 1;
    TapeMark kind = TapeMark::kFilemark;
    bool immediate = false;
  };
  auto options = std::make_shared<MarkOptions>();
  CLI::App* app = AddTapeAction(tape, "mark", "Write marks at the position", *options);
  app->add_option("--count", options->count, "How many; 1 unless given, 0 only flushes")
      ->type_name("N");
  app->add_option("--kind", options->kind,
                  "filemark, setmark, short or long (filemarks); filemark unless given")
      ->type_name("KIND")
      ->transform(CLI::Transformer(kKinds, CLI::ignore_case).description(""));
  app->add_flag("--immediate", options->immediate, "Do not wait until they are on the medium");
  AddPermission(*app, *options);
  return {
      app, [options] {
        return MoveAndTell(*options, [&](TapeDrive& drive) {
          Status allowed = CheckMayDestroyTape(drive, false, options->overwrite_existing);
          if (!allowed.ok()) return allowed;
          return drive.WriteTapemark(options->kind, options->count, options->immediate).status();
        });
      }};
}

struct ParameterOptions : TapeOptions {
  std::optional<uint32_t> block_bytes;
  std::optional<bool> compression;
  std::optional<bool> report_setmarks;
  std::optional<uint32_t> early_warning_bytes;
};

Status SetParameters(TapeDrive& drive, const ParameterOptions& options) {
  if (options.block_bytes) {
    Status set = drive.SetTapeMediaParameters(*options.block_bytes);
    if (!set.ok()) return set;
  }
  if (!options.compression && !options.report_setmarks && !options.early_warning_bytes) {
    return OkStatus();
  }
  const auto now = drive.GetTapeDriveParameters();
  if (!now.ok()) return now.status();
  TapeDriveSettings settings{now->ecc, now->compression, now->data_padding, now->report_setmarks,
                             now->eot_warning_zone_bytes};
  settings.compression = options.compression.value_or(settings.compression);
  settings.report_setmarks = options.report_setmarks.value_or(settings.report_setmarks);
  settings.eot_warning_zone_bytes =
      options.early_warning_bytes.value_or(settings.eot_warning_zone_bytes);
  return drive.SetTapeDriveParameters(settings);
}

ExitStatus RunParameters(const ParameterOptions& options) {
  CommandRun run(options.common);
  const auto drive = OpenTapeDrive(options.common.volume);
  if (!drive.ok()) return run.Fail(drive.status());
  const Status set = SetParameters(**drive, options);
  if (!set.ok()) return run.Fail(set.Annotate(options.common.volume));
  const auto parameters = (*drive)->GetTapeDriveParameters();
  if (!parameters.ok()) return run.Fail(parameters.status());
  const auto media = (*drive)->GetTapeMediaParameters();
  if (!media.ok()) return run.Fail(media.status());
  if (run.json()) {
    run.out().Append(ToLine({{"block_bytes", media->block_bytes},
                             {"compression", parameters->compression},
                             {"report_setmarks", parameters->report_setmarks},
                             {"early_warning_bytes", parameters->eot_warning_zone_bytes}}));
    return run.Finish();
  }
  auto on_off = [](bool on) { return on ? "on" : "off"; };
  run.out().Append(fmt::format(
      "blocks           {}\ncompression      {}\nreport setmarks  {}\nearly warning    {}\n",
      media->block_bytes == 0 ? "of any size" : FormatSize(media->block_bytes),
      on_off(parameters->compression), on_off(parameters->report_setmarks),
      FormatSize(parameters->eot_warning_zone_bytes)));
  return run.Finish();
}

Command AddParameters(CLI::App& tape) {
  static const std::map<std::string, bool> kSwitch = {{"on", true}, {"off", false}};
  auto options = std::make_shared<ParameterOptions>();
  CLI::App* app = AddTapeAction(tape, "params", "Show and set drive parameters", *options);
  app->add_option("--block-bytes", options->block_bytes, "Of fixed blocks; 0: of any size")
      ->type_name("N");
  app->add_option("--compression", options->compression, "on or off")
      ->type_name("on|off")
      ->transform(CLI::Transformer(kSwitch, CLI::ignore_case).description(""));
  app->add_option("--report-setmarks", options->report_setmarks, "on or off")
      ->type_name("on|off")
      ->transform(CLI::Transformer(kSwitch, CLI::ignore_case).description(""));
  app->add_option("--early-warning-bytes", options->early_warning_bytes,
                  "Length of the zone before the end in which a drive warns")
      ->type_name("N");
  return {app, [options] { return RunParameters(*options); }};
}

}  // namespace

std::vector<Command> AddTapeMovements(CLI::App& tape) {
  return {AddPosition(tape), AddSeek(tape), AddSpace(tape), AddMark(tape), AddParameters(tape)};
}

}  // namespace tapir::cli
