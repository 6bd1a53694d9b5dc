#pragma once

#include <sys/types.h>

#include <cstdint>
#include <ctime>
#include <string>

#include "tapir/base/status.h"

namespace tapir::catalog {

/// The file of a catalogue as it was when it was opened. Any thread.
class SqliteFile {
 public:
  SqliteFile() = default;
  /// Of a file that is there.
  explicit SqliteFile(std::string path) : path_(std::move(path)), found_(Look(path_)) {}

  const std::string& path() const { return path_; }

  /// A reader puts files beside the database by which it and writers know of each other. Where it
  /// may not, and no writer is at work, the file is read as one that does not change.
  bool IsOutOfReach() const;
  /// The name by which SQLite reads it so.
  std::string ImmutableUri() const;
  /// Why a reader that may not write the folder cannot read it: something was written and not taken
  /// into the file, and nobody has it open.
  Status CheckReadable() const;

  /// Whether another file stands in its place.
  bool IsReplaced() const;
  /// kBusy if the file, or what was written beside it, is no longer what it was.
  Status CheckUnchanged() const;

 private:
  struct State {
    dev_t device = 0;
    ino_t inode = 0;
    off_t size_bytes = 0;
    timespec modified = {};
    off_t log_bytes = 0;  ///< of what was written and not yet taken into the file
    bool shared = false;  ///< others have it open, or did when they ended
  };
  static State Look(const std::string& path);
  bool MayWriteFolder() const;

  std::string path_;
  State found_;
};

}  // namespace tapir::catalog
