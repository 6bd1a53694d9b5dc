#include "tools/system_state.h"

#include <fmt/format.h>

#include <filesystem>
#include <system_error>

#include "tapir/windows/wtf8.h"
#include "tools/escape.h"
#include "tools/foreign_target.h"
#include "tools/policy_options.h"
#include "tools/size_text.h"
#include "tools/windows_drives.h"

#ifdef TAPIR_WITH_NTFS
#include "tapir/ntfs/ntfs_address.h"
#endif

namespace tapir::cli {
namespace {

#ifdef TAPIR_WITH_NTFS
// Empty: it is not known; what is wrong with the target shows when it is opened.
std::string MountedDeviceNamed(const std::string& target) {
  if (!IsNtfsName(target)) return {};
  const Result<NtfsAddress> address = ParseNtfsAddress(target.substr(kNtfs.size()));
  if (!address.ok()) return {};
  const Result<std::string> device = MountedDeviceOf(*address);
  return device.ok() ? *device : std::string();
}
#else
std::string MountedDeviceNamed(const std::string&) { return {}; }
#endif

Status Outside(const std::string& hives, const std::string& target) {
  return InvalidArgument("--hives " + Quoted(hives) + " is no directory below " + Quoted(target));
}

// Below the root of the target.
Result<std::string> HivesBelow(const std::string& hives, const std::string& target) {
  if (hives.empty() || IsNtfsName(target)) return hives;
  std::error_code error;
  const auto root = std::filesystem::canonical(target, error);
  if (error) return Outside(hives, target);
  const auto directory = std::filesystem::canonical(hives, error);
  if (error) return Outside(hives, target);
  const std::string below = directory.lexically_relative(root).string();
  if (below.empty() || below == "." || below.starts_with("..")) return Outside(hives, target);
  return below;
}

std::string RuleText(const KeyRule& rule) {
  const std::string key = Wtf8(rule.key);
  switch (rule.kind) {
    case KeyRule::Kind::kReplaceKey: return key + "\\";
    case KeyRule::Kind::kMergeKey: return key + "\\*";
    case KeyRule::Kind::kPreserveValue: break;
  }
  return key.empty() ? Wtf8(rule.value) : key + "\\" + Wtf8(rule.value);
}

void TellDecision(const KeyDecision& decision, CommandRun& run) {
  const std::string key = "SYSTEM\\" + Wtf8(decision.key);
  if (!run.json()) return run.reporter().Report(NoticeKind::kNote, key, decision.text);
  run.out().Append(
      ToLine(Json{{"key", key}, {"rule", RuleText(decision.rule)}, {"decision", decision.text}}));
}

std::string Joined(const std::vector<std::string>& texts) {
  std::string joined;
  for (const std::string& text : texts) joined += (joined.empty() ? "" : ", ") + SafeText(text);
  return joined;
}

}  // namespace

void AddSystemState(CLI::App& app, SystemStateOptions& options) {
  CLI::Option* wanted =
      app.add_flag("--system-state", options.wanted,
                   "Of a Windows that is not running: merge the registry with that of the target");
  app.add_option("--hives", options.hives,
                 "Where the target has its hives; System32/config of its Windows unless given")
      ->type_name("DIR")
      ->needs(wanted);
  CLI::Option* bare_metal =
      app.add_flag("--bare-metal", options.bare_metal,
                   "Whole boot and system volumes are restored, onto new disks")
          ->needs(wanted);
  AddStrings(app, "--restored-volume", options.restored_volumes,
             "A volume restored, \\\\?\\Volume{GUID}; found in MountedDevices unless given")
      ->type_name("NAME")
      ->needs(bare_metal);
  app.add_option("--sysvol", options.sysvol, "How SYSVOL takes part in replication from now on")
      ->type_name("authoritative|non-authoritative")
      ->check(CLI::IsMember({"authoritative", "non-authoritative"}))
      ->needs(wanted);
  AddStrings(app, "--pending", options.pending,
             "Put these files into place at the next start of Windows; may be repeated")
      ->type_name("PATTERN")
      ->needs(wanted);
}

Result<SystemStateReport> RestoreStateAsAsked(const SystemStateOptions& options,
                                              const RestoreRequest& restore, bool target_is_new,
                                              const std::vector<std::string>& drives,
                                              CommandRun& run) {
  const std::string& target = restore.target.directory;
  SystemStateRequest request;
  request.restore = restore;
  request.open_files = [target](bool writable) { return OpenPlace(target, writable); };
  request.target_is_new = target_is_new;
  TAPIR_ASSIGN_OR_RETURN(request.hives, HivesBelow(options.hives, target));
  request.bare_metal = options.bare_metal;
  request.restored_volumes = options.restored_volumes;
  request.mounted_device = target_is_new ? std::string() : MountedDeviceNamed(target);
  if (!options.sysvol.empty()) request.sysvol = options.sysvol;
  request.pending = options.pending;
  TAPIR_ASSIGN_OR_RETURN(const auto parsed, ParseDrives(drives));
  for (const auto& [letter, path] : parsed) {
    if (path == ".") request.drive_letter = letter;
  }
  request.take_decision = [&run](const KeyDecision& decision) { TellDecision(decision, run); };
  return RestoreSystemState(request);
}

Json SystemStateAsObject(const SystemStateReport& report) {
  Json object{{"hives", report.hives},
              {"last_restore_id", report.restore_id},
              {"last_instance", report.last_instance},
              {"restored_volumes", report.restored_volumes},
              {"pending", report.pending},
              {"staging_directory", report.staging_directory},
              {"operations_file", report.operations_file},
              {"at_next_start", report.at_next_start}};
  if (report.run) {
    object["operations_done"] = report.run->done;
    object["operations_failed"] = report.run->failed;
    object["restore_status_result"] = report.run->restore_status_result;
    object["restore_status_details"] = report.run->restore_status_details;
  }
  return object;
}

std::string SystemStateSummary(const SystemStateReport& report) {
  std::string text;
  if (!report.hives.empty()) text += "merged " + Joined(report.hives) + "\n";
  if (!report.restore_id.empty()) text += "LastRestoreId " + report.restore_id + "\n";
  if (!report.last_instance.empty()) text += "LastInstance " + report.last_instance + "\n";
  if (report.pending.empty()) return text;
  const std::string files = Counted(report.pending.size(), "file");
  if (report.at_next_start) {
    return text + fmt::format("{} put into place at the next start: {}, by {}\n", files,
                              SafeText(report.staging_directory), SafeText(report.operations_file));
  }
  return text + fmt::format("{} staged and put into place, as {} says: {} done, {} failed\n", files,
                            SafeText(report.operations_file), FormatCount(report.run->done),
                            FormatCount(report.run->failed));
}

}  // namespace tapir::cli
