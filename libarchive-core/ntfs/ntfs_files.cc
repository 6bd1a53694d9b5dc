#include "tapir/ntfs/ntfs_files.h"

#include <algorithm>
#include <optional>
#include <unordered_map>
#include <utility>

#include "ntfs/directories.h"
#include "ntfs/name_calls.h"
#include "ntfs/names.h"
#include "ntfs/plain_contents.h"
#include "ntfs/short_name.h"
#include "tapir/object/path_order.h"
#include "tapir/windows/upcase.h"
#include "tapir/windows/wtf8.h"

namespace tapir {
namespace {

using ntfs::Found;
using ntfs::OwnName;
using ntfs::SplitPath;
using ntfs::Volume;

// A path looked up: the directory is there, the name may be.
struct LookedUp {
  uint64_t directory = 0;
  std::u16string given;
  std::optional<Found> found;
  std::u16string name;  ///< as it is there
};

// A name that is no short one: the one meant, or the one whose short name is meant.
std::u16string LongName(const std::vector<OwnName>& names, const std::u16string& given) {
  const auto is_long = [](const OwnName& one) { return one.kind != FILE_NAME_DOS; };
  const std::u16string folded = Upcase(given);
  const OwnName* meant = nullptr;
  for (const OwnName& one : names) {
    if (!is_long(one)) continue;
    if (one.name == given) return given;
    const bool same = Upcase(one.name) == folded;
    if (meant == nullptr || same ||
        (one.kind == FILE_NAME_WIN32 && Upcase(meant->name) != folded)) {
      meant = &one;
    }
  }
  return meant == nullptr ? given : meant->name;
}

int AppendLongName(void* into, const ntfschar* name, const int length, const int type,
                   const s64 /*at*/, const MFT_REF /*reference*/, const unsigned /*kind*/) {
  if ((type & FILE_NAME_WIN32_AND_DOS) == FILE_NAME_DOS) return 0;
  std::u16string text = ntfs::NameFrom(name, static_cast<size_t>(length));
  if (text == u"." || text == u"..") return 0;
  static_cast<std::vector<std::string>*>(into)->push_back(Wtf8(text));
  return 0;
}

class NtfsFiles final : public VolumeFiles {
 public:
  NtfsFiles(std::shared_ptr<Volume> volume, bool writable)
      : volume_(std::move(volume)), directories_(*volume_), writable_(writable) {}

  Result<VolumeFileInfo> Stat(const std::string& path) override {
    const auto lock = volume_->Lock();
    return Judged(path, StatLocked(path));
  }
  Result<std::vector<std::string>> NamesIn(const std::string& directory) override {
    const auto lock = volume_->Lock();
    return Judged(directory, List(directory));
  }
  Result<std::string> Read(const std::string& path, uint64_t most_bytes) override {
    const auto lock = volume_->Lock();
    const auto read = [&]() -> Result<std::string> {
      TAPIR_ASSIGN_OR_RETURN(const LookedUp looked, Find(path));
      return ReadContents(*volume_, looked.found->reference, most_bytes);
    };
    return Judged(path, read());
  }
  Status Write(const std::string& path, std::span<const std::byte> contents) override {
    const auto lock = volume_->Lock();
    return Judged(path, WriteLocked(path, contents));
  }
  Status Move(const std::string& from, const std::string& to) override {
    const auto lock = volume_->Lock();
    return Judged(from, MoveLocked(from, to));
  }
  Status Delete(const std::string& path) override {
    const auto lock = volume_->Lock();
    return Judged(path, DeleteLocked(path));
  }
  Status SetShortName(const std::string& path, const std::string& short_name) override {
    const auto lock = volume_->Lock();
    return Judged(path, SetShortNameLocked(path, short_name));
  }

  Status Finish() override {
    TAPIR_RETURN_IF_ERROR(volume_->Unmount());
    return writable_ ? volume_->image().Sync() : OkStatus();
  }

