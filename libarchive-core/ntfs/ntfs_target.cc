#include "tapir/ntfs/ntfs_target.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "ntfs/making.h"
#include "ntfs/metadata_writer.h"
#include "ntfs/names.h"
#include "ntfs/restored_object.h"
#include "ntfs/tree_walk.h"
#include "ntfs/volume_writer.h"
#include "tapir/object/path_order.h"

namespace tapir {
namespace {

using ntfs::Attribute;
using ntfs::Found;
using ntfs::Inode;
using ntfs::Placed;
using ntfs::RestoredObject;
using ntfs::Volume;
using ntfs::VolumeWriter;

class ImageTarget final : public NtfsTarget {
 public:
  ImageTarget(std::shared_ptr<Volume> volume, const NtfsTargetOptions& options)
      : volume_(std::move(volume)),
        writer_(volume_, options.overwrite, *options.reporter),
        reporter_(*options.reporter) {
    if (options.make_bytes != 0) writer_.AdoptRoot();
  }

  Status MakeDirectory(const Metadata& metadata) override {
    TAPIR_ASSIGN_OR_RETURN(const auto object, OpenFile(metadata));
    return object->Commit(metadata, 0);
  }

  Status MakeFile(const Metadata& metadata, std::span<const std::byte> contents) override {
    TAPIR_ASSIGN_OR_RETURN(const auto file, OpenFile(metadata));
    if (!contents.empty()) TAPIR_RETURN_IF_ERROR(file->WriteAt(0, contents));
    return file->Commit(metadata, contents.size());
  }

  Result<std::unique_ptr<TargetFile>> OpenFile(const Metadata& metadata) override {
    const auto lock = volume_->Lock();
    Result<Placed> placed = writer_.Place(metadata);
    if (!placed.ok()) return volume_->Judge(std::move(placed).status());
    return std::unique_ptr<TargetFile>(
        std::make_unique<RestoredObject>(writer_, *std::move(placed), metadata));
  }

  Status MakeNode(const Metadata& metadata) override {
    return Unsupported(metadata.type == ObjectType::kSymlink
                           ? "a symbolic link of another system cannot be kept on NTFS"
                           : "a device node or FIFO cannot be kept on NTFS");
  }

  Status MakeHardLink(const std::string& primary_path, const Metadata& metadata) override {
    const auto lock = volume_->Lock();
    return volume_->Judge(writer_.Link(primary_path, metadata));
  }

  Status AdoptName(const Metadata& metadata) override {
    const auto lock = volume_->Lock();
    return volume_->Judge(writer_.AdoptName(metadata));
  }

  Result<DataRead> ReadBack(const std::string& path, uint64_t offset_bytes,
                            std::span<std::byte> buffer) override {
    const auto lock = volume_->Lock();
    Result<DataRead> read = ReadContents(path, offset_bytes, buffer);
    if (!read.ok()) return volume_->Judge(std::move(read).status());
    return read;
  }

  Result<std::vector<std::string>> NamesIn(const std::string& directory) override {
    std::vector<std::string> names;
    const auto leads_there = [&](const std::string& path) {
      return path == directory || IsBelow(directory, path) || ParentPath(path) == directory;
    };
    ntfs::TreeWalk walk(
        volume_, [](const std::string&, const std::string&) {}, leads_there);
    while (const std::optional<ntfs::FoundName> found = walk.Next()) {
      const bool is_in = found->path != "." && ParentPath(found->path) == directory;
      if (is_in) names.push_back(found->path.substr(found->path.rfind('/') + 1));
    }
    return names;
  }

  Result<uint64_t> FreeBytes() override {
    const auto lock = volume_->Lock();
    ntfs_volume* volume = volume_->get();
    if (ntfs_volume_get_free_space(volume) != 0) return ntfs::LastError("its bitmap is damaged");
    return static_cast<uint64_t>(volume->free_clusters) * volume->cluster_size;
  }

  Status Remove(const std::string& path) override {
    const auto lock = volume_->Lock();
    return volume_->Judge(writer_.Remove(path));
  }

  Status Finish() override {
    SetTimes();
    TAPIR_RETURN_IF_ERROR(volume_->Unmount());
    return volume_->image().Sync();
  }

 private:
  Result<DataRead> ReadContents(const std::string& path, uint64_t offset_bytes,
                                std::span<std::byte> buffer) {
    TAPIR_ASSIGN_OR_RETURN(const Found found, writer_.directories().Find(path));
    TAPIR_ASSIGN_OR_RETURN(const Inode inode, OpenInode(*volume_, found.reference));
    const Attribute contents(ntfs_attr_open(inode.get(), AT_DATA, AT_UNNAMED, 0));
    if (!contents) return ntfs::LastError("it cannot be read back");
    errno = 0;
    const s64 got = ntfs_attr_pread(contents.get(), static_cast<s64>(offset_bytes),
                                    static_cast<s64>(buffer.size()), buffer.data());
    if (got < 0) return ntfs::LastError("it cannot be read back");
    return DataRead{offset_bytes, static_cast<size_t>(got)};
  }

  void SetTimes() {
    const auto lock = volume_->Lock();
    uint64_t failed = 0;
    writer_.made().ForEach([&](uint64_t reference, const NtfsMetadata& ntfs) {
      Result<Inode> inode = OpenInode(*volume_, reference);
      if (inode.ok()) ntfs::WriteTimes(inode->get(), ntfs);
      if (!inode.ok() || ntfs_inode_close(inode->release()) != 0) ++failed;
    });
    if (failed == 0) return;
    reporter_.Report(
        NoticeKind::kWarning, {},
        "times and attributes of " + std::to_string(failed) + " objects cannot be set");
  }

  std::shared_ptr<Volume> volume_;
  VolumeWriter writer_;
  Reporter& reporter_;
};

}  // namespace

Result<std::unique_ptr<NtfsTarget>> NtfsTarget::Open(const NtfsTargetOptions& options) {
  const std::string& name = options.address.image;
  if (options.make_bytes != 0) {
    Status made = ntfs::MakeVolume(options.address, options.make_bytes);
    if (!made.ok()) return std::move(made).Annotate(name);
  }
  Result<std::unique_ptr<ntfs::Image>> image = ntfs::OpenVolumeImage(options.address, true);
  if (!image.ok()) return std::move(image).status().Annotate(name);
  TAPIR_ASSIGN_OR_RETURN(std::shared_ptr<Volume> volume,
                         Volume::Mount(*std::move(image), name, true));
  return std::unique_ptr<NtfsTarget>(new ImageTarget(std::move(volume), options));
}

}  // namespace tapir
