#include "tapir/target/directory_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/descriptor.h"
#include "bytes/cursor.h"
#include "tapir/object/path_order.h"
#include "target/any_case.h"
#include "target/directory_cache.h"
#include "target/file_contents.h"
#include "target/path_hash.h"
#include "target/placing.h"

namespace tapir {
namespace {

using target::Directory;
using target::DirectoryCache;
using target::Place;

// A path looked up: the directory is there, the name may be.
struct Looked {
  std::shared_ptr<const Directory> parent;
  std::string path;  ///< with the names that are there
  std::string name;  ///< as it is there, else as it was given
  uint64_t hash = 0;
  std::optional<struct stat> state;

  int parent_fd() const { return parent->fd.get(); }
  bool is_directory() const { return state && S_ISDIR(state->st_mode); }
  Place place() const { return {parent, name.c_str(), &path, hash}; }
};

Status NotThere(const std::string& path) {
  return FileFailed(FileFailure::kNotFound, "there is no '" + path + "'");
}

Status IsInTheWay(const std::string& path) {
  return FileFailed(FileFailure::kExists, "'" + path + "' is there");
}

Status IsADirectory(const std::string& path) {
  return FileFailed(FileFailure::kIsDirectory, "'" + path + "' is a directory");
}

std::string LastComponent(const std::string& path) { return path.substr(path.rfind('/') + 1); }

class DirectoryFiles final : public VolumeFiles {
 public:
  DirectoryFiles(Descriptor root, Descriptor for_sync)
      : for_sync_(std::move(for_sync)), cache_(std::move(root), hasher_, [](std::string_view) {}) {}

  Result<VolumeFileInfo> Stat(const std::string& path) override {
    if (path == ".") return VolumeFileInfo{true, 0, "."};
    TAPIR_ASSIGN_OR_RETURN(const Looked found, Find(path));
    const uint64_t size = found.is_directory() ? 0 : static_cast<uint64_t>(found.state->st_size);
    return VolumeFileInfo{found.is_directory(), size, found.name};
  }

  Result<std::vector<std::string>> NamesIn(const std::string& directory) override {
    if (directory != ".") {
      TAPIR_ASSIGN_OR_RETURN(const Looked found, Find(directory));
      if (!found.is_directory()) {
        return FileFailed(FileFailure::kNotDirectory, "'" + directory + "' is no directory");
      }
    }
    TAPIR_ASSIGN_OR_RETURN(const auto opened, OpenDirectory(directory));
    return target::NamesInDirectory(opened.directory->fd.get());
  }

  Result<std::string> Read(const std::string& path, uint64_t most_bytes) override {
    TAPIR_ASSIGN_OR_RETURN(const Looked found, Find(path));
    if (found.is_directory()) return IsADirectory(path);
    return target::ReadContents(found.place(), most_bytes);
  }

  Status Write(const std::string& path, std::span<const std::byte> contents) override {
    TAPIR_ASSIGN_OR_RETURN(const Looked found, Look(path));
    if (found.is_directory()) return IsADirectory(path);
    TAPIR_RETURN_IF_ERROR(
        target::ReplaceContents(found.place(), found.state.has_value(), contents));
    if (!found.state) NoteMade(found.path);
    return OkStatus();
  }

  Status Move(const std::string& from, const std::string& to) override {
    TAPIR_ASSIGN_OR_RETURN(const Looked source, Find(from));
    if (source.is_directory()) return IsADirectory(from);
    TAPIR_ASSIGN_OR_RETURN(const Looked target, Look(to));
    const std::string wanted = LastComponent(to);
    const bool is_itself = target.state && target.path == source.path;
    if (target.state && !is_itself) return IsInTheWay(to);
    if (is_itself && wanted == source.name) return OkStatus();
    const int error = target::RenameToFreeName(source.parent_fd(), source.name.c_str(),
                                               target.parent_fd(), wanted.c_str());
    if (error == EEXIST) return IsInTheWay(to);
    if (error != 0) return Status::FromErrno(error, "cannot move '" + from + "'");
    NoteGone(source.path);
    NoteMade(target.path.substr(0, target.path.size() - target.name.size()) + wanted);
    return OkStatus();
  }

  Status Delete(const std::string& path) override {
    TAPIR_ASSIGN_OR_RETURN(const Looked found, Find(path));
    const int flags = found.is_directory() ? AT_REMOVEDIR : 0;
    if (::unlinkat(found.parent_fd(), found.name.c_str(), flags) == 0) {
      NoteGone(found.path);
      if (flags != 0) ForgetDirectories(found.hash);
      return OkStatus();
    }
    if (errno == ENOTEMPTY || errno == EEXIST) {
      return FileFailed(FileFailure::kDirectoryNotEmpty, "'" + path + "' is not empty");
    }
    return Status::FromErrno(errno, "cannot delete '" + path + "'");
  }

  Status SetShortName(const std::string& path, const std::string&) override {
    TAPIR_ASSIGN_OR_RETURN(const Looked found, Find(path));
    return FileFailed(FileFailure::kUnsupported, "a directory keeps no short names");
  }

  Status Finish() override {
    return ::syncfs(for_sync_.get()) == 0 ? OkStatus()
                                          : Status::FromErrno(errno, "cannot be written to disk");
  }

 private:
  struct Opened {
    std::string path;  ///< with the names that are there
    std::shared_ptr<const Directory> directory;
  };

