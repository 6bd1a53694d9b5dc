#pragma once

#include <memory>
#include <string>
#include <vector>

#include "ntfs/record.h"
#include "ntfs/volume.h"
#include "tapir/object/object_source.h"

namespace tapir::ntfs {

/// One name of a file or directory of a volume, whose record has been read. Thread-safe.
class VolumeObject : public StreamsObject {
 public:
  VolumeObject(std::shared_ptr<Volume> volume, std::string path, ObjectRecord record);

  Status Open(Metadata& metadata, std::vector<std::string>& warnings) override;
  std::vector<SourceStream> Streams() override;
  Result<size_t> ReadStreamAt(uint32_t number, uint64_t offset_bytes,
                              std::span<std::byte> buffer) override;
  Result<std::vector<Extent>> StreamExtents(uint32_t number, uint64_t size_bytes) override;
  /// A volume in an image does not change while it is read.
  ObjectStatus Close() override { return record_.status; }

 private:
  Status ReadCompressed(const StreamRecord& stream, uint64_t offset_bytes,
                        std::span<std::byte> buffer);

  std::shared_ptr<Volume> volume_;
  std::string path_;
  ObjectRecord record_;
};

}  // namespace tapir::ntfs
