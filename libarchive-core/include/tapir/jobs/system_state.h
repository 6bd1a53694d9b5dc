#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "tapir/base/ambient.h"
#include "tapir/base/status.h"
#include "tapir/jobs/compare_job.h"
#include "tapir/jobs/delayed_run.h"
#include "tapir/jobs/hive_update.h"
#include "tapir/jobs/restore_job.h"
#include "tapir/windows/key_rule.h"

namespace tapir {

struct SystemStateRequest {
  /// What is restored, and where. Its `wrap_target` is not read.
  RestoreRequest restore;
  /// The same target as files. A failure of kind FileFailure::kNotFound: it is yet to be made.
  OpenVolumeFiles open_files;
  bool target_is_new = false;  ///< the restore makes it, whatever is there
  /// The directory of the target's hives, below its root; empty: that of the Windows found there.
  std::string hives;
  /// Whole boot and system volumes are restored, onto disks that held nothing.
  bool bare_metal = false;
  /// bare_metal: volumes that are restored, "\\?\Volume{GUID}". Empty: the names of the target.
  std::vector<std::string> restored_volumes;
  /// What MountedDevices names the target by (see MountedDeviceOf); empty: not known.
  std::string mounted_device;
  std::optional<std::string> sysvol;  ///< "authoritative" or "non-authoritative"
  /// Files that are put into place at the next start; see PathPattern.
  std::vector<std::string> pending;
  /// The drive letter of the target; nothing: what MountedDevices says, else C.
  std::optional<char16_t> drive_letter;
  std::function<void(const KeyDecision&)> take_decision;  ///< may be empty
  Ambient* ambient = &Ambient::System();                  ///< not owned
};

struct SystemStateReport {
  RestoreReport restore;
  std::vector<std::string> hives;  ///< that were written, paths
  std::string restore_id;          ///< LastRestoreId; empty: left as it was
  std::string last_instance;       ///< bare_metal
  std::vector<std::string> restored_volumes;
  std::vector<std::string> pending;  ///< files that were staged: where they belong
  std::string staging_directory;     ///< pending only
  std::string operations_file;       ///< pending only, in the root
  bool at_next_start = false;        ///< SetupExecute has it done; else it was done at once
  std::optional<DelayedRunReport> run;
};

/// Restores the system state of a Windows that is not running: files as Restore does, but hives
/// SYSTEM and SOFTWARE that are on the target are not overwritten. They are merged: what is
/// restored is byte for byte that of the session, but what KeysNotToRestore of either side keeps of
/// the target (see KeepKeys), LastRestoreId (not with bare_metal), LastInstance and RestoredVolumes
/// (bare_metal), SYSVOL, SetupExecute and the status of operations that were carried out. They are
/// written as ReplaceHives does; what a run that was killed left beside them is put back first,
/// with a warning.
///
/// Files that are pending, and those that the target refuses because they are in use or protected,
/// are staged in a directory of the root. Operations (see RunDelayedOperations) that put them into
/// place are left to Srdelayed.exe at the next start, by SetupExecute, where the target has that
/// program; else they are carried out at once, with RestoreStatusResult and RestoreStatusDetails.
///
/// Nothing is restored if the target's hives cannot be read, or what is selected holds no SYSTEM
/// hive (kNotFound), as far as the volume can be listed. After a failure or interruption the hives
/// are as they were before. Errors as Restore, ReadHive and ReplaceHives.
Result<SystemStateReport> RestoreSystemState(const SystemStateRequest& request);

/// Whether a difference between the archive and what was restored from it is meant: hives that were
/// merged, files that wait for the next start, and times that changed with them.
bool IsMeantBySystemState(const SystemStateReport& report, const Difference& difference);

}  // namespace tapir
