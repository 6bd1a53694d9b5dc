#include "ntfs/stream_writer.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "bytes/cursor.h"
#include "ntfs/names.h"
#include "ntfs/volume_flag.h"
#include "tapir/windows/wtf8.h"

namespace tapir::ntfs {
namespace {

// What the library can compress.
constexpr uint32_t kMostCompressedClusterBytes = 4096;

// The library goes through all runs that it holds whenever one is added. Opened again, it holds the
// last ones only.
constexpr uint64_t kMostHeldGaps = 128;

// Gives the head of a non-resident attribute the field that sparse ones have more.
bool MakeSparse(ATTR_RECORD* record, MFT_RECORD* mft) {
  constexpr u32 kMore = sizeof(record->compressed_size);
  const u32 length = le32_to_cpu(record->length);
  const u16 head = offsetof(ATTR_RECORD, compressed_size);
  if (ntfs_attr_record_resize(mft, record, length + kMore) != 0) return false;
  auto* bytes = reinterpret_cast<std::byte*>(record);
  std::memmove(bytes + head + kMore, bytes + head, length - head);
  record->name_offset = cpu_to_le16(static_cast<u16>(le16_to_cpu(record->name_offset) + kMore));
  record->mapping_pairs_offset =
      cpu_to_le16(static_cast<u16>(le16_to_cpu(record->mapping_pairs_offset) + kMore));
  record->compressed_size = record->allocated_size;
  record->flags = static_cast<ATTR_FLAGS>(record->flags | ATTR_IS_SPARSE);
  return true;
}

}  // namespace

Result<StreamWriter> StreamWriter::Open(Volume& volume, ntfs_inode* inode, const std::string& name,
                                        const NtfsStream& state) {
  std::optional<std::u16string> units = Utf16(name);
  if (!units || units->size() > 255) return InvalidArgument("NTFS cannot hold its name");
  StreamWriter writer(volume, inode, *std::move(units), state);
  if (!writer.name_.empty()) {
    LibraryName library(writer.name_);
    errno = 0;
    const bool made = ntfs_attr_add(inode, AT_DATA, library.get(), library.size(), nullptr, 0) == 0;
    if (!made && errno != EEXIST) return LastError("the stream cannot be made");
    if (!made) TAPIR_RETURN_IF_ERROR(writer.Empty());
  }
  if (volume.cluster_bytes() > kMostCompressedClusterBytes) writer.state_.compressed = false;
  // Without it the library takes the flag from an empty stream again where it opens it.
  const VolumeFlag compressing(volume.get(), NV_Compression, writer.state_.compressed);
  if (writer.state_.compressed) {
    LibraryName library(writer.name_);
    const bool set = ntfs_attr_set_flags(inode, AT_DATA, library.get(), library.size(),
                                         ATTR_IS_COMPRESSED, ATTR_COMPRESSION_MASK) == 0;
    if (!set) return LastError("it cannot be compressed");
    inode->flags = static_cast<FILE_ATTR_FLAGS>(inode->flags | FILE_ATTR_COMPRESSED);
  }
  TAPIR_RETURN_IF_ERROR(writer.OpenAttribute());
  return writer;
}

// Of a directory that is replaced a stream of that name may be there.
Status StreamWriter::Empty() {
  TAPIR_RETURN_IF_ERROR(OpenAttribute());
  if (ntfs_attr_truncate(attribute_.get(), 0) != 0) return LastError("the stream that is there");
  attribute_.reset();
  return OkStatus();
}

Status StreamWriter::OpenAttribute() {
  LibraryName library(name_);
  errno = 0;
  attribute_.reset(ntfs_attr_open(inode_, AT_DATA, library.get(), library.size()));
  return attribute_ ? OkStatus() : LastError("the stream cannot be opened");
}

Status StreamWriter::Write(uint64_t offset_bytes, std::span<const std::byte> data) {
  const VolumeFlag compressing(volume_->get(), NV_Compression, state_.compressed);
  TAPIR_RETURN_IF_ERROR(CheckHole(end_bytes_, offset_bytes));
  const bool starts_anew = offset_bytes > end_bytes_ && ++gaps_ % kMostHeldGaps == 0;
  if (starts_anew && !state_.compressed) TAPIR_RETURN_IF_ERROR(OpenAttribute());
  while (!data.empty()) {
    errno = 0;
    const s64 put = ntfs_attr_pwrite(attribute_.get(), static_cast<s64>(offset_bytes),
                                     static_cast<s64>(data.size()), data.data());
    if (put <= 0) return LastError("the stream cannot be written");
    data = data.subspan(static_cast<size_t>(put));
    offset_bytes += static_cast<uint64_t>(put);
  }
  end_bytes_ = std::max(end_bytes_, offset_bytes);
  return OkStatus();
}

Status StreamWriter::CheckHole(uint64_t begin_bytes, uint64_t end_bytes) const {
  const uint64_t cluster = volume_->cluster_bytes();
  if (!state_.encrypted || begin_bytes >= end_bytes) return OkStatus();
  if (begin_bytes % cluster == 0 && end_bytes % cluster == 0) return OkStatus();
  return Unsupported("it is encrypted and has holes that do not fit clusters of " +
                     std::to_string(cluster) + " bytes");
}

// As far as something stands in it.
uint64_t StreamWriter::StoredBytes() const {
  return state_.encrypted ? RoundUp(state_.valid_bytes, kEfsUnitBytes) : state_.valid_bytes;
}

void StreamWriter::SetState(const NtfsStream& state) {
  state_ = state;
  state_.sparse |= gaps_ > 0 || end_bytes_ < StoredBytes();
}

void StreamWriter::SetLength(uint64_t size_bytes) {
  state_.size = state_.valid_bytes = size_bytes;
  state_.sparse |= gaps_ > 0 || end_bytes_ < size_bytes;
}

// A hole where the state wants one, else clusters as far as the size.
Status StreamWriter::Resize() {
  if (end_bytes_ < StoredBytes()) {
    const uint64_t clusters_end = RoundUp(StoredBytes(), volume_->cluster_bytes());
    TAPIR_RETURN_IF_ERROR(CheckHole(end_bytes_, clusters_end));
  }
  const uint64_t length = state_.encrypted ? RoundUp(state_.size, kEfsUnitBytes) : state_.size;
  const bool hole = state_.sparse || state_.compressed;
  if (static_cast<uint64_t>(attribute_->data_size) != length) {
    errno = 0;
    const auto wanted = static_cast<s64>(length);
    const int failed = hole ? ntfs_attr_truncate(attribute_.get(), wanted)
                            : ntfs_attr_truncate_solid(attribute_.get(), wanted);
    if (failed != 0) return LastError("the stream cannot be given its size");
  }
  const bool needs_head = state_.encrypted || state_.sparse || state_.valid_bytes < state_.size;
  if (needs_head && !NAttrNonResident(attribute_.get()) &&
      ntfs_attr_force_non_resident(attribute_.get()) != 0) {
    return LastError("the stream cannot be moved out of its record");
  }
  return OkStatus();
}

// What the library has no call for.
Status StreamWriter::Patch(std::string& loss) {
  const Search search(ntfs_attr_get_search_ctx(inode_, nullptr));
  LibraryName library(name_);
  errno = 0;
  if (!search || ntfs_attr_lookup(AT_DATA, library.get(), library.size(), CASE_SENSITIVE, 0,
                                  nullptr, 0, search.get()) != 0) {
    return LastError("the stream is not found again");
  }
  ATTR_RECORD* record = search->attr;
  if (record->non_resident == 0) return OkStatus();
  if (state_.encrypted) {
    record->flags = static_cast<ATTR_FLAGS>(record->flags | ATTR_IS_ENCRYPTED);
  }
  // The library gives ciphertext whole units, and a hole behind compressed data whole blocks.
  record->data_size = cpu_to_le64(state_.size);
  record->initialized_size = cpu_to_le64(state_.valid_bytes);
  const bool lacks_sparse = state_.sparse && (record->flags & ATTR_IS_SPARSE) == 0;
  const bool has_field = (record->flags & ATTR_COMPRESSION_MASK) != 0;
  if (lacks_sparse && has_field) {
    record->flags = static_cast<ATTR_FLAGS>(record->flags | ATTR_IS_SPARSE);
  } else if (lacks_sparse && !MakeSparse(record, search->mrec)) {
    loss = "its flag for sparse files, since it has no hole";
  }
  if (name_.empty() && state_.sparse) {
    // Where only one of the two says so the library refuses the file.
    inode_->flags = static_cast<FILE_ATTR_FLAGS>(inode_->flags | FILE_ATTR_SPARSE_FILE);
  }
  if (name_.empty()) {
    inode_->data_size = static_cast<s64>(state_.size);
    NInoFileNameSetDirty(inode_);
  }
  ntfs_inode_mark_dirty(search->ntfs_ino);
  return OkStatus();
}

Status StreamWriter::Finish(std::string& loss) {
  const VolumeFlag compressing(volume_->get(), NV_Compression, state_.compressed);
  if (state_.compressed && ntfs_attr_pclose(attribute_.get()) != 0) {
    return LastError("compression cannot be ended");
  }
  TAPIR_RETURN_IF_ERROR(Resize());
  attribute_.reset();
  return state_.is_plain() ? OkStatus() : Patch(loss);
}

}  // namespace tapir::ntfs
