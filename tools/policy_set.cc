#include <fmt/format.h>

#include <memory>
#include <string>
#include <utility>

#include "tapir/jobs/policy_change.h"
#include "tapir/jobs/policy_reading.h"
#include "tapir/windows/backup_value.h"
#include "tools/command_run.h"
#include "tools/escape.h"
#include "tools/foreign_target.h"
#include "tools/json.h"
#include "tools/policy.h"
#include "tools/windows_drives.h"

namespace tapir::cli {

namespace {

constexpr const char* kSetExamples =
    "NAME is that of a value, or that of a list, a backslash and the name of an entry. Numbers "
    "are\n"
    "decimal or begin with 0x. The old hive stays beside the new one until that is proven.\n"
    "\n"
    "Examples:\n"
    "  tapir policy set SYSTEM MaxShadowCopies 128\n"
    "  tapir policy set ntfs:disk.img#2 'FilesNotToBackup\\Scratch' 'D:\\Scratch\\* /s'\n"
    "  tapir policy set SYSTEM 'FilesNotToBackup\\Scratch' --remove\n";

struct SetOptions {
  CommonOptions common;
  std::string hive;
  PolicyChange change;
};

/// Where a hive is: a volume or directory, and its path there.
struct HivePlace {
  std::string volume;
  std::string path;
};

/// A file of this machine, or the hive for the value in the Windows of an image.
Result<HivePlace> FindHive(const std::string& hive, const std::string& name) {
  if (!IsNtfsName(hive)) {
    const size_t slash = hive.rfind('/');
    if (slash == std::string::npos) return HivePlace{".", hive};
    return HivePlace{slash == 0 ? "/" : hive.substr(0, slash), hive.substr(slash + 1)};
  }
  TAPIR_ASSIGN_OR_RETURN(const std::unique_ptr<VolumeFiles> files, OpenPlace(hive, false));
  TAPIR_ASSIGN_OR_RETURN(const VolumeRegistry registry, ReadVolumeRegistry(*files, hive));
  if (registry.trees.empty()) {
    return InvalidArgument(hive + ": no Windows with a registry is there");
  }
  const BackupValue* known = FindBackupValue(name.substr(0, name.find('\\')));
  const bool software = known != nullptr && known->hive == RegistryHive::kSoftware;
  return HivePlace{
      hive, registry.windows_directory + "/System32/config/" + (software ? "SOFTWARE" : "SYSTEM")};
}

ExitStatus RunSet(const SetOptions& options) {
  if (options.change.remove != options.change.texts.empty()) {
    throw CLI::ValidationError("VALUE", "give values, or --remove");
  }
  CommandRun run(options.common);
  const Result<HivePlace> place = FindHive(options.hive, options.change.name);
  if (!place.ok()) return run.Fail(place.status());
  const OpenVolumeFiles open = [&](bool writable) { return OpenPlace(place->volume, writable); };
  const Result<ChangedPolicy> changed = ChangePolicy(open, place->path, options.change);
  if (!changed.ok()) return run.Fail(changed.status().Annotate(options.hive));
  for (const std::string& warning : changed->warnings) {
    run.reporter().Report(NoticeKind::kWarning, {}, warning);
  }
  if (run.json()) {
    run.out().Append(ToLine(
        Json{{"key", changed->key}, {"name", changed->value}, {"removed", options.change.remove}}));
  } else {
    run.out().Append(fmt::format("{} {}\\{}\n", options.change.remove ? "removed" : "set",
                                 SafeText(changed->key), SafeText(changed->value)));
  }
  return run.Finish();
}

}  // namespace

Command AddPolicySet(CLI::App& policy) {
  auto options = std::make_shared<SetOptions>();
  CLI::App* app = policy.add_subcommand("set", "Write a value, its type and range checked");
  app->add_option("HIVE", options->hive, "A hive file, or ntfs:IMAGE with a Windows")
      ->required()
      ->type_name("");
  app->add_option("NAME", options->change.name, "The value")->required()->type_name("");
  AddStrings(*app, "VALUE", options->change.texts, "A number, a text, or several texts");
  app->add_flag("--remove", options->change.remove, "Take the value away");
  app->add_flag("--json", options->common.json, "Print JSON, one object per line");
  app->footer(kSetExamples);
  return {app, [options] { return RunSet(*options); }};
}

}  // namespace tapir::cli
