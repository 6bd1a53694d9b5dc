#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fuzz/support/ntfs_patches.h"
#include "fuzz/support/require.h"
#include "ntfs/image.h"
#include "ntfs/record.h"
#include "ntfs/tree_walk.h"
#include "ntfs/volume.h"
#include "ntfs/volume_object.h"

namespace {

using namespace tapir;
using fuzz::Require;

constexpr size_t kMostNames = 500;
constexpr uint64_t kMostReadBytes = uint64_t{2} << 20;
constexpr size_t kPieceBytes = 100'000;

class TextImage : public ntfs::Image {
 public:
  explicit TextImage(std::string bytes) : bytes_(std::move(bytes)) {}

  Status ReadAt(uint64_t offset_bytes, std::span<std::byte> buffer) override {
    const bool inside =
        offset_bytes <= bytes_.size() && buffer.size() <= bytes_.size() - offset_bytes;
    if (!inside) return Status::FromErrno(EIO, "behind the end");
    if (!buffer.empty()) std::memcpy(buffer.data(), &bytes_[offset_bytes], buffer.size());
    return OkStatus();
  }
  Status WriteAt(uint64_t, std::span<const std::byte>) override {
    Require(false, "a volume mounted for reading is written");
    return OkStatus();
  }
  Status Sync() override { return OkStatus(); }
  uint64_t size_bytes() const override { return bytes_.size(); }

 private:
  std::string bytes_;
};

void CheckExtents(const std::vector<Extent>& extents, uint64_t size) {
  uint64_t end = 0;
  for (size_t i = 0; i < extents.size(); ++i) {
    const Extent& extent = extents[i];
    Require(extent.length_bytes > 0, "an empty extent");
    Require(i == 0 || extent.offset_bytes > end, "extents that touch or go back");
    Require(extent.offset_bytes <= size && extent.length_bytes <= size - extent.offset_bytes,
            "an extent behind the end");
    end = extent.offset_bytes + extent.length_bytes;
  }
}

void ReadStreams(ntfs::VolumeObject& object, uint64_t& budget) {
  std::vector<std::byte> piece(kPieceBytes);
  for (const SourceStream& stream : object.Streams()) {
    const Result<std::vector<Extent>> extents = object.StreamExtents(stream.number, stream.size);
    Require(extents.ok(), "a stream without extents");
    CheckExtents(*extents, stream.size);
    for (const Extent& extent : *extents) {
      for (uint64_t at = 0; at < extent.length_bytes && budget > 0; at += kPieceBytes) {
        const auto count =
            static_cast<size_t>(std::min<uint64_t>(kPieceBytes, extent.length_bytes - at));
        const Result<size_t> got = object.ReadStreamAt(stream.number, extent.offset_bytes + at,
                                                       std::span(piece).first(count));
        if (!got.ok()) break;
        Require(*got == count, "a stream ends within an extent");
        budget -= std::min<uint64_t>(budget, count);
      }
    }
  }
}

}  // namespace

// A volume of which anything may be damaged: all names and all data are gone through.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const std::string base = fuzz::NtfsBase();
  std::string bytes = base;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  for (const fuzz::Patch& patch : fuzz::DecodePatches(input)) {
    const size_t offset = patch.offset % bytes.size();
    const size_t count = std::min(patch.bytes.size(), bytes.size() - offset);
    bytes.replace(offset, count, patch.bytes, 0, count);
  }
  Result<std::shared_ptr<ntfs::Volume>> volume =
      ntfs::Volume::Mount(std::make_unique<TextImage>(std::move(bytes)), "image", false);
  if (!volume.ok()) return 0;
  ntfs::TreeWalk walk(
      *volume, [](const std::string&, const std::string&) {},
      [](const std::string&) { return true; });
  uint64_t budget = kMostReadBytes;
  for (size_t names = 0; names < kMostNames; ++names) {
    const std::optional<ntfs::FoundName> found = walk.Next();
    if (!found) break;
    Result<ntfs::ObjectRecord> record =
        ntfs::ReadObject(**volume, found->file_reference, found->place);
    if (!record.ok()) continue;
    ntfs::VolumeObject object(*volume, found->path, *std::move(record));
    Metadata metadata;
    std::vector<std::string> warnings;
    (void)object.Open(metadata, warnings).ok();
    ReadStreams(object, budget);
  }
  return 0;
}
