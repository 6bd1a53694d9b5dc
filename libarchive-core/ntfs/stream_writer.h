#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "ntfs/volume.h"
#include "tapir/base/status.h"
#include "tapir/object/ntfs_metadata.h"

namespace tapir::ntfs {

/// Writes one data stream of an open inode. Callers hold the volume's lock, also when it is
/// destroyed.
class StreamWriter {
 public:
  /// Makes the stream if it is not there. `state` says what it is to become; `name` is WTF-8.
  /// kInvalidArgument for a name that NTFS cannot hold.
  static Result<StreamWriter> Open(Volume& volume, ntfs_inode* inode, const std::string& name,
                                   const NtfsStream& state);

  /// At ascending offsets. Ciphertext too; kUnsupported if it has holes that are no clusters here:
  /// what stood there instead would be decrypted.
  Status Write(uint64_t offset_bytes, std::span<const std::byte> data);
  /// For a stream that is plain: its length. Holes make it sparse.
  void SetLength(uint64_t size_bytes);
  /// For one of which more became known since: what it is to become. Holes make it sparse.
  void SetState(const NtfsStream& state);
  /// Ends the stream with size, valid data length and holes of its state. `loss` gets what could
  /// not be kept of it.
  Status Finish(std::string& loss);

 private:
  StreamWriter(Volume& volume, ntfs_inode* inode, std::u16string name, const NtfsStream& state)
      : volume_(&volume), inode_(inode), name_(std::move(name)), state_(state) {}
  Status Empty();
  Status OpenAttribute();
  Status Resize();
  Status CheckHole(uint64_t begin_bytes, uint64_t end_bytes) const;
  uint64_t StoredBytes() const;
  Status Patch(std::string& loss);

  Volume* volume_;
  ntfs_inode* inode_;
  std::u16string name_;
  NtfsStream state_;
  Attribute attribute_;
  uint64_t end_bytes_ = 0;  ///< of what was written
  uint64_t gaps_ = 0;
};

}  // namespace tapir::ntfs