 private:
  Status Judged(const std::string& path, Status status) const {
    if (status.ok()) return status;
    return volume_->Judge(std::move(status)).Annotate("'" + path + "'");
  }
  template <typename T>
  Result<T> Judged(const std::string& path, Result<T> result) const {
    if (result.ok()) return result;
    return Judged(path, std::move(result).status());
  }

  Result<uint64_t> DirectoryAt(const std::string& path) {
    if (path == ".") return uint64_t{FILE_root};
    if (const auto known = known_.find(path); known != known_.end()) return known->second;
    const auto above = DirectoryAt(ParentPath(path));
    if (!above.ok()) return above.status();
    TAPIR_ASSIGN_OR_RETURN(const SplitPath split, ntfs::Split(path));
    TAPIR_ASSIGN_OR_RETURN(const std::optional<Found> found, FindName(*above, split.name));
    if (!found || !found->is_directory) {
      return FileFailed(FileFailure::kParentNotFound, "there is no directory '" + path + "'");
    }
    if (known_.size() == kMostKnown) known_.clear();
    known_.emplace(path, found->reference);
    return found->reference;
  }

  Result<std::optional<Found>> FindName(uint64_t directory, const std::u16string& name) {
    TAPIR_ASSIGN_OR_RETURN(std::optional<Found> found, directories_.FindIn(directory, name));
    if (!found) {
      TAPIR_ASSIGN_OR_RETURN(found, directories_.FindIn(directory, name, true));
    }
    const bool is_system = found && MREF(found->reference) < FILE_first_user;
    if (is_system || MREF(directory) == FILE_Extend) {
      return FileFailed(FileFailure::kAccessDenied, "it belongs to NTFS itself");
    }
    return found;
  }

  Result<LookedUp> Look(const std::string& path) {
    const Status valid = CheckPath(path);
    if (!valid.ok() || path == ".") {
      return FileFailed(FileFailure::kInvalidName, valid.ok() ? "the root" : valid.message());
    }
    TAPIR_ASSIGN_OR_RETURN(const uint64_t directory, DirectoryAt(ParentPath(path)));
    const Result<SplitPath> split = ntfs::Split(path);
    if (!split.ok()) return FileFailed(FileFailure::kInvalidName, split.status().message());
    LookedUp looked;
    looked.directory = directory;
    looked.given = split->name;
    TAPIR_ASSIGN_OR_RETURN(looked.found, FindName(directory, looked.given));
    if (!looked.found) return looked;
    TAPIR_ASSIGN_OR_RETURN(const std::vector<OwnName> names,
                           NamesOf(*volume_, looked.found->reference, directory));
    looked.name = LongName(names, looked.given);
    return looked;
  }

  Result<LookedUp> Find(const std::string& path) {
    TAPIR_ASSIGN_OR_RETURN(LookedUp looked, Look(path));
    if (!looked.found) return FileFailed(FileFailure::kNotFound, "it is not there");
    return looked;
  }

  Status CheckWritable() const {
    if (writable_) return OkStatus();
    return FileFailed(FileFailure::kWriteProtected, "the volume was opened for reading");
  }

  Result<VolumeFileInfo> StatLocked(const std::string& path) {
    if (path == ".") return VolumeFileInfo{true, 0, "."};
    TAPIR_ASSIGN_OR_RETURN(const LookedUp looked, Find(path));
    TAPIR_ASSIGN_OR_RETURN(const ntfs::Inode inode, OpenInode(*volume_, looked.found->reference));
    const bool is_directory = looked.found->is_directory;
    const uint64_t size = is_directory ? 0 : static_cast<uint64_t>(inode->data_size);
    return VolumeFileInfo{is_directory, size, Wtf8(looked.name)};
  }

