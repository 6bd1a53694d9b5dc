#include "target/linking.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <limits>
#include <vector>

#include "target/restored_file.h"

namespace tapir::target {

namespace {

// File systems without hard links, a file with as many names as it can have, and so on.
bool MeansNoHardLinks(int error) {
  return error == EPERM || error == EMLINK || error == EXDEV || error == EOPNOTSUPP ||
         error == ENOSYS;
}

// The next data at or after `offset`, without end where holes are not told.
Extent NextData(int fd, uint64_t offset) {
  constexpr uint64_t kWithoutEnd = static_cast<uint64_t>(std::numeric_limits<off_t>::max());
  const off_t begin = ::lseek(fd, static_cast<off_t>(offset), SEEK_DATA);
  if (begin < 0) return {offset, errno == ENXIO ? 0 : kWithoutEnd - offset};
  const off_t end = ::lseek(fd, begin, SEEK_HOLE);
  const auto data_begin = static_cast<uint64_t>(begin);
  return {data_begin, (end < 0 ? kWithoutEnd : static_cast<uint64_t>(end)) - data_begin};
}

Status CopyPrimary(Shared& shared, const std::string& primary_path, const Metadata& metadata) {
  TAPIR_ASSIGN_OR_RETURN(const Descriptor fd, shared.OpenMade(primary_path));
  struct stat now {};
  if (::fstat(fd.get(), &now) != 0) {
    return Status::FromErrno(errno, "cannot read back '" + primary_path + "'");
  }
  const auto size = static_cast<uint64_t>(now.st_size);
  TAPIR_ASSIGN_OR_RETURN(const std::unique_ptr<TargetFile> file,
                         RestoredFile::Create(shared, metadata.path));
  std::vector<std::byte> buffer(1u << 20);
  for (uint64_t offset = 0; offset < size;) {
    TAPIR_ASSIGN_OR_RETURN(const DataRead data,
                           ReadNextData(fd.get(), buffer, offset, primary_path));
    if (data.size == 0) break;
    TAPIR_RETURN_IF_ERROR(file->WriteAt(data.offset_bytes, {buffer.data(), data.size}));
    offset = data.offset_bytes + data.size;
  }
  return file->Commit(metadata, size);
}

}  // namespace

Status MakeHardLink(Shared& shared, const std::string& primary_path, const Place& place,
                    const Metadata& metadata) {
  const Made made = shared.paths.Find(shared.hasher.Hash(primary_path));
  if (made == Made::kSkippedNode) {
    shared.setter.losses().Add(Loss::kDeviceNode, metadata.path, EPERM);
    shared.paths.Add(place.hash, made);
    return OkStatus();
  }
  if (made != Made::kFile && made != Made::kNode) {
    return NotFound("cannot create '" + metadata.path + "': its primary '" + primary_path +
                    "' was not restored");
  }
  TAPIR_ASSIGN_OR_RETURN(const Place primary,
                         shared.Locate(primary_path, DirectoryCache::Missing::kFail));
  const auto link = [&](const char* name) {
    return ::linkat(primary.parent_fd(), primary.name, place.parent_fd(), name, 0) == 0 ? 0 : errno;
  };
  const int error = link(place.name);
  if (error == EEXIST && shared.in_the_way.may_be_replaced) {
    TAPIR_ASSIGN_OR_RETURN(const std::string temporary, MakeTemporary(place, link));
    TAPIR_RETURN_IF_ERROR(MoveIntoPlace(place, temporary, shared.in_the_way));
    // Renaming does nothing if both are names of one file already.
    ::unlinkat(place.parent_fd(), temporary.c_str(), 0);
  } else if (MeansNoHardLinks(error) && made == Made::kFile) {
    TAPIR_RETURN_IF_ERROR(CopyPrimary(shared, primary_path, metadata));
    shared.setter.losses().Add(Loss::kHardLink, metadata.path, error);
  } else if (error != 0) {
    return CannotCreate(metadata.path, error);
  }
  shared.paths.Add(place.hash, made);
  return OkStatus();
}

Result<DataRead> ReadNextData(int fd, std::span<std::byte> buffer, uint64_t offset_bytes,
                              const std::string& path) {
  const Extent data = NextData(fd, offset_bytes);
  const size_t wanted = std::min<uint64_t>(buffer.size(), data.length_bytes);
  DataRead read{data.offset_bytes, 0};
  while (read.size < wanted) {
    const ssize_t got = ::pread(fd, buffer.data() + read.size, wanted - read.size,
                                static_cast<off_t>(data.offset_bytes + read.size));
    if (got == 0) break;
    if (got < 0 && errno != EINTR) {
      return Status::FromErrno(errno, "cannot read back '" + path + "'");
    }
    if (got > 0) read.size += static_cast<size_t>(got);
  }
  return read;
}

}  // namespace tapir::target
