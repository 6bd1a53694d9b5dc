#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/descriptor.h"
#include "source/backup_plan.h"
#include "tapir/object/object_source.h"
#include "tapir/source/foreign_files.h"

namespace tapir::source {

/// A foreign file as it was found when it was checked.
struct CheckedFile {
  ForeignForm form = ForeignForm::kEfsRaw;
  std::string path;  ///< in the archive
  std::string file;  ///< to be opened
  SourceIdentity identity;
  std::shared_ptr<const NtfsMetadata> ntfs;  ///< null: times are to be filled in
  std::vector<PlacedStream> streams;         ///< the file itself, or what it tells
  OpaqueRecord record;
};

/// Opens a regular file; what is something else is kInvalidArgument.
Result<Descriptor> OpenRegular(const std::string& file);

/// The object that a foreign file stands for. Thread-safe as SourceObject asks.
class ForeignObject : public StreamsObject {
 public:
  explicit ForeignObject(CheckedFile file) : file_(std::move(file)) {}

  Status Open(Metadata& metadata, std::vector<std::string>& warnings) override;
  std::vector<SourceStream> Streams() override;
  Result<size_t> ReadStreamAt(uint32_t number, uint64_t offset_bytes,
                              std::span<std::byte> buffer) override;
  Result<std::vector<Extent>> StreamExtents(uint32_t number, uint64_t size_bytes) override;
  ObjectStatus Close() override;

 private:
  const CheckedFile file_;
  Descriptor descriptor_;
};

}  // namespace tapir::source
