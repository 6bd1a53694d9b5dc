#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "ntfs/stream_writer.h"
#include "ntfs/volume_writer.h"
#include "tapir/windows/encrypted_file.h"
#include "windows/efs_raw_importer.h"
#include "windows/efs_raw_reader.h"

namespace tapir::ntfs {

/// Makes the encrypted file that a raw export stands for, as its bytes come. An export without an
/// unnamed stream is that of a directory: the file that was placed for it gives way to one.
/// Failures are kUnsupported, with the reason, where it is no export that the volume can hold; else
/// kExists or device errors. Callers hold the volume's lock, also when it is destroyed.
class RawImport {
 public:
  /// `placed` is a file without anything. Both must outlive this.
  RawImport(VolumeWriter& writer, Placed& placed)
      : sink_(writer, placed), importer_(sink_, false, false), reader_(importer_) {}
  RawImport(const RawImport&) = delete;
  RawImport& operator=(const RawImport&) = delete;

  /// The next bytes of the export.
  Status Feed(uint64_t offset_bytes, std::span<const std::byte> bytes);
  /// It has `size_bytes`, and all of them came: the streams and $EFS are there.
  Status End(uint64_t size_bytes);

  /// After End.
  Inode TakeInode() { return sink_.TakeInode(); }
  const std::vector<std::string>& losses() const { return sink_.losses(); }

 private:
  /// The file or directory on the volume.
  class Sink final : public RawEncryptedSink {
   public:
    Sink(VolumeWriter& writer, Placed& placed) : writer_(writer), placed_(placed) {}

    Status Begin(std::span<const std::byte> metadata) override;
    Status BeginStream(std::span<const std::byte> raw_name, bool encrypted) override;
    Status Write(uint64_t offset, std::span<const std::byte> bytes) override;
    Status EndStream(const StreamEnd& end) override;
    Status Finish() override;

    Inode TakeInode() { return std::move(inode_); }
    const std::vector<std::string>& losses() const { return losses_; }

   private:
    Status BecomeDirectory();
    Status OpenObject();

    VolumeWriter& writer_;
    Placed& placed_;
    std::string efs_metadata_;
    std::set<std::string> names_;  ///< of the streams so far
    NtfsStream state_;             ///< of the stream that is written
    std::vector<std::string> losses_;
    Inode inode_;
    std::optional<StreamWriter> stream_;
  };

  Sink sink_;
  EfsRawImporter importer_;
  EfsRawReader reader_;
  uint64_t fed_bytes_ = 0;
};

}  // namespace tapir::ntfs
