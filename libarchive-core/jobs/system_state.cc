#include "tapir/jobs/system_state.h"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <set>
#include <span>
#include <utility>

#include "bytes/cursor.h"
#include "jobs/folded_path.h"
#include "jobs/held_back_target.h"
#include "jobs/pending_files.h"
#include "jobs/system_hives.h"
#include "tapir/base/hex.h"
#include "tapir/jobs/list_job.h"
#include "tapir/jobs/policy_reading.h"
#include "tapir/object/path_order.h"
#include "tapir/windows/delayed_operations.h"
#include "windows/file_time.h"

namespace tapir {
namespace {

constexpr const char* kSystemName = "/SYSTEM";
constexpr const char* kSoftwareName = "/SOFTWARE";
constexpr const char* kUsualHives = "/System32/config";
constexpr std::u16string_view kAsrKeys = u"Microsoft\\Windows NT\\CurrentVersion\\ASR";
constexpr std::string_view kStagingPrefix = "Tapir-Staging-";
constexpr std::array<const char*, 4> kHiveSuffixes = {"", ".LOG", ".LOG1", ".LOG2"};

// A hive on its way from the session onto the target.
struct HiveUnderWay {
  std::string path;
  std::optional<HiveContents> existing;  ///< what the target had
  std::optional<HiveContents> restored;
};

class SystemStateRestore {
 public:
  explicit SystemStateRestore(const SystemStateRequest& request)
      : request_(request), reporter_(*request.restore.target.reporter) {}

  Result<SystemStateReport> Run() {
    TAPIR_RETURN_IF_ERROR(LookAtTarget());
    TAPIR_RETURN_IF_ERROR(LookAtSession());
    TAPIR_RETURN_IF_ERROR(RestoreFiles());
    if (report_.restore.interrupted) return std::move(report_);
    TAPIR_RETURN_IF_ERROR(TakeRestored());
    TAPIR_RETURN_IF_ERROR(MergeSystem());
    TAPIR_RETURN_IF_ERROR(SetRestoredVolumes());
    TAPIR_RETURN_IF_ERROR(PlacePending());
    TAPIR_RETURN_IF_ERROR(WriteHives());
    return std::move(report_);
  }

 private:
  void Tell(NoticeKind kind, const std::string& subject, const std::string& text) {
    reporter_.Report(kind, subject, text);
  }

  std::string RandomName(std::string_view prefix) {
    std::array<std::byte, 4> random{};
    request_.ambient->FillRandom(random);
    return std::string(prefix) + Hex(random);
  }

  Result<std::unique_ptr<VolumeFiles>> Open(bool writable) { return request_.open_files(writable); }

  void NameHives(const std::string& directory) {
    directory_ = directory;
    system_.path = directory + kSystemName;
    software_.path = directory + kSoftwareName;
  }

  Status ReadExisting(VolumeFiles& files, HiveUnderWay& hive, const ReadHiveOptions& options) {
    if (!files.Stat(hive.path).ok()) return OkStatus();
    TAPIR_ASSIGN_OR_RETURN(HiveBytes bytes, ReadHiveBytes(files, hive.path));
    Result<HiveContents> contents = ReadHive(std::move(bytes), options);
    if (!contents.ok()) {
      return std::move(contents).status().Annotate("'" + hive.path + "' of the target");
    }
    TellOfHive(hive.path + " of the target", *contents);
    hive.existing = *std::move(contents);
    for (const char* suffix : kHiveSuffixes) {
      held_back_.hives.insert(FoldedPath(hive.path + suffix));
    }
    return OkStatus();
  }

  void TellOfHive(const std::string& name, const HiveContents& contents) {
    for (const std::string& warning : contents.warnings) {
      Tell(NoticeKind::kWarning, name, warning);
    }
  }

  Status FindHives() {
    Result<std::unique_ptr<VolumeFiles>> files = Open(false);
    const bool is_new = request_.target_is_new ||
                        (!files.ok() && FailureOf(files.status()) == FileFailure::kNotFound);
    if (is_new) return OkStatus();
    if (!files.ok()) return std::move(files).status();
    std::string directory = request_.hives;
    if (directory.empty()) {
      TAPIR_ASSIGN_OR_RETURN(directory, FindWindowsDirectory(**files));
      if (!directory.empty()) directory += kUsualHives;
    }
    if (!directory.empty()) NameHives(directory);
    TAPIR_ASSIGN_OR_RETURN(const std::vector<std::string> names, (*files)->NamesIn("."));
    for (const std::string& name : names) {
      if (!name.starts_with(kStagingPrefix)) continue;
      Tell(NoticeKind::kNote, name, "was left by an earlier restore of system state");
    }
    return (*files)->Finish();
  }

