#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "tapir/base/status.h"

namespace tapir {

/// Why a call of VolumeFiles failed, as far as Windows tells it apart.
enum class FileFailure {
  kOther,           ///< none of these: an error of the device
  kNotFound,        ///< the parent is there, the name is not
  kParentNotFound,  ///< a component above is not there or no directory
  kAccessDenied,    ///< permissions, or a file of the file system itself
  kExists,          ///< the target is there
  kAmbiguous,       ///< several names differ from the one given only in case
  kIsDirectory,     ///< where a file is wanted
  kNotDirectory,    ///< where a directory is wanted
  kDirectoryNotEmpty,
  kOtherVolume,  ///< another file system is mounted there
  kNoSpace,
  kWriteProtected,  ///< opened for reading, or a medium that cannot be written
  kInvalidName,
  kUnsupported,  ///< this kind of file, or of volume, cannot do it
  kDamaged,      ///< the volume itself
};

/// A failure of that kind. FailureOf gives the kind again.
Status FileFailed(FileFailure why, std::string message);
/// Of a failure of VolumeFiles, also one that comes from errno.
FileFailure FailureOf(const Status& failure);

struct VolumeFileInfo {
  bool is_directory = false;
  uint64_t size_bytes = 0;  ///< of a file's contents
  std::string name;         ///< the last component as the volume has it
};

/// The few things that are done to files of a Windows volume which is not running: by a restore of
/// system state, and by operations that were put off until the start.
///
/// Paths are WTF-8, components joined by '/', "." the root; found without regard to case as NTFS
/// does, a name of the same case first. Links are never followed.
/// Failures tell by FailureOf why. Single-thread.
class VolumeFiles {
 public:
  virtual ~VolumeFiles() = default;

  virtual Result<VolumeFileInfo> Stat(const std::string& path) = 0;
  /// Names of a directory, in no order; of short names only the long ones.
  virtual Result<std::vector<std::string>> NamesIn(const std::string& directory) = 0;

  /// All of a file. kLimitExceeded if it is larger.
  virtual Result<std::string> Read(const std::string& path, uint64_t most_bytes) = 0;
  /// Gives a file other contents and keeps all else that it has, or makes a new one in a directory
  /// that is there. If it fails for want of room, the old contents are as before.
  virtual Status Write(const std::string& path, std::span<const std::byte> contents) = 0;
  /// Gives a file another name. Its short name does not go with it. Never over something, but the
  /// case of its own name may change.
  virtual Status Move(const std::string& from, const std::string& to) = 0;
  /// A file, or an empty directory, read-only or not.
  virtual Status Delete(const std::string& path) = 0;
  /// In place of the short name that it has. kExists if another name of the directory is the same.
  virtual Status SetShortName(const std::string& path, const std::string& short_name) = 0;

  /// Brings everything to the disk. Nothing may follow it.
  virtual Status Finish() = 0;
};

}  // namespace tapir
