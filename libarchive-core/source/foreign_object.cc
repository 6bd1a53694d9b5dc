#include "source/foreign_object.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "source/file_state.h"
#include "windows/file_time.h"

namespace tapir::source {
namespace {

constexpr uint32_t kArchiveAttribute = 0x20;

// Of the object that the file stands for nothing else is known than what the file has.
NtfsMetadata WithTimes(NtfsMetadata ntfs, const Timestamp& mtime) {
  ntfs.file_attributes |= kArchiveAttribute;
  ntfs.creation_time = ntfs.modification_time = ntfs.change_time = ntfs.access_time =
      ToWindowsTime(mtime);
  return ntfs;
}

Status ReadRange(int descriptor, uint64_t offset, std::span<std::byte> into) {
  while (!into.empty()) {
    const ssize_t got = ::pread(descriptor, into.data(), into.size(), static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Status::FromErrno(errno, "cannot read");
    if (got == 0) return Truncated("it became shorter while it was archived");
    into = into.subspan(static_cast<size_t>(got));
    offset += static_cast<uint64_t>(got);
  }
  return OkStatus();
}

}  // namespace

Result<Descriptor> OpenRegular(const std::string& file) {
  Descriptor descriptor(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!descriptor) return Status::FromErrno(errno, "cannot open");
  struct stat info;
  if (::fstat(descriptor.get(), &info) != 0) return Status::FromErrno(errno, "cannot look at it");
  if (!S_ISREG(info.st_mode)) return InvalidArgument("is no regular file");
  return descriptor;
}

Status ForeignObject::Open(Metadata& metadata, std::vector<std::string>& /*warnings*/) {
  TAPIR_ASSIGN_OR_RETURN(descriptor_, OpenRegular(file_.file));
  struct stat info;
  if (::fstat(descriptor_.get(), &info) != 0) return Status::FromErrno(errno, "cannot look at it");
  SourceIdentity found = IdentityOf(info);
  found.device = file_.identity.device;
  if (found != file_.identity) return NotFound("was changed after it had been checked");
  metadata.path = file_.path;
  metadata.path_encoding = PathEncoding::kWtf8;
  metadata.type = ObjectType::kRegular;
  metadata.mode = info.st_mode & 07777;
  metadata.uid = info.st_uid;
  metadata.gid = info.st_gid;
  metadata.mtime = found.mtime;
  metadata.size = file_.streams.front().size;
  for (const PlacedStream& stream : file_.streams) {
    if (stream.head.number != 0) metadata.further_streams.push_back(stream.head);
  }
  if (file_.ntfs) {
    metadata.ntfs = std::make_shared<NtfsMetadata>(WithTimes(*file_.ntfs, found.mtime));
  }
  metadata.opaque_records = {file_.record};
  return OkStatus();
}

std::vector<SourceStream> ForeignObject::Streams() {
  std::vector<SourceStream> streams;
  for (const PlacedStream& stream : file_.streams) {
    streams.push_back({stream.head.number, stream.size, file_.form == ForeignForm::kEfsRaw});
  }
  return streams;
}

Result<size_t> ForeignObject::ReadStreamAt(uint32_t number, uint64_t offset_bytes,
                                           std::span<std::byte> buffer) {
  const PlacedStream& stream = file_.streams.at(number);
  if (offset_bytes >= stream.size) return size_t{0};
  buffer = buffer.first(
      static_cast<size_t>(std::min<uint64_t>(buffer.size(), stream.size - offset_bytes)));
  TAPIR_RETURN_IF_ERROR(ReadPlaced(stream.ranges, offset_bytes, buffer,
                                   [&](uint64_t place, std::span<std::byte> into) {
                                     return ReadRange(descriptor_.get(), place, into);
                                   }));
  return buffer.size();
}

Result<std::vector<Extent>> ForeignObject::StreamExtents(uint32_t number, uint64_t /*size_bytes*/) {
  return ExtentsOf(file_.streams.at(number).ranges);
}

ObjectStatus ForeignObject::Close() {
  struct stat info;
  const bool known = ::fstat(descriptor_.get(), &info) == 0;
  SourceIdentity now = known ? IdentityOf(info) : SourceIdentity{};
  now.device = file_.identity.device;
  descriptor_ = Descriptor();
  return known && now == file_.identity ? ObjectStatus::kOk : ObjectStatus::kChanged;
}

}  // namespace tapir::source