  // Only what is looked up again and again is kept by the path given.
  Result<Opened> OpenDirectory(const std::string& path) {
    if (path == ".") {
      TAPIR_ASSIGN_OR_RETURN(auto root, cache_.Open(path, 0, DirectoryCache::Missing::kFail));
      return Opened{".", std::move(root)};
    }
    std::string actual;
    if (const auto known = known_.find(path); known != known_.end()) {
      actual = known->second;
    } else {
      TAPIR_ASSIGN_OR_RETURN(const Opened above, OpenDirectory(ParentPath(path)));
      const std::string name = LastComponent(path);
      TAPIR_ASSIGN_OR_RETURN(const std::optional<std::string> found,
                             FindName(*above.directory, above.path, name));
      if (!found) return FileFailed(FileFailure::kParentNotFound, "there is no '" + path + "'");
      actual = above.path == "." ? *found : above.path + "/" + *found;
    }
    auto opened = cache_.Open(actual, hasher_.Hash(actual), DirectoryCache::Missing::kFail);
    if (!opened.ok()) return NoWay(std::move(opened).status());
    if (known_.size() == kMostKnown) known_.clear();
    known_[path] = actual;
    return Opened{std::move(actual), *std::move(opened)};
  }

  // The name in a directory that is meant by this one.
  Result<std::optional<std::string>> FindName(const Directory& directory, const std::string& path,
                                              const std::string& name) {
    struct stat found {};
    if (::fstatat(directory.fd.get(), name.c_str(), &found, AT_SYMLINK_NOFOLLOW) == 0) {
      return std::optional(name);
    }
    if (errno != ENOENT) return Status::FromErrno(errno, "'" + name + "'");
    auto index = indexes_.find(path);
    if (index == indexes_.end()) {
      if (indexes_.size() == kMostIndexes) indexes_.clear();
      TAPIR_ASSIGN_OR_RETURN(target::CaseIndex read, target::CaseIndex::Read(directory.fd.get()));
      index = indexes_.emplace(path, std::move(read)).first;
    }
    return index->second.Find(name);
  }

  void NoteMade(const std::string& path) {
    const auto index = indexes_.find(ParentPath(path));
    if (index != indexes_.end()) index->second.Add(LastComponent(path));
  }
  void NoteGone(const std::string& path) {
    const auto index = indexes_.find(ParentPath(path));
    if (index != indexes_.end()) index->second.Remove(LastComponent(path));
  }

  static Status NoWay(const Status& failure) {
    if (failure.sys_errno() == ENOENT) {
      return FileFailed(FileFailure::kParentNotFound, failure.message());
    }
    // A file, or a symbolic link that may lead anywhere.
    if (failure.code() == StatusCode::kExists) {
      return FileFailed(FileFailure::kParentNotFound, failure.message());
    }
    return failure;
  }

  // A failure if the directory above is not there.
  Result<Looked> Look(const std::string& path) {
    const Status valid = CheckPath(path);
    if (!valid.ok() || path == ".") {
      return FileFailed(FileFailure::kInvalidName, valid.ok() ? "the root" : valid.message());
    }
    TAPIR_ASSIGN_OR_RETURN(Opened above, OpenDirectory(ParentPath(path)));
    Looked looked;
    looked.parent = std::move(above.directory);
    looked.name = LastComponent(path);
    TAPIR_ASSIGN_OR_RETURN(const std::optional<std::string> found,
                           FindName(*looked.parent, above.path, looked.name));
    if (found) looked.name = *found;
    looked.path = above.path == "." ? looked.name : above.path + "/" + looked.name;
    looked.hash = hasher_.Hash(looked.path);
    struct stat state {};
    if (!found) return looked;
    if (::fstatat(looked.parent_fd(), looked.name.c_str(), &state, AT_SYMLINK_NOFOLLOW) != 0) {
      return Status::FromErrno(errno, "'" + path + "'");
    }
    looked.state = state;
    return looked;
  }

  Result<Looked> Find(const std::string& path) {
    TAPIR_ASSIGN_OR_RETURN(Looked looked, Look(path));
    if (!looked.state) return NotThere(path);
    return looked;
  }

  void ForgetDirectories(uint64_t hash) {
    cache_.Forget(hash);
    known_.clear();
    indexes_.clear();
  }

  static constexpr size_t kMostKnown = 4096;
  static constexpr size_t kMostIndexes = 4;

  Descriptor for_sync_;
  target::PathHasher hasher_;
  DirectoryCache cache_;
  std::unordered_map<std::string, std::string> known_;  ///< directories as given and as they are
  std::unordered_map<std::string, target::CaseIndex> indexes_;  ///< by directories as they are
};

}  // namespace

Result<std::unique_ptr<VolumeFiles>> OpenDirectoryFiles(const std::string& directory) {
  const std::string quoted = "'" + directory + "'";
  Descriptor root(::open(directory.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!root && errno == ENOTDIR) return InvalidArgument(quoted + " is not a directory");
  if (!root) return Status::FromErrno(errno, "cannot open directory " + quoted);
  Descriptor for_sync(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!for_sync) return Status::FromErrno(errno, "cannot read directory " + quoted);
  return std::unique_ptr<VolumeFiles>(
      std::make_unique<DirectoryFiles>(std::move(root), std::move(for_sync)));
}

}  // namespace tapir
