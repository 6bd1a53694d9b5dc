#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ntfs/raw_import.h"
#include "ntfs/stream_writer.h"
#include "ntfs/volume_writer.h"
#include "tapir/object/object_target.h"

namespace tapir::ntfs {

/// A file, or a directory with streams, while it is written. What holds a raw export becomes the
/// encrypted file or directory it stands for. Everything takes the volume's lock.
class RestoredObject : public TargetFile {
 public:
  RestoredObject(VolumeWriter& writer, Placed placed, const Metadata& metadata);
  ~RestoredObject() override;

  void TakeRecords(const std::vector<OpaqueRecord>& records) override;
  Status WriteAt(uint64_t offset_bytes, std::span<const std::byte> data) override {
    return WriteStreamAt(0, offset_bytes, data);
  }
  Status WriteStreamAt(uint32_t number, uint64_t offset_bytes,
                       std::span<const std::byte> data) override;
  Status EndStream(uint32_t number, uint64_t size_bytes) override;
  Status Commit(const Metadata& metadata, uint64_t size_bytes) override;
  Status KeepPartial(const Metadata& metadata, uint64_t size_bytes) override;

 private:
  /// A directory that was there keeps what it has unless it is to be replaced.
  bool writes() const { return !placed_.taken_over || writer_.overwrite(); }
  Status OpenStream(uint32_t number);
  Status FinishStream(uint32_t number, uint64_t size_bytes);
  Status WriteLocked(uint32_t number, uint64_t offset_bytes, std::span<const std::byte> data);
  Status CommitLocked(const Metadata& metadata, uint64_t size_bytes);
  Status KeepLocked(const Metadata& metadata, uint64_t size_bytes);
  Status FinishContents(const Metadata& metadata, uint64_t size_bytes);

  VolumeWriter& writer_;
  Placed placed_;
  std::vector<FurtherStream> further_;
  std::shared_ptr<const NtfsMetadata> ntfs_;
  std::vector<std::string> losses_;
  Inode inode_;
  /// Streams with data, by number. Several are open only while they end.
  std::vector<std::pair<uint32_t, StreamWriter>> streams_;
  /// Of an object whose contents stand for an encrypted file; instead of streams_.
  std::unique_ptr<RawImport> import_;
};

}  // namespace tapir::ntfs
