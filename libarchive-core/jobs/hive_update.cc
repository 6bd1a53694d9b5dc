#include "tapir/jobs/hive_update.h"

#include <algorithm>
#include <array>
#include <utility>

#include "bytes/cursor.h"

namespace tapir {
namespace {

constexpr std::array<const char*, 3> kLogSuffixes = {".LOG", ".LOG1", ".LOG2"};
constexpr const char* kOldSuffix = ".tapir-old";
// A copy that may not be complete.
constexpr const char* kPartSuffix = ".tapir-part";

using HiveStep = std::function<Status(VolumeFiles& files, size_t hive)>;

// For so many hives; all of it is on the disk then.
Status OnEach(size_t count, const OpenVolumeFiles& open, bool writable, const HiveStep& step) {
  TAPIR_ASSIGN_OR_RETURN(const std::unique_ptr<VolumeFiles> files, open(writable));
  Status done;
  for (size_t i = 0; i < count && done.ok(); ++i) done = step(*files, i);
  Status finished = files->Finish();
  return done.ok() ? finished : done;
}

bool HasFile(VolumeFiles& files, const std::string& path) { return files.Stat(path).ok(); }

Status DeleteIfThere(VolumeFiles& files, const std::string& path) {
  return HasFile(files, path) ? files.Delete(path) : OkStatus();
}

Result<std::string> ReadIfThere(VolumeFiles& files, const std::string& path) {
  Result<std::string> read = files.Read(path, kMostHiveBytes);
  if (!read.ok() && FailureOf(read.status()) == FileFailure::kNotFound) return std::string();
  return read;
}

// Copies of logs, and what was not completed.
Status DropRemains(VolumeFiles& files, const std::string& path) {
  for (const char* suffix : kLogSuffixes) {
    TAPIR_RETURN_IF_ERROR(DeleteIfThere(files, path + suffix + kOldSuffix));
  }
  return DeleteIfThere(files, path + kPartSuffix);
}

bool HasRemains(VolumeFiles& files, const std::string& path) {
  bool is_left = HasFile(files, path + kOldSuffix) || HasFile(files, path + kPartSuffix);
  for (const char* suffix : kLogSuffixes) {
    is_left = is_left || HasFile(files, path + suffix + kOldSuffix);
  }
  return is_left;
}

Status DropOld(VolumeFiles& files, const std::string& path) {
  // The copy of the hive says that those of the logs are complete: it goes first.
  TAPIR_RETURN_IF_ERROR(DeleteIfThere(files, path + kOldSuffix));
  return DropRemains(files, path);
}

Status CopyWhole(VolumeFiles& files, const std::string& from, const std::string& to) {
  TAPIR_ASSIGN_OR_RETURN(const std::string bytes, files.Read(from, kMostHiveBytes));
  TAPIR_RETURN_IF_ERROR(files.Write(to, AsBytes(bytes)));
  TAPIR_ASSIGN_OR_RETURN(const std::string copied, files.Read(to, kMostHiveBytes));
  return copied == bytes ? OkStatus() : Corrupt("'" + to + "' is not what was written");
}

// Whether there was something to put back.
Result<bool> PutBackOne(VolumeFiles& files, const std::string& path) {
  const bool is_kept = HasFile(files, path + kOldSuffix);
  if (is_kept) {
    TAPIR_RETURN_IF_ERROR(CopyWhole(files, path + kOldSuffix, path));
    for (const char* suffix : kLogSuffixes) {
      const std::string log = path + suffix;
      if (!HasFile(files, log + kOldSuffix)) continue;
      TAPIR_RETURN_IF_ERROR(CopyWhole(files, log + kOldSuffix, log));
    }
  }
  return is_kept;
}

class HiveReplacement {
 public:
  HiveReplacement(const OpenVolumeFiles& open, const std::vector<HiveChange>& changes)
      : open_(open), changes_(changes) {}

  Status Run() {
    for (const HiveChange& change : changes_) {
      Result<std::string> built = BuildHive(change.root, change.description);
      if (!built.ok()) return std::move(built).status().Annotate(change.path);
      bytes_.push_back(*std::move(built));
    }
    Status replaced = Replace();
    if (replaced.ok()) return DropAll();
    const Status back = PutBack();
    if (back.ok()) return std::move(replaced).Annotate("the registry is as it was");
    return std::move(replaced).Annotate("the old registry is beside it as *.tapir-old (" +
                                        back.message() + ")");
  }

 private:
  Status OnAll(bool writable, const HiveStep& step) {
    return OnEach(changes_.size(), open_, writable, step);
  }

