#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/magic.h>
#include <sys/vfs.h>

#include <cerrno>
#include <memory>

#include "device/data_end.h"
#include "device/file_reader.h"
#include "device/read_ahead.h"
#include "device/transfer.h"
#include "tapir/device/file_device.h"
#include "tests/device/device_test_support.h"

namespace tapir {
namespace {

using internal::FileReader;
using internal::TransferResult;

constexpr size_t kMiB = 1u << 20;

/// A file of `size` bytes that is not in the page cache.
Bytes PutColdFile(const std::string& path, size_t size) {
  Bytes bytes = Pattern(size, size);
  PutFile(path, bytes);
  Descriptor file = internal::OpenDescriptor(path, O_RDONLY);
  fdatasync(file.get());
  posix_fadvise(file.get(), 0, 0, POSIX_FADV_DONTNEED);
  return bytes;
}

bool CanReadDirectly(const std::string& folder) {
  struct statfs system = {};
  Descriptor file = internal::OpenDescriptor(folder, O_RDONLY);
  return fstatfs(file.get(), &system) == 0 && system.f_type != TMPFS_MAGIC;
}

bool IsAt(const Bytes& all, size_t offset, const Bytes& part, size_t size) {
  return offset + size <= all.size() &&
         std::equal(part.begin(), part.begin() + static_cast<ptrdiff_t>(size),
                    all.begin() + static_cast<ptrdiff_t>(offset));
}

TEST(FileReading, PassesTheCacheByOnlyForLongColdReading) {
  TemporaryFolder folder;
  if (!CanReadDirectly(folder.path())) GTEST_SKIP() << "a file system in memory is always cached";
  Bytes all = PutColdFile(folder / "v", 24 * kMiB + 1234);
  Descriptor file = internal::OpenDescriptor(folder / "v", O_RDONLY);
  FileReader reader(file.get(), true, 4 * kMiB);
  Bytes buffer(kMiB);
  bool was_direct = false;
  for (size_t offset = 0; offset < all.size();) {
    TransferResult result = reader.Read(offset, buffer);
    ASSERT_EQ(result.error, 0);
    ASSERT_GT(result.size, 0u);
    ASSERT_TRUE(IsAt(all, offset, buffer, result.size)) << offset;
    ASSERT_FALSE(offset < 4 * kMiB && reader.reads_directly());
    was_direct |= reader.reads_directly();
    offset += result.size;
  }
  EXPECT_TRUE(was_direct);
  EXPECT_EQ(reader.Read(all.size(), buffer).size, 0u);
}

TEST(FileReading, UsesTheCacheWhereTheFileLiesThere) {
  TemporaryFolder folder;
  Bytes all = Pattern(12 * kMiB, 1);
  PutFile(folder / "v", all);
  Descriptor file = internal::OpenDescriptor(folder / "v", O_RDONLY);
  FileReader reader(file.get(), true, 4 * kMiB);
  Bytes buffer(kMiB);
  for (size_t offset = 0; offset < all.size(); offset += buffer.size()) {
    ASSERT_EQ(reader.Read(offset, buffer).size, buffer.size());
    ASSERT_TRUE(IsAt(all, offset, buffer, buffer.size()));
    ASSERT_FALSE(reader.reads_directly());
  }
}

TEST(FileReading, SkipsAndGoesBackWhileItReadsAhead) {
  TemporaryFolder folder;
  Bytes all = PutColdFile(folder / "v", 20 * kMiB + 100);
  auto device = *FileDevice::Open(folder / "v", OpenMode::kRead, {.read_ahead_bytes = 4 * kMiB});
  std::mt19937_64 random(7);
  Bytes buffer(700'000);
  size_t offset = 0;
  for (int i = 0; i < 300; ++i) {
    // Mostly onwards, now and then a short skip, a long skip or back to anywhere.
    uint64_t dice = random() % 40;
    if (dice == 0) offset = random() % all.size();
    if (dice == 1) offset += 3 * kMiB;
    if (dice == 2) offset += random() % 5000;
    size_t wanted = 1 + random() % buffer.size();
    ASSERT_OK(device->Locate({.offset_bytes = offset}));
    auto outcome = device->Read(std::span(buffer).first(wanted));
    ASSERT_OK(outcome);
    if (outcome->kind == ReadKind::kEndOfData) {
      ASSERT_GE(offset, all.size());
      offset = 0;
      continue;
    }
    ASSERT_TRUE(IsAt(all, offset, buffer, outcome->size)) << offset;
    offset += outcome->size;
    ASSERT_EQ(device->position().offset_bytes, offset);
  }
}

TEST(FileReading, EndsInAFileThatShrinksOrGrows) {
  TemporaryFolder folder;
  std::string path = folder / "v";
  PutColdFile(path, 40 * kMiB);
  auto device = *FileDevice::Open(path, OpenMode::kRead, {.read_ahead_bytes = 4 * kMiB});
  Bytes buffer(kMiB);
  for (int i = 0; i < 8; ++i) ASSERT_OK(device->Read(buffer));
  std::filesystem::resize_file(path, 10 * kMiB);
  Bytes rest = ReadAll(*device, kMiB);
  EXPECT_LE(rest.size(), 32 * kMiB);
  EXPECT_EQ(device->LengthBytes(), static_cast<int64_t>(10 * kMiB));
  ASSERT_OK(device->LocateEnd());
  EXPECT_EQ(device->Read(buffer)->kind, ReadKind::kEndOfData);
  // A writer has added a session since.
  std::filesystem::resize_file(path, 10 * kMiB + 4096);
  auto more = device->Read(buffer);
  ASSERT_OK(more);
  EXPECT_EQ(more->size, 4096u);
}

TEST(FileReading, DeliversATruncatedLastUnit) {
  TemporaryFolder folder;
  Bytes all = Pattern(4096 + 17, 1);
  PutFile(folder / "v", all);
  auto device = *FileDevice::Open(folder / "v", OpenMode::kRead);
  EXPECT_TRUE(ReadAll(*device, 4096) == all);
}

TEST(FileReading, CopesWithFilesThatTellNoLength) {
  auto device = FileDevice::Open("/proc/self/mountinfo", OpenMode::kRead);
  ASSERT_OK(device);
  EXPECT_EQ((*device)->LengthBytes(), 0);
  EXPECT_GT(ReadAll(**device, 512).size(), 0u);
}

TEST(FileReading, ToleratesAnEmptyBuffer) {
  TemporaryFolder folder;
  PutFile(folder / "v", Pattern(10, 1));
  auto device = *FileDevice::Open(folder / "v", OpenMode::kRead);
  auto outcome = device->Read({});
  ASSERT_OK(outcome);
  EXPECT_EQ(outcome->kind, ReadKind::kData);
  EXPECT_EQ(outcome->size, 0u);
}

TEST(FileReading, TellsErrors) {
  TemporaryFolder folder;
  Descriptor directory = internal::OpenDescriptor(folder.path(), O_RDONLY);
  FileReader reader(directory.get(), true, 4 * kMiB);
  Bytes buffer(100);
  EXPECT_EQ(reader.Read(0, buffer).error, EISDIR);
}

TEST(FileReading, ReadingAheadEndsAtABadPlaceAndBeginsAnew) {
  TemporaryFolder folder;
  Bytes all = Pattern(9 * kMiB, 1);
  PutFile(folder / "v", all);
  Descriptor file = internal::OpenDescriptor(folder / "v", O_RDONLY);
  internal::ReadAhead ahead(file.get(), 4 * kMiB);
  Bytes buffer(6 * kMiB);
  EXPECT_EQ(ahead.Take(0, buffer), 0u);
  ahead.Start(5000);
  EXPECT_EQ(ahead.Take(5000, buffer), buffer.size());
  EXPECT_TRUE(IsAt(all, 5000, buffer, buffer.size()));
  EXPECT_EQ(ahead.Take(0, buffer), 0u);
  ahead.Start(8 * kMiB);
  EXPECT_EQ(ahead.Take(8 * kMiB, buffer), kMiB);
  EXPECT_EQ(ahead.Take(9 * kMiB, buffer), 0u);
  ahead.Start(0);
  ahead.Stop();
  EXPECT_EQ(ahead.Take(0, buffer), 0u);

  internal::ReadAhead broken(-1, 4 * kMiB);
  broken.Start(0);
  EXPECT_EQ(broken.Take(0, buffer), 0u);
}

TEST(DataEnd, SkipsZeroUnitsOfABuffer) {
  Bytes data(4 * 4096 + 100);
  EXPECT_EQ(internal::LastDataEnd({}), 0u);
  EXPECT_EQ(internal::LastDataEnd(data), 0u);
  data[4096] = std::byte{1};
  EXPECT_EQ(internal::LastDataEnd(data), 8192u);
  data[4 * 4096 + 99] = std::byte{1};
  EXPECT_EQ(internal::LastDataEnd(data), data.size());
}

TEST(DataEnd, FindsTheLastDataOfAFile) {
  TemporaryFolder folder;
  std::string path = folder / "v";
  PutFile(path, {});
  auto device = *FileDevice::Open(path, OpenMode::kRead);
  EXPECT_EQ(device->DataEndBefore(0), 0u);
  // Data at 3 units, written zeros, then a hole of 100 GiB, then data again.
  constexpr uint64_t kFar = uint64_t{100} << 30;
  constexpr uint64_t kUnit = 4096;
  Descriptor file = internal::OpenDescriptor(path, O_WRONLY);
  Bytes data = Pattern(4096, 1);
  Bytes zeros(3 * kMiB);
  ASSERT_EQ(internal::WriteAt(file.get(), data, 3 * kUnit).error, 0);
  ASSERT_EQ(internal::WriteAt(file.get(), zeros, 4 * kUnit).error, 0);
  ASSERT_EQ(ftruncate(file.get(), static_cast<off_t>(kFar)), 0);
  EXPECT_EQ(device->DataEndBefore(kFar), 4 * kUnit);
  EXPECT_EQ(device->DataEndBefore(4 * kUnit + 1), 4 * kUnit);
  EXPECT_EQ(device->DataEndBefore(4 * kUnit - 5), 4 * kUnit - 5);
  EXPECT_EQ(device->DataEndBefore(3 * kUnit), 0u);
  ASSERT_EQ(internal::WriteAt(file.get(), data, kFar + 4096).error, 0);
  EXPECT_EQ(device->DataEndBefore(kFar + 8192), kFar + 8192);
  EXPECT_EQ(device->DataEndBefore(kFar + 4096), 4 * kUnit);
}

}  // namespace
}  // namespace tapir
