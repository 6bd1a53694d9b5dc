#include <fmt/format.h>

#include <memory>
#include <string>

#include "tapir/device/open_device.h"
#include "tapir/jobs/tape_job.h"
#include "tools/command_run.h"
#include "tools/escape.h"
#include "tools/json.h"
#include "tools/size_text.h"
#include "tools/tape.h"

namespace tapir::cli {

namespace {

struct StatusOptions : TapeOptions {
  bool model = false;
};

Json ModelAsObject(const TapeModelReport& model) {
  return {{"profile", model.profile},       {"total_s", model.total_s},
          {"moving_s", model.moving_s},     {"streaming_s", model.streaming_s},
          {"hitching_s", model.hitching_s}, {"back_hitches", model.back_hitches},
          {"locates", model.locates}};
}

Json AsObject(const TapeStatusReport& report, const std::string& device, bool with_model) {
  Json object;
  PutName(object, "device", device);
  object["state"] = report.state;
  object["way"] = report.identity.way;
  object["vendor"] = report.identity.vendor;
  object["product"] = report.identity.product;
  object["revision"] = report.identity.revision;
  object["serial_number"] = report.identity.serial_number;
  object["density_code"] = report.identity.density_code;
  object["worm"] = report.identity.worm;
  object["block_protection"] = report.identity.protects_blocks;
  if (!report.label.empty()) PutName(object, "label", report.label);
  if (!report.barcode.empty()) PutName(object, "barcode", report.barcode);
  if (report.drive) {
    object["min_block_bytes"] = report.drive->min_block_bytes;
    object["max_block_bytes"] = report.drive->max_block_bytes;
    object["max_partitions"] = report.drive->max_partition_count;
    object["compression"] = report.drive->compression;
    object["early_warning_bytes"] = report.drive->eot_warning_zone_bytes;
    object["features"] = TapeFeatureNames(report.drive->features_low, report.drive->features_high);
  }
  if (report.media) {
    object["capacity_bytes"] = report.media->capacity_bytes;
    object["remaining_bytes"] = report.media->remaining_bytes;
    object["block_bytes"] = report.media->block_bytes;
    object["partitions"] =
        report.media->partition_count == 0 ? Json() : Json(report.media->partition_count);
    object["write_protected"] = report.media->write_protected;
  }
  if (report.position) {
    object["partition"] = report.position->partition;
    object["block"] = report.position->block;
  }
  object["alerts"] = Json::array();
  for (uint8_t flag : report.alerts) {
    object["alerts"].push_back({{"flag", flag}, {"text", TapeAlertText(flag)}});
  }
  if (with_model && report.model) object["model"] = ModelAsObject(*report.model);
  return object;
}

std::string SizeOrUnknown(int64_t bytes) {
  return bytes < 0 ? "not told" : FormatSize(static_cast<uint64_t>(bytes));
}

std::string PartitionsText(uint32_t count) {
  if (count == 0) return "partitions not told";
  return count == 1 ? "1 partition" : fmt::format("{} partitions", count);
}

std::string MediaText(const TapeMediaParameters& media) {
  std::string text = fmt::format("capacity  {}, {} left\n", SizeOrUnknown(media.capacity_bytes),
                                 SizeOrUnknown(media.remaining_bytes));
  text += fmt::format("medium    {}{}\n", PartitionsText(media.partition_count),
                      media.write_protected ? ", write protected" : "");
  return text + fmt::format("blocks    {}\n", media.block_bytes == 0
                                                  ? "of any size"
                                                  : FormatSize(media.block_bytes) + " each");
}

std::string ModelText(const TapeModelReport& model) {
  return fmt::format(
      "model     {}: {:.1f} s since it was loaded: {:.1f} s moving ({} locates), {:.1f} s "
      "streaming,\n          {:.1f} s in {} back-hitches\n",
      model.profile, model.total_s, model.moving_s, model.locates, model.streaming_s,
      model.hitching_s, model.back_hitches);
}

std::string AsText(const TapeStatusReport& report, const std::string& device, bool with_model) {
  const TapeIdentity& identity = report.identity;
  std::string text = fmt::format("device    {}, by {}\n", Escaped(device), identity.way);
  text +=
      fmt::format("drive     {} {} {} {}\n", SafeText(identity.vendor), SafeText(identity.product),
                  SafeText(identity.revision), SafeText(identity.serial_number));
  text += fmt::format("state     {}\n", report.state);
  if (identity.density_code != 0) text += fmt::format("density   {:#04x}\n", identity.density_code);
  if (identity.worm) text += "medium    WORM: it can be appended to only\n";
  text += fmt::format("protected {}\n", identity.protects_blocks
                                            ? "each block by CRC-32C on its way to the medium"
                                            : "no check of blocks on their way to the medium");
  if (!report.label.empty()) text += fmt::format("label     {}\n", Quoted(report.label));
  if (!report.barcode.empty()) text += fmt::format("barcode   {}\n", SafeText(report.barcode));
  if (report.media) text += MediaText(*report.media);
  if (report.position) {
    text += fmt::format("position  partition {}, block {}\n", report.position->partition,
                        report.position->block);
  }
  if (report.drive) {
    text += fmt::format(
        "limits    blocks of {} to {}, {} partitions\n", FormatSize(report.drive->min_block_bytes),
        FormatSize(report.drive->max_block_bytes), report.drive->max_partition_count);
    const auto names = TapeFeatureNames(report.drive->features_low, report.drive->features_high);
    text += fmt::format("features  {}\n", fmt::join(names, " "));
  }
  for (uint8_t flag : report.alerts) {
    text += fmt::format("ALERT     {} ({})\n", TapeAlertText(flag), flag);
  }
  if (with_model && report.model) text += ModelText(*report.model);
  return text;
}

ExitStatus RunStatus(const StatusOptions& options) {
  CommandRun run(options.common);
  const auto drive = OpenTapeDrive(options.common.volume);
  if (!drive.ok()) return run.Fail(drive.status());
  const auto report = ReadTapeStatus(**drive);
  if (!report.ok()) return run.Fail(report.status());
  const std::string& device = options.common.volume;
  run.out().Append(run.json() ? ToLine(AsObject(*report, device, options.model))
                              : AsText(*report, device, options.model));
  if (!report->alerts.empty()) run.Raise(kExitWarnings);
  if (options.model && !report->model) {
    run.Complain("--model is for virtual tapes", kExitWarnings);
  }
  return run.Finish();
}

}  // namespace

Command AddTapeStatus(CLI::App& tape) {
  auto options = std::make_shared<StatusOptions>();
  CLI::App* app =
      AddTapeAction(tape, "status", "Show drive, medium, position and alerts", *options);
  app->add_flag("--model", options->model,
                "Of a virtual tape: what a real drive would have taken since it was loaded");
  return {app, [options] { return RunStatus(*options); }};
}

}  // namespace tapir::cli
