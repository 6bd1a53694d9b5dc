#include "ntfs/volume_object.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "ntfs/names.h"
#include "tapir/windows/wtf8.h"
#include "windows/file_time.h"

namespace tapir::ntfs {
VolumeObject::VolumeObject(std::shared_ptr<Volume> volume, std::string path, ObjectRecord record)
    : volume_(std::move(volume)), path_(std::move(path)), record_(std::move(record)) {}

Status VolumeObject::Open(Metadata& metadata, std::vector<std::string>& warnings) {
  const bool read_only = (record_.ntfs.file_attributes & kWindowsReadOnly) != 0;
  metadata.path = path_;
  metadata.path_encoding = PathEncoding::kWtf8;
  metadata.type = record_.is_directory ? ObjectType::kDirectory : ObjectType::kRegular;
  metadata.mode = record_.is_directory ? 0755 : read_only ? 0444 : 0644;
  metadata.mtime = FromWindowsTime(record_.ntfs.modification_time);
  metadata.link_count = record_.is_directory ? 1 : record_.link_count;
  if (const StreamRecord* contents = record_.stream(0)) metadata.size = contents->archived_bytes;
  for (const StreamRecord& stream : record_.streams) {
    if (stream.head.number != 0) metadata.further_streams.push_back(stream.head);
  }
  metadata.ntfs = std::make_shared<NtfsMetadata>(record_.ntfs);
  warnings.insert(warnings.end(), record_.warnings.begin(), record_.warnings.end());
  return OkStatus();
}

std::vector<SourceStream> VolumeObject::Streams() {
  std::vector<SourceStream> streams;
  for (const StreamRecord& stream : record_.streams) {
    streams.push_back({stream.head.number, stream.archived_bytes, stream.state.encrypted});
  }
  return streams;
}

Result<std::vector<Extent>> VolumeObject::StreamExtents(uint32_t number, uint64_t /*size_bytes*/) {
  const StreamRecord* stream = record_.stream(number);
  if (stream == nullptr) return NotFound("no such stream");
  return stream->extents;
}

Result<size_t> VolumeObject::ReadStreamAt(uint32_t number, uint64_t offset_bytes,
                                          std::span<std::byte> buffer) {
  const StreamRecord* stream = record_.stream(number);
  if (stream == nullptr) return NotFound("no such stream");
  if (offset_bytes >= stream->archived_bytes) return size_t{0};
  buffer = buffer.first(static_cast<size_t>(
      std::min<uint64_t>(buffer.size(), stream->archived_bytes - offset_bytes)));
  if (stream->resident) {
    std::memcpy(buffer.data(), stream->value.data() + offset_bytes, buffer.size());
  } else if (stream->state.compressed) {
    TAPIR_RETURN_IF_ERROR(ReadCompressed(*stream, offset_bytes, buffer));
  } else {
    TAPIR_RETURN_IF_ERROR(ReadPlaced(stream->runs, offset_bytes, buffer,
                                     [&](uint64_t place, std::span<std::byte> into) {
                                       return volume_->image().ReadAt(place, into);
                                     }));
  }
  return buffer.size();
}

Status VolumeObject::ReadCompressed(const StreamRecord& stream, uint64_t offset_bytes,
                                    std::span<std::byte> buffer) {
  const auto lock = volume_->Lock();
  errno = 0;
  const Inode inode(ntfs_inode_open(volume_->get(), record_.ntfs.file_reference));
  if (!inode) return LastError("its record cannot be read");
  LibraryName name(Utf16(stream.head.name).value_or(std::u16string()));
  const Attribute attribute(ntfs_attr_open(inode.get(), AT_DATA, name.get(), name.size()));
  if (!attribute) return LastError("the stream cannot be opened");
  for (size_t done = 0; done < buffer.size();) {
    errno = 0;
    const s64 got = ntfs_attr_pread(attribute.get(), static_cast<s64>(offset_bytes + done),
                                    static_cast<s64>(buffer.size() - done), &buffer[done]);
    if (got <= 0) return LastError("compressed data cannot be read");
    done += static_cast<size_t>(got);
  }
  return OkStatus();
}

}  // namespace tapir::ntfs
