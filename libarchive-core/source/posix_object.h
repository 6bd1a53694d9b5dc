#pragma once

#include <sys/stat.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "source/directory.h"
#include "source/owner_names.h"
#include "tapir/object/object_source.h"

namespace tapir::source {

/// What all objects of one source share. Thread-safe.
struct SourceContext {
  explicit SourceContext(size_t open_directories)
      : directories(std::make_shared<DirectoryCache>(open_directories)) {}

  std::shared_ptr<DirectoryCache> directories;
  OwnerNames owners;
  bool access_times = false;
};

/// An object of a directory tree, found in `parent` as the last component of `path`. May outlive
/// its source.
///
/// Regular files and directories are opened for reading, everything else with O_PATH, so that
/// nothing happens to a device and no FIFO waits. Contents are never read beyond the size at Open.
class PosixObject final : public SourceObject {
 public:
  PosixObject(std::shared_ptr<SourceContext> context, DirectoryRef parent, std::string path,
              ObjectType type, const SourceIdentity& identity);

  Status Open(Metadata& metadata, std::vector<std::string>& warnings) override;
  Result<size_t> ReadAt(uint64_t offset_bytes, std::span<std::byte> buffer) override;
  Result<std::vector<Extent>> Extents(uint64_t size_bytes) override;
  ObjectStatus Close() override;

  /// Opens a regular file for its contents alone; kNotFound unless it is still as it was found.
  Status OpenUnchanged();

 private:
  const char* name() const { return path_.c_str() + name_offset_; }
  Status OpenDescriptor(struct stat& info);
  Status OpenWithoutReading(int parent);
  void Fill(const struct stat& info, Metadata& metadata, std::vector<std::string>& warnings) const;

  const std::shared_ptr<SourceContext> context_;
  const DirectoryRef parent_;
  const std::string path_;
  const size_t name_offset_;
  const ObjectType type_;
  const SourceIdentity listed_;

  Descriptor descriptor_;
  bool readable_ = false;
  SourceIdentity opened_;
  std::atomic<bool> ended_early_ = false;
};

}  // namespace tapir::source
