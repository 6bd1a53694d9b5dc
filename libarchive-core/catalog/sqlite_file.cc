#include "catalog/sqlite_file.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

namespace tapir::catalog {

SqliteFile::State SqliteFile::Look(const std::string& path) {
  State state;
  struct stat found {};
  if (stat(path.c_str(), &found) == 0) {
    state.device = found.st_dev;
    state.inode = found.st_ino;
    state.size_bytes = found.st_size;
    state.modified = found.st_mtim;
  }
  if (stat((path + "-wal").c_str(), &found) == 0) state.log_bytes = found.st_size;
  state.shared = access((path + "-shm").c_str(), F_OK) == 0;
  return state;
}

bool SqliteFile::MayWriteFolder() const {
  std::filesystem::path folder = std::filesystem::path(path_).parent_path();
  if (folder.empty()) folder = ".";
  return access(folder.c_str(), W_OK) == 0;
}

bool SqliteFile::IsOutOfReach() const {
  return !MayWriteFolder() && found_.log_bytes == 0 && !found_.shared;
}

std::string SqliteFile::ImmutableUri() const {
  // Two slashes would begin the name of a host.
  std::string uri = path_.starts_with("//") ? "file://" : "file:";
  for (char c : path_) {
    uri += c == '%' || c == '?' || c == '#' ? fmt::format("%{:02X}", c) : std::string(1, c);
  }
  return uri + "?immutable=1";
}

Status SqliteFile::CheckReadable() const {
  if (found_.log_bytes == 0 || found_.shared || MayWriteFolder()) return OkStatus();
  return DeviceError(
      "whoever wrote it last did not come to an end: what is in '" + path_ +
      "-wal' has to be taken into it first, by any use of it by somebody who may write its folder");
}

bool SqliteFile::IsReplaced() const {
  const State now = Look(path_);
  return now.device != found_.device || now.inode != found_.inode;
}

Status SqliteFile::CheckUnchanged() const {
  const State now = Look(path_);
  const bool same =
      now.device == found_.device && now.inode == found_.inode &&
      now.size_bytes == found_.size_bytes && now.modified.tv_sec == found_.modified.tv_sec &&
      now.modified.tv_nsec == found_.modified.tv_nsec && now.log_bytes == found_.log_bytes;
  return same ? OkStatus() : Busy("the catalogue was changed meanwhile; ask again");
}

}  // namespace tapir::catalog