  Result<std::vector<std::string>> List(const std::string& path) {
    uint64_t reference = FILE_root;
    if (path != ".") {
      TAPIR_ASSIGN_OR_RETURN(const LookedUp looked, Find(path));
      if (!looked.found->is_directory) {
        return FileFailed(FileFailure::kNotDirectory, "it is no directory");
      }
      reference = looked.found->reference;
    }
    TAPIR_ASSIGN_OR_RETURN(const ntfs::Inode inode, OpenInode(*volume_, reference));
    std::vector<std::string> names;
    s64 position = 0;
    if (ntfs_readdir(inode.get(), &position, &names, AppendLongName) != 0) {
      return ntfs::LastError("the directory cannot be read");
    }
    return names;
  }

  Status WriteLocked(const std::string& path, std::span<const std::byte> contents) {
    TAPIR_RETURN_IF_ERROR(CheckWritable());
    TAPIR_ASSIGN_OR_RETURN(const LookedUp looked, Look(path));
    if (looked.found) return ReplaceContents(*volume_, looked.found->reference, contents);
    TAPIR_ASSIGN_OR_RETURN(const uint64_t made, CreateName(*volume_, looked.directory, looked.given,
                                                           false, ntfs::Security::kInherited));
    const Status written = ReplaceContents(*volume_, made, contents);
    if (!written.ok()) (void)RemoveName(*volume_, looked.directory, looked.given, made).ok();
    return written;
  }

  Status MoveLocked(const std::string& from, const std::string& to) {
    TAPIR_RETURN_IF_ERROR(CheckWritable());
    TAPIR_ASSIGN_OR_RETURN(const LookedUp source, Find(from));
    if (source.found->is_directory) {
      return FileFailed(FileFailure::kIsDirectory, "it is a directory");
    }
    TAPIR_ASSIGN_OR_RETURN(const LookedUp target, Look(to));
    const uint64_t reference = source.found->reference;
    if (target.found) {
      const bool is_itself = target.directory == source.directory && target.name == source.name &&
                             Upcase(target.given) == Upcase(source.name);
      if (!is_itself) return FileFailed(FileFailure::kExists, "'" + to + "' is there");
      if (target.given == source.name) return OkStatus();
    }
    TAPIR_RETURN_IF_ERROR(AddName(*volume_, target.directory, target.given, reference));
    const Status removed = RemoveName(*volume_, source.directory, source.name, reference);
    if (!removed.ok()) {
      (void)RemoveName(*volume_, target.directory, target.given, reference).ok();
    }
    return removed;
  }

  Status DeleteLocked(const std::string& path) {
    TAPIR_RETURN_IF_ERROR(CheckWritable());
    TAPIR_ASSIGN_OR_RETURN(const LookedUp looked, Find(path));
    if (looked.found->is_directory) known_.clear();
    return RemoveName(*volume_, looked.directory, looked.name, looked.found->reference);
  }

  Status SetShortNameLocked(const std::string& path, const std::string& short_name) {
    TAPIR_RETURN_IF_ERROR(CheckWritable());
    TAPIR_ASSIGN_OR_RETURN(const LookedUp looked, Find(path));
    const std::optional<std::u16string> units = Utf16(short_name);
    if (!units) return FileFailed(FileFailure::kInvalidName, "a short name that is not UTF-8");
    return ReplaceShortName(*volume_, looked.directory, looked.found->reference, looked.name,
                            *units);
  }

  static constexpr size_t kMostKnown = 4096;

  std::shared_ptr<Volume> volume_;
  ntfs::Directories directories_;
  bool writable_;
  std::unordered_map<std::string, uint64_t> known_;  ///< directories by the path given
};

}  // namespace

Result<std::unique_ptr<VolumeFiles>> OpenNtfsFiles(const NtfsAddress& address, bool writable) {
  Result<std::unique_ptr<ntfs::Image>> image = ntfs::OpenVolumeImage(address, writable);
  if (!image.ok()) return std::move(image).status().Annotate(address.image);
  TAPIR_ASSIGN_OR_RETURN(std::shared_ptr<Volume> volume,
                         Volume::Mount(*std::move(image), address.image, writable));
  return std::unique_ptr<VolumeFiles>(std::make_unique<NtfsFiles>(std::move(volume), writable));
}

}  // namespace tapir