  Status LookAtTarget() {
    for (const std::string& pattern : request_.pending) {
      held_back_.pending.emplace_back(pattern);
    }
    held_back_.staging_directory = RandomName(kStagingPrefix);
    TAPIR_RETURN_IF_ERROR(FindHives());
    if (directory_.empty()) return OkStatus();
    TAPIR_ASSIGN_OR_RETURN(const std::vector<std::string> put_back,
                           PutBackHives(request_.open_files, {system_.path, software_.path}));
    for (const std::string& path : put_back) {
      Tell(NoticeKind::kWarning, path, "put back as it was before a restore that did not end");
    }
    TAPIR_ASSIGN_OR_RETURN(const std::unique_ptr<VolumeFiles> files, Open(false));
    TAPIR_RETURN_IF_ERROR(ReadExisting(*files, system_, {}));
    // Of this one, which may be large, nothing else is kept.
    TAPIR_RETURN_IF_ERROR(ReadExisting(*files, software_, {{std::u16string(kAsrKeys)}}));
    return files->Finish();
  }

  // Of a stream nothing is known before.
  Status LookAtSession() {
    struct stat info {};
    const std::string& volume = request_.restore.volume;
    const bool is_pipe = ::stat(volume.c_str(), &info) == 0 && S_ISFIFO(info.st_mode);
    if (volume == "-" || is_pipe) return OkStatus();
    bool is_there = false;
    const std::u16string wanted = FoldedPath(system_.path);
    const std::u16string usual = FoldedPath(std::string(kUsualHives) + kSystemName);
    const auto listed =
        ListObjects(volume, request_.restore.selection, [&](const ListedEntry& one) {
          const std::u16string path = FoldedPath(one.entry.path);
          is_there = is_there || (directory_.empty() ? path.ends_with(usual) : path == wanted);
          return OkStatus();
        });
    if (!listed.ok()) return listed.status();
    return is_there ? OkStatus() : NoHive();
  }

  Status NoHive() const {
    return NotFound("what is selected holds no " +
                    (directory_.empty() ? "System32/config/SYSTEM" : system_.path));
  }

  Status RestoreFiles() {
    RestoreRequest restore = request_.restore;
    restore.wrap_target = [this](std::unique_ptr<ObjectTarget> target) {
      return std::unique_ptr<ObjectTarget>(
          std::make_unique<HeldBackTarget>(std::move(target), held_back_, outcome_, reporter_));
    };
    TAPIR_ASSIGN_OR_RETURN(report_.restore, Restore(restore));
    return OkStatus();
  }

  Status TakeHive(VolumeFiles& files, HiveUnderWay& hive) {
    HiveBytes bytes;
    if (hive.existing) {
      const auto kept = [&](const char* suffix) {
        return std::move(outcome_.kept[FoldedPath(hive.path + suffix)]);
      };
      bytes = {kept(""), kept(".LOG"), kept(".LOG1"), kept(".LOG2")};
      if (bytes.hive.empty()) return OkStatus();
    } else {
      if (!files.Stat(hive.path).ok()) return OkStatus();
      TAPIR_ASSIGN_OR_RETURN(bytes, ReadHiveBytes(files, hive.path));
    }
    Result<HiveContents> contents = ReadHive(std::move(bytes));
    if (!contents.ok()) {
      return std::move(contents).status().Annotate("'" + hive.path + "' of the session");
    }
    TellOfHive(hive.path + " of the session", *contents);
    hive.restored = *std::move(contents);
    return OkStatus();
  }

  Status TakeRestored() {
    TAPIR_ASSIGN_OR_RETURN(const std::unique_ptr<VolumeFiles> files, Open(false));
    if (directory_.empty()) {
      TAPIR_ASSIGN_OR_RETURN(const std::string windows, FindWindowsDirectory(*files));
      if (windows.empty()) return NoHive();
      NameHives(windows + kUsualHives);
    }
    TAPIR_RETURN_IF_ERROR(TakeHive(*files, system_));
    if (!system_.restored) return NoHive();
    TAPIR_RETURN_IF_ERROR(TakeHive(*files, software_));
    if (!software_.restored && software_.existing) {
      Tell(NoticeKind::kWarning, software_.path, "not in the session: that of the target stays");
      TAPIR_RETURN_IF_ERROR(ReadExisting(*files, software_, {}));
    }
    now_ = ToWindowsTime(request_.ambient->Now());
    return files->Finish();
  }

