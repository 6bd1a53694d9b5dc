#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ntfs/library.h"

namespace tapir::test {

/// A data stream to be made in an image. Sizes are bytes.
struct ImageStream {
  std::u16string name;  ///< empty: the contents
  /// What stands in it, by offset, ascending.
  std::vector<std::pair<uint64_t, std::string>> ranges;
  std::optional<uint64_t> size;  ///< default: the end of the last range
  /// What is between and behind the ranges is holes; else it has clusters.
  bool holes = false;
  bool compressed = false;
  /// Valid data length. Only without holes.
  std::optional<uint64_t> valid;
};

/// Makes things in an NTFS volume in a file, by libntfs-3g itself and by nothing of the project.
/// Paths have '/' between components; "" is the root. Throws what goes wrong. Single-thread.
class NtfsImage {
 public:
  /// A file with an empty volume, by mkntfs.
  static void Make(const std::string& file, uint64_t size_bytes, uint32_t cluster_bytes = 4096,
                   const std::string& label = "");

  explicit NtfsImage(const std::string& file);
  /// Unmounts it.
  ~NtfsImage();
  NtfsImage(const NtfsImage&) = delete;
  NtfsImage& operator=(const NtfsImage&) = delete;

  void MakeDirectory(const std::u16string& path);
  void MakeFile(const std::u16string& path, std::string_view contents = {});
  void Link(const std::u16string& from, const std::u16string& to);
  void ShortName(const std::u16string& path, const std::string& name);
  void AddStream(const std::u16string& path, const ImageStream& stream);
  /// As chkdsk and Windows leave files whose holes were filled.
  void FlagSparse(const std::u16string& path, const std::u16string& stream);
  void CompressDirectory(const std::u16string& path);

  /// All streams of it become ciphertext, which they hold already.
  void Encrypt(const std::u16string& path, const std::string& efs_metadata);
  /// One stream only: the bytes are there up to `valid` rounded up to 512.
  void EncryptStream(const std::u16string& path, const std::u16string& stream, uint64_t size,
                     uint64_t valid);
  /// $EFS alone, with the flag of the file or directory.
  void AddEfs(const std::u16string& path, const std::string& efs_metadata);

  void SetSecurity(const std::u16string& path, std::string_view descriptor);
  void SetEa(const std::u16string& path, std::string_view list);
  void SetObjectId(const std::u16string& path, std::string_view id);
  void SetReparse(const std::u16string& path, std::string_view buffer);
  /// Attributes beside those that come by themselves. The last call for an object and all below.
  void SetAttributesAndTimes(const std::u16string& path, uint32_t attributes, uint64_t first_time);

  /// Offset and length of what describes the volume and is no file's data: MFT, indexes, bitmaps,
  /// descriptors, attribute lists.
  std::vector<std::pair<uint64_t, uint64_t>> MetadataPlaces();

 private:
  using Change = std::function<bool(ntfs_inode*)>;
  void With(const std::u16string& path, const char* what, const Change& change);
  void Create(const std::u16string& path, unsigned mode);
  bool FillStream(ntfs_inode* inode, const ImageStream& stream);
  void PatchStream(const std::u16string& path, const std::u16string& stream,
                   const std::function<void(ATTR_RECORD*, MFT_RECORD*)>& patch);

  ntfs_volume* volume_ = nullptr;
  std::map<std::u16string, uint64_t> references_;
};

/// `size` bytes of an $EFS attribute that has nothing inside but its length.
std::string BareEfsMetadata(uint32_t size);

/// Runs a program of ntfs-3g quietly; its exit status. 127: not installed.
int RunTool(const std::string& command_line);

}  // namespace tapir::test