  Status Replace() {
    TAPIR_RETURN_IF_ERROR(OnAll(true, [this](VolumeFiles& files, size_t hive) {
      return CopyOld(files, changes_[hive].path);
    }));
    TAPIR_RETURN_IF_ERROR(OnAll(true, [this](VolumeFiles& files, size_t hive) {
      const std::string& path = changes_[hive].path;
      return files.Move(path + kPartSuffix, path + kOldSuffix);
    }));
    TAPIR_RETURN_IF_ERROR(OnAll(true, [this](VolumeFiles& files, size_t hive) {
      return WriteNew(files, changes_[hive].path, bytes_[hive]);
    }));
    return OnAll(false, [this](VolumeFiles& files, size_t hive) {
      return Prove(files, changes_[hive], bytes_[hive]);
    });
  }

  // The first one last: as long as its copy is there, the next run begins with the old ones.
  Status DropAll() {
    return OnAll(true, [this](VolumeFiles& files, size_t hive) {
      return DropOld(files, changes_[changes_.size() - 1 - hive].path);
    });
  }

  static Status CopyOld(VolumeFiles& files, const std::string& path) {
    TAPIR_RETURN_IF_ERROR(DropRemains(files, path));
    for (const char* suffix : kLogSuffixes) {
      const std::string log = path + suffix;
      if (!HasFile(files, log)) continue;
      TAPIR_RETURN_IF_ERROR(CopyWhole(files, log, log + kOldSuffix));
    }
    return CopyWhole(files, path, path + kPartSuffix);
  }

  static Status WriteNew(VolumeFiles& files, const std::string& path, const std::string& bytes) {
    for (const char* suffix : kLogSuffixes) {
      // An old log must not be replayed onto the new hive.
      if (HasFile(files, path + suffix)) TAPIR_RETURN_IF_ERROR(files.Write(path + suffix, {}));
    }
    return files.Write(path, AsBytes(bytes));
  }

  static Status Prove(VolumeFiles& files, const HiveChange& change, const std::string& bytes) {
    TAPIR_ASSIGN_OR_RETURN(HiveBytes read, ReadHiveBytes(files, change.path));
    if (read.hive != bytes) return Corrupt("'" + change.path + "' is not what was written");
    const Result<HiveContents> contents = ReadHive(std::move(read));
    if (!contents.ok()) return contents.status().Annotate(change.path);
    if (contents->root == change.root && !contents->was_stale) return OkStatus();
    return Corrupt("'" + change.path + "' does not read as the tree that was written");
  }

  Status PutBack() {
    TAPIR_RETURN_IF_ERROR(OnAll(true, [this](VolumeFiles& files, size_t hive) {
      return PutBackOne(files, changes_[hive].path).status();
    }));
    return DropAll();
  }

  const OpenVolumeFiles& open_;
  const std::vector<HiveChange>& changes_;
  std::vector<std::string> bytes_;
};

}  // namespace

Result<HiveBytes> ReadHiveBytes(VolumeFiles& files, const std::string& path) {
  HiveBytes bytes;
  TAPIR_ASSIGN_OR_RETURN(bytes.hive, files.Read(path, kMostHiveBytes));
  TAPIR_ASSIGN_OR_RETURN(bytes.log, ReadIfThere(files, path + ".LOG"));
  TAPIR_ASSIGN_OR_RETURN(bytes.log1, ReadIfThere(files, path + ".LOG1"));
  TAPIR_ASSIGN_OR_RETURN(bytes.log2, ReadIfThere(files, path + ".LOG2"));
  return bytes;
}

Status ReplaceHives(const OpenVolumeFiles& open, const std::vector<HiveChange>& changes) {
  return HiveReplacement(open, changes).Run();
}

Result<std::vector<std::string>> PutBackHives(const OpenVolumeFiles& open,
                                              const std::vector<std::string>& paths) {
  std::vector<std::string> left;
  TAPIR_RETURN_IF_ERROR(OnEach(paths.size(), open, false, [&](VolumeFiles& files, size_t hive) {
    if (HasRemains(files, paths[hive])) left.push_back(paths[hive]);
    return OkStatus();
  }));
  std::vector<std::string> put_back;
  if (left.empty()) return put_back;
  TAPIR_RETURN_IF_ERROR(OnEach(left.size(), open, true, [&](VolumeFiles& files, size_t hive) {
    const Result<bool> was_kept = PutBackOne(files, left[hive]);
    if (was_kept.ok() && *was_kept) put_back.push_back(left[hive]);
    return was_kept.status();
  }));
  TAPIR_RETURN_IF_ERROR(OnEach(left.size(), open, true, [&](VolumeFiles& files, size_t hive) {
    return DropOld(files, left[hive]);
  }));
  return put_back;
}

}  // namespace tapir