  void WarnOfSelect(const std::string& side, const RegistryKey& system) {
    const auto current = SelectedControlSet(system, ControlSet::kCurrent);
    const auto next = SelectedControlSet(system, ControlSet::kDefault);
    if (!current.ok() || !next.ok() || *current == *next) return;
    Tell(NoticeKind::kWarning, system_.path,
         side + " starts another control set next (Select, Default) than it ran last (Current)");
  }

  Status MergeSystem() {
    RegistryKey& restored = system_.restored->root;
    TAPIR_ASSIGN_OR_RETURN(control_set_, ControlSetName(restored, ControlSet::kDefault));
    WarnOfSelect("the restored registry", restored);
    if (system_.existing) {
      WarnOfSelect("the registry of the target", system_.existing->root);
      TAPIR_ASSIGN_OR_RETURN(const KeptKeys kept, KeepKeysOfBoth(system_.existing->root, restored));
      for (const std::string& warning : kept.warnings) {
        Tell(NoticeKind::kWarning, system_.path, warning);
      }
      for (const KeyDecision& decision : kept.decisions) {
        if (request_.take_decision) request_.take_decision(decision);
      }
    }
    if (!request_.bare_metal) {
      report_.restore_id = NewRegistryGuid(*request_.ambient);
      TAPIR_RETURN_IF_ERROR(
          SetBackupValue(restored, control_set_, "LastRestoreId", {report_.restore_id}, now_));
      system_changed_ = true;
    }
    if (request_.sysvol) {
      TAPIR_RETURN_IF_ERROR(
          SetBackupValue(restored, control_set_, "SYSVOL", {*request_.sysvol}, now_));
      system_changed_ = true;
    }
    return OkStatus();
  }

  // The hive that will be there: that of the session, or what the target has.
  HiveContents* Software() {
    if (software_.restored) return &*software_.restored;
    return software_.existing ? &*software_.existing : nullptr;
  }

  Status SetRestoredVolumes() {
    if (!request_.bare_metal) return OkStatus();
    HiveContents* software = Software();
    if (software == nullptr) return NotFound("there is no " + software_.path);
    std::vector<std::string> volumes = BackupStrings(software->root, "RestoredVolumes");
    const auto add = [&](const std::vector<std::string>& more) {
      for (const std::string& one : more) {
        const auto same = [&](const std::string& there) {
          return FoldedPath(there) == FoldedPath(one);
        };
        if (std::none_of(volumes.begin(), volumes.end(), same)) volumes.push_back(one);
      }
    };
    if (software_.existing) add(BackupStrings(software_.existing->root, "RestoredVolumes"));
    std::vector<std::string> restored = request_.restored_volumes;
    if (restored.empty()) restored = VolumeNamesOf(system_.restored->root, request_.mounted_device);
    if (restored.empty()) {
      Tell(NoticeKind::kWarning, software_.path,
           "MountedDevices has no name of the volume for RestoredVolumes (--restored-volume)");
    }
    add(restored);
    report_.last_instance = NewRegistryGuid(*request_.ambient);
    TAPIR_RETURN_IF_ERROR(
        SetBackupValue(software->root, {}, "LastInstance", {report_.last_instance}, now_));
    if (!volumes.empty()) {
      TAPIR_RETURN_IF_ERROR(SetBackupValue(software->root, {}, "RestoredVolumes", volumes, now_));
    }
    report_.restored_volumes = std::move(volumes);
    software_changed_ = true;
    return OkStatus();
  }

  char16_t DriveLetter() const {
    if (request_.drive_letter) return *request_.drive_letter;
    for (const auto& [letter, device] : MountedDrives(system_.restored->root)) {
      const bool is_it = !request_.mounted_device.empty() && device == request_.mounted_device;
      if (is_it) return letter;
    }
    return u'C';
  }

  Status PlacePending() {
    if (outcome_.staged.empty()) return OkStatus();
    TAPIR_ASSIGN_OR_RETURN(const std::unique_ptr<VolumeFiles> files, Open(true));
    Status placed = PlacePendingOn(*files);
    Status finished = files->Finish();
    return placed.ok() ? finished : placed;
  }

