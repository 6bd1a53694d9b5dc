#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "ntfs/block_device.h"
#include "ntfs/image.h"
#include "ntfs/library.h"
#include "tapir/base/status.h"

namespace tapir::ntfs {

/// Ciphertext comes in units of so many bytes.
inline constexpr uint64_t kEfsUnitBytes = 512;

/// A mounted NTFS volume. libntfs-3g knows no threads: whoever calls it with get() or anything from
/// it holds Lock(). The image may be read without.
class Volume {
 public:
  /// `name` goes into messages. Writable: kBusy if Windows left it hibernated or dirty, kCorrupt
  /// if it is no NTFS volume that can be read.
  static Result<std::shared_ptr<Volume>> Mount(std::unique_ptr<Image> image,
                                               const std::string& name, bool writable);
  ~Volume();
  Volume(const Volume&) = delete;
  Volume& operator=(const Volume&) = delete;

  std::unique_lock<std::mutex> Lock() { return std::unique_lock(mutex_); }
  ntfs_volume* get() { return volume_; }
  Image& image() { return *image_; }
  uint32_t cluster_bytes() const { return volume_->cluster_size; }
  uint64_t cluster_count() const { return static_cast<uint64_t>(volume_->nr_clusters); }
  /// Volume label, WTF-8; may be empty.
  std::string label() const { return volume_->vol_name != nullptr ? volume_->vol_name : ""; }

  /// A failure of the library as others are to take it: once the image itself could not be read or
  /// written, that one. Else an EIO is something damaged on the volume, of which the caller's
  /// object is what fails, and no errno says that all do. Callers hold the lock.
  Status Judge(Status failure) const;

  /// Ends it and brings everything to the image. Without it the destructor does so, in silence.
  /// Fails also if the image could not be read or written at any time before.
  Status Unmount();

 private:
  explicit Volume(std::unique_ptr<Image> image) : image_(std::move(image)), device_(*image_) {}
  void MakeCaches();

  std::mutex mutex_;
  std::unique_ptr<Image> image_;
  BlockDevice device_;
  ntfs_volume* volume_ = nullptr;
  CACHE_HEADER* record_cache_ = nullptr;  ///< not used, but the library frees it
};

struct InodeCloser {
  void operator()(ntfs_inode* inode) const { ntfs_inode_close(inode); }
};
using Inode = std::unique_ptr<ntfs_inode, InodeCloser>;

struct AttributeCloser {
  void operator()(ntfs_attr* attribute) const { ntfs_attr_close(attribute); }
};
using Attribute = std::unique_ptr<ntfs_attr, AttributeCloser>;

struct SearchCloser {
  void operator()(ntfs_attr_search_ctx* search) const { ntfs_attr_put_search_ctx(search); }
};
using Search = std::unique_ptr<ntfs_attr_search_ctx, SearchCloser>;

/// What libntfs-3g left in errno; EIO where it left nothing.
Status LastError(const char* doing_what);

}  // namespace tapir::ntfs
