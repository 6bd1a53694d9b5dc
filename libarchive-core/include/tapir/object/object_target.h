#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "tapir/base/status.h"
#include "tapir/object/metadata.h"

namespace tapir {

/// A file being restored. One thread at a time. Destroying it without Commit discards it.
class TargetFile {
 public:
  virtual ~TargetFile() = default;
  /// Opaque records of the object, if there are any: before anything is written.
  virtual void TakeRecords(const std::vector<OpaqueRecord>& /*records*/) {}
  virtual Status WriteAt(uint64_t offset_bytes, std::span<const std::byte> data) = 0;
  /// The same of another stream of the object, which then has ended with its final length. Only
  /// if the target keeps further streams.
  virtual Status WriteStreamAt(uint32_t /*number*/, uint64_t /*offset_bytes*/,
                               std::span<const std::byte> /*data*/) {
    return OkStatus();
  }
  virtual Status EndStream(uint32_t /*number*/, uint64_t /*size_bytes*/) { return OkStatus(); }
  /// Sets the final length (holes stay holes), metadata and name. Only now the name appears.
  virtual Status Commit(const Metadata& metadata, uint64_t size_bytes) = 0;
  /// Keeps what was written under the name with ".tapir-partial" behind it (salvage); also after
  /// Commit failed because the name could not be had, if the target can.
  virtual Status KeepPartial(const Metadata& metadata, uint64_t size_bytes) = 0;
};

/// Data of a file, read into a buffer.
struct DataRead {
  uint64_t offset_bytes = 0;
  size_t size = 0;  ///< 0: there is no more
};

/// Where a tree is restored. Paths are those of the format, already checked by chapter 5.1, and are
/// resolved below the target without following any symbolic link, whoever made it.
///
/// Thread-safe, under these rules: a directory is made before what is below it (missing parents are
/// made, and corrected when their own object comes); a hard link after
/// its primary; Finish last, alone.
///
/// Every call returns kExists if something is in the way and is kept (no overwrite asked for).
/// What could not be set (an owner as non-root, an xattr) is reported to the reporter given to the
/// concrete target, not returned.
class ObjectTarget {
 public:
  virtual ~ObjectTarget() = default;

  /// Makes the directory, or takes over one that is there. Its times and final mode are set by
  /// Finish.
  virtual Status MakeDirectory(const Metadata& metadata) = 0;
  /// A regular file whose whole contents are at hand.
  virtual Status MakeFile(const Metadata& metadata, std::span<const std::byte> contents) = 0;
  /// Whether streams beside stream 0 are kept. If so, OpenFile also takes directories that have
  /// some.
  virtual bool keeps_further_streams() const { return false; }
  /// A regular file to be written piece by piece, at first under a temporary name.
  virtual Result<std::unique_ptr<TargetFile>> OpenFile(const Metadata& metadata) = 0;
  /// Symbolic link, FIFO or device node.
  virtual Status MakeNode(const Metadata& metadata) = 0;
  /// Another name for a file restored earlier in this run.
  virtual Status MakeHardLink(const std::string& primary_path, const Metadata& metadata) = 0;
  /// A file was restored under a further name alone, with the metadata of the first: this is that
  /// name's own. It sets what belongs to a name.
  virtual Status AdoptName(const Metadata& /*metadata*/) { return OkStatus(); }
  /// Reads back a file that this run restored, for copying duplicates: the next data at or behind
  /// `offset_bytes`, as much of it as fits, holes passed over. kNotFound if it is not one.
  virtual Result<DataRead> ReadBack(const std::string& path, uint64_t offset_bytes,
                                    std::span<std::byte> buffer) = 0;
  /// Names of what stands in a directory, in any order; none if it is not there. Only of targets
  /// that hold SIS links as they are.
  virtual Result<std::vector<std::string>> NamesIn(const std::string& /*directory*/) {
    return std::vector<std::string>{};
  }
  /// How much more the target can hold, whoever else is using it up too. kUnsupported: not known.
  virtual Result<uint64_t> FreeBytes() { return Unsupported("the room left is not known"); }
  /// Removes a path that this run restored (a later session replaces or removes it).
  virtual Status Remove(const std::string& path) = 0;
  /// Sets what must come last: modes and times of directories, deepest first.
  virtual Status Finish() = 0;
};

}  // namespace tapir