  Status PlacePendingOn(VolumeFiles& files) {
    const std::string program = ParentPath(directory_) + "/srdelayed.exe";
    const bool has_program = files.Stat(program).ok();
    const char16_t letter = DriveLetter();
    const PendingFiles pending{outcome_.staged, held_back_.staging_directory, letter,
                               has_program || request_.restore.open_target != nullptr};
    report_.staging_directory = held_back_.staging_directory;
    report_.operations_file = RandomName("tapir-delayed-");
    report_.at_next_start = has_program;
    TAPIR_ASSIGN_OR_RETURN(std::string operations,
                           OperationsOfPending(files, pending, reporter_, report_.pending));
    if (!has_program) {
      DelayedBytes file(std::move(operations));
      TAPIR_RETURN_IF_ERROR(CarryOut(files, letter, file));
      return files.Write(report_.operations_file, AsBytes(file.bytes()));
    }
    AddSetupExecute(
        system_.restored->root, control_set_,
        SetupExecuteString(OnDrive(letter, program), OnDrive(letter, report_.operations_file)),
        now_);
    system_changed_ = true;
    return files.Write(report_.operations_file, AsBytes(operations));
  }

  Status CarryOut(VolumeFiles& files, char16_t letter, DelayedBytes& file) {
    DelayedRunRequest run;
    run.file = &file;
    run.volumes[std::string(1, static_cast<char>(letter)) + ":"] = &files;
    run.on_record = [this](const DelayedRecord& record) {
      if (record.outcome != DelayedOutcome::kFailed) return;
      Tell(NoticeKind::kFailure, record.operation.target, record.why);
    };
    TAPIR_ASSIGN_OR_RETURN(report_.run, RunDelayedOperations(run));
    if (HiveContents* software = Software()) {
      SetRestoreStatus(software->root, report_.run->restore_status_result,
                       report_.run->restore_status_details, now_);
      software_changed_ = true;
    }
    return OkStatus();
  }

  void AddChange(HiveUnderWay& hive, bool is_changed, std::vector<HiveChange>& changes) {
    // What was held back is written also if nothing of it was changed.
    if (!is_changed && !(hive.existing && hive.restored)) return;
    HiveContents& contents = hive.restored ? *hive.restored : *hive.existing;
    HiveChange change{hive.path, std::move(contents.root), contents.description};
    uint32_t sequence = contents.description.sequence;
    if (hive.existing) sequence = std::max(sequence, hive.existing->description.sequence);
    change.description.sequence = sequence + 1;
    change.description.last_written = now_;
    changes.push_back(std::move(change));
  }

  Status WriteHives() {
    std::vector<HiveChange> changes;
    AddChange(system_, system_changed_, changes);
    AddChange(software_, software_changed_, changes);
    if (changes.empty()) return OkStatus();
    TAPIR_RETURN_IF_ERROR(ReplaceHives(request_.open_files, changes));
    for (const HiveChange& change : changes) report_.hives.push_back(change.path);
    return OkStatus();
  }

  const SystemStateRequest& request_;
  Reporter& reporter_;
  SystemStateReport report_;
  HeldBackFiles held_back_;
  HeldBackTarget::Outcome outcome_;
  std::string directory_;  ///< of the hives
  HiveUnderWay system_;
  HiveUnderWay software_;
  std::u16string control_set_;  ///< of the next start
  bool system_changed_ = false;
  bool software_changed_ = false;
  uint64_t now_ = 0;
};

}  // namespace

Result<SystemStateReport> RestoreSystemState(const SystemStateRequest& request) {
  return SystemStateRestore(request).Run();
}

bool IsMeantBySystemState(const SystemStateReport& report, const Difference& difference) {
  const std::u16string path = FoldedPath(difference.path);
  const bool is_time =
      difference.kind == DifferenceKind::kTimes || difference.kind == DifferenceKind::kMtime;
  const auto lies_at = [&](const std::string& one) { return FoldedPath(one) == path; };
  const auto lies_in = [&](const std::string& one) { return FoldedPath(ParentPath(one)) == path; };
  for (const std::string& hive : report.hives) {
    for (const char* suffix : kHiveSuffixes) {
      if (lies_at(hive + suffix)) return true;
    }
    if (is_time && lies_in(hive)) return true;
  }
  for (const std::string& one : report.pending) {
    if (lies_at(one) && (report.at_next_start || is_time)) return true;
    if (is_time && lies_in(one)) return true;
  }
  return is_time && !report.pending.empty() && difference.path == ".";
}

}  // namespace tapir
