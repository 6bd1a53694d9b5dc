#include "device/vtape/tape_image.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "bytes/cursor.h"
#include "device/transfer.h"

namespace tapir::vtape {
namespace {

using internal::ReadAt;
using internal::TransferResult;
using internal::WriteAt;

constexpr uint32_t kTapeMark = 0;
constexpr uint32_t kEndOfMedium = 0xFFFFFFFF;
// The upper four bits are the class of a record: 0 is good data, 8 data read with errors; 7 and 15
// are markers without data, erase gaps among them. Others are no data of the tape.
constexpr uint32_t kClassMask = 0xF0000000;
constexpr uint32_t kBadData = 0x80000000;
constexpr uint32_t kLengthMask = 0x0FFFFFFF;
constexpr uint64_t kWordBytes = 4;

bool IsMarker(uint32_t word) {
  uint32_t record_class = word & kClassMask;
  return word == kTapeMark || record_class == 0x70000000 || record_class == 0xF0000000;
}

uint64_t PaddedBytes(uint32_t length) { return length + (length & 1U); }

}  // namespace

Result<TapeImage> TapeImage::Open(const std::string& path, bool writable, bool create) {
  TAPIR_ASSIGN_OR_RETURN(TapeImage image, OpenOurs(path, writable, create));
  if (image.objects_.empty() && !image.ends_clean_) {
    return Foreign("'" + path + "' is no tape image");
  }
  return image;
}

Result<TapeImage> TapeImage::OpenOurs(const std::string& path, bool writable, bool create) {
  TapeImage image;
  image.path_ = path;
  int flags = (writable ? O_RDWR : O_RDONLY) | (create ? O_CREAT : 0);
  image.file_ = internal::OpenDescriptor(path, flags);
  if (!image.file_) {
    std::string doing = "cannot open '" + path + "'";
    if (errno == ENOENT) return NotFound(doing + ": no such tape image");
    return Status::FromErrno(errno, doing);
  }
  Status scanned = image.Scan();
  if (!scanned.ok()) return scanned;
  return image;
}

// Hops from length word to length word.
Status TapeImage::Scan() {
  struct stat info = {};
  if (fstat(file_.get(), &info) != 0) {
    return Status::FromErrno(errno, "cannot look at '" + path_ + "'");
  }
  if (!S_ISREG(info.st_mode)) return InvalidArgument("'" + path_ + "' is no regular file");
  const auto file_bytes = static_cast<uint64_t>(info.st_size);
  data_bytes_ = {0};
  uint64_t at = 0;
  // The word behind a record and the one before the next are read at once.
  uint32_t next = 0;
  bool known = false;
  while (at + kWordBytes <= file_bytes) {
    std::array<std::byte, 2 * kWordBytes> words{};
    if (!known) {
      TransferResult read = ReadAt(file_.get(), std::span(words).first(kWordBytes), at);
      if (read.error != 0) return Status::FromErrno(read.error, "cannot read '" + path_ + "'");
      if (read.size < kWordBytes) break;
      next = LoadLe<uint32_t>(words.data());
    }
    const uint32_t word = next;
    known = false;
    if (word == kEndOfMedium) break;
    if (IsMarker(word)) {
      if (word == kTapeMark) {
        objects_.push_back({Object::Kind::kMark, 0, at});
        data_bytes_.push_back(data_bytes_.back());
      }
      at += kWordBytes;
      continue;
    }
    const uint32_t length = word & kLengthMask;
    const uint64_t tail = at + kWordBytes + PaddedBytes(length);
    if (tail + kWordBytes > file_bytes) break;
    TransferResult read = ReadAt(file_.get(), words, tail);
    if (read.error != 0) return Status::FromErrno(read.error, "cannot read '" + path_ + "'");
    if (read.size < kWordBytes || LoadLe<uint32_t>(words.data()) != word) break;
    const uint32_t record_class = word & kClassMask;
    if (record_class == 0 || record_class == kBadData) {
      const bool bad = record_class == kBadData;
      objects_.push_back({bad ? Object::Kind::kBadBlock : Object::Kind::kBlock, length, at});
      data_bytes_.push_back(data_bytes_.back() + length);
    }
    at = tail + kWordBytes;
    known = read.size == words.size();
    next = LoadLe<uint32_t>(&words[kWordBytes]);
  }
  ends_clean_ = End() == file_bytes;
  return OkStatus();
}

uint64_t TapeImage::DataBytesBefore(uint64_t object) const {
  return data_bytes_[std::min<uint64_t>(object, objects_.size())];
}

uint64_t TapeImage::End() const { return objects_.empty() ? 0 : EndOf(objects_.back()); }

uint64_t TapeImage::EndOf(const Object& object) const {
  if (object.kind == Object::Kind::kMark) return object.offset_bytes + kWordBytes;
  return object.offset_bytes + 2 * kWordBytes + PaddedBytes(object.size);
}

Status TapeImage::ReadBlock(uint64_t object, std::span<std::byte> buffer) const {
  TransferResult read = ReadAt(file_.get(), buffer, objects_[object].offset_bytes + kWordBytes);
  if (read.error != 0) return Status::FromErrno(read.error, "cannot read '" + path_ + "'");
  return read.size == buffer.size() ? OkStatus() : Truncated("'" + path_ + "' became shorter");
}

Status TapeImage::Truncate(uint64_t object) {
  if (object >= objects_.size() && ends_clean_) return OkStatus();
  const uint64_t end = object == 0 ? 0 : EndOf(objects_[object - 1]);
  if (ftruncate(file_.get(), static_cast<off_t>(end)) != 0) {
    return Status::FromErrno(errno, "cannot shorten '" + path_ + "'");
  }
  objects_.resize(object);
  data_bytes_.resize(object + 1);
  ends_clean_ = true;
  return OkStatus();
}

Status TapeImage::Append(std::span<const std::byte> head, std::span<const std::byte> block,
                         std::span<const std::byte> tail) {
  const uint64_t at = End();
  // Read by nobody before the length behind it is there: a crash between leaves no half a block.
  std::array<iovec, 3> parts = {iovec{const_cast<std::byte*>(head.data()), head.size()},
                                iovec{const_cast<std::byte*>(block.data()), block.size()},
                                iovec{const_cast<std::byte*>(tail.data()), tail.size()}};
  const size_t all = head.size() + block.size() + tail.size();
  ssize_t wrote = 0;
  do {
    wrote = pwritev(file_.get(), parts.data(), parts.size(), static_cast<off_t>(at));
  } while (wrote < 0 && errno == EINTR);
  if (wrote >= 0 && static_cast<size_t>(wrote) == all) return OkStatus();
  const int error = wrote < 0 ? errno : ENOSPC;
  ends_clean_ = false;
  return Status::FromErrno(error, "cannot write '" + path_ + "'");
}

Status TapeImage::WriteBlock(uint64_t object, std::span<const std::byte> block) {
  if (block.empty() || block.size() > kLengthMask) return InvalidArgument("block size");
  TAPIR_RETURN_IF_ERROR(Truncate(object));
  const auto length = static_cast<uint32_t>(block.size());
  std::array<std::byte, kWordBytes> head{};
  StoreLe(head.data(), length);
  // An odd block is padded by one byte of zero.
  std::array<std::byte, kWordBytes + 1> tail{};
  const size_t pad = length & 1U;
  StoreLe(&tail[pad], length);
  const uint64_t at = End();
  TAPIR_RETURN_IF_ERROR(Append(head, block, std::span(tail).first(kWordBytes + pad)));
  objects_.push_back({Object::Kind::kBlock, length, at});
  data_bytes_.push_back(data_bytes_.back() + length);
  return OkStatus();
}

Status TapeImage::WriteMarks(uint64_t object, uint32_t count) {
  TAPIR_RETURN_IF_ERROR(Truncate(object));
  for (uint32_t i = 0; i < count; ++i) {
    std::array<std::byte, kWordBytes> mark{};
    const uint64_t at = End();
    TAPIR_RETURN_IF_ERROR(Append(mark, {}, {}));
    objects_.push_back({Object::Kind::kMark, 0, at});
    data_bytes_.push_back(data_bytes_.back());
  }
  return OkStatus();
}

Status TapeImage::MarkBad(uint64_t object) {
  Object& block = objects_[object];
  std::array<std::byte, kWordBytes> word{};
  StoreLe(word.data(), block.size | kBadData);
  for (uint64_t at : {block.offset_bytes, EndOf(block) - kWordBytes}) {
    TransferResult wrote = WriteAt(file_.get(), word, at);
    if (wrote.error != 0) return Status::FromErrno(wrote.error, "cannot write '" + path_ + "'");
  }
  block.kind = Object::Kind::kBadBlock;
  return OkStatus();
}

Status TapeImage::Sync() {
  if (fdatasync(file_.get()) == 0) return OkStatus();
  return Status::FromErrno(errno, "cannot sync '" + path_ + "'");
}

}  // namespace tapir::vtape
