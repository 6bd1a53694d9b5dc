#include "tapir/device/file_device.h"

#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/resource.h>

#include <csignal>
#include <memory>

#include "tests/device/device_test_support.h"

namespace tapir {
namespace {

std::unique_ptr<FileDevice> MustOpen(const std::string& path, OpenMode mode,
                                     const FileDeviceOptions& options = {}) {
  Result<std::unique_ptr<FileDevice>> device = FileDevice::Open(path, mode, options);
  EXPECT_TRUE(device.ok()) << TextOf(device);
  return device.ok() ? *std::move(device) : nullptr;
}

StatusCode CodeOfOpen(const std::string& path, OpenMode mode) {
  return FileDevice::Open(path, mode).status().code();
}

TEST(FileDevice, WritesBlocksEndToEndAndReadsThemInAnySteps) {
  TemporaryFolder folder;
  const size_t sizes[] = {4096, 1u << 20, 8192, 3u << 20, 65536, 4096, 8u << 20, 1u << 20};
  for (bool direct : {true, false}) {
    std::string path = folder / (direct ? "direct" : "cached");
    FileDeviceOptions options{.direct_io = direct, .read_ahead_bytes = 4u << 20};
    auto writer = MustOpen(path, OpenMode::kCreate, options);
    Bytes all;
    for (size_t size : sizes) {
      Bytes block = Pattern(size, all.size());
      ASSERT_WRITTEN(writer->Write(block));
      Append(all, block);
      ASSERT_EQ(writer->position().offset_bytes, all.size());
      ASSERT_EQ(writer->LengthBytes(), static_cast<int64_t>(all.size()));
    }
    ASSERT_EQ(writer->position().object, std::size(sizes));
    ASSERT_OK(writer->Sync());
    EXPECT_TRUE(GetFile(path) == all);
    for (size_t step : {size_t{100}, size_t{4096}, size_t{999'999}, size_t{32} << 20}) {
      auto reader = MustOpen(path, OpenMode::kRead, options);
      EXPECT_TRUE(ReadAll(*reader, step) == all) << step;
    }
  }
}

TEST(FileDevice, ModesSayWhatMayExist) {
  TemporaryFolder folder;
  std::string path = folder / "v";
  EXPECT_EQ(CodeOfOpen(path, OpenMode::kRead), StatusCode::kNotFound);
  EXPECT_EQ(CodeOfOpen(path, OpenMode::kAppend), StatusCode::kNotFound);
  EXPECT_TRUE(MustOpen(path, OpenMode::kAppendOrCreate)->created());
  EXPECT_FALSE(MustOpen(path, OpenMode::kAppendOrCreate)->created());
  EXPECT_EQ(CodeOfOpen(path, OpenMode::kCreate), StatusCode::kExists);
  EXPECT_FALSE(MustOpen(path, OpenMode::kAppend)->created());
  EXPECT_EQ(CodeOfOpen(folder.path(), OpenMode::kRead), StatusCode::kInvalidArgument);
  EXPECT_EQ(FileDevice::Open(folder / "no/v", OpenMode::kCreate).status().message(),
            "cannot create '" + folder / "no/v" + "': no such directory");
  Status status = FileDevice::Open(path + "/v", OpenMode::kRead).status();
  EXPECT_EQ(status.sys_errno(), ENOTDIR);
  EXPECT_EQ(status.message(), "cannot open '" + path + "/v': Not a directory");
}

TEST(FileDevice, TraitsAndIdentity) {
  TemporaryFolder folder;
  auto writer = MustOpen(folder / "v", OpenMode::kCreate);
  auto reader = MustOpen(folder / "v", OpenMode::kRead);
  EXPECT_TRUE(writer->traits().writable);
  EXPECT_FALSE(reader->traits().writable);
  EXPECT_TRUE(reader->traits().can_locate);
  EXPECT_FALSE(reader->traits().keeps_block_boundaries);
  EXPECT_EQ(reader->identity(), writer->identity());
  EXPECT_EQ(reader->name(), "file:" + folder / "v");
  EXPECT_FALSE(MustOpen(folder / "w", OpenMode::kCreate)->identity() == writer->identity());
}

TEST(FileDevice, AppendsBehindWhatIsThere) {
  TemporaryFolder folder;
  std::string path = folder / "v";
  Bytes all;
  for (uint64_t session = 0; session < 3; ++session) {
    auto device = MustOpen(path, OpenMode::kAppendOrCreate);
    ASSERT_EQ(ReadAll(*device, 5000).size(), all.size());
    ASSERT_OK(device->LocateEnd());
    for (uint64_t i = 0; i < 3; ++i) {
      Bytes block = Pattern(8192, session * 10 + i);
      ASSERT_WRITTEN(device->Write(block));
      Append(all, block);
    }
    // What was just written can be read at once.
    ASSERT_OK(device->Locate({}));
    ASSERT_TRUE(ReadAll(*device, 5000) == all);
    ASSERT_OK(device->Sync());
  }
  EXPECT_TRUE(GetFile(path) == all);
}

TEST(FileDevice, FillsAPartialLastUnitOnlyWhenItWrites) {
  TemporaryFolder folder;
  std::string path = folder / "v";
  Bytes old = Pattern(5000, 1);
  PutFile(path, old);
  auto reader = MustOpen(path, OpenMode::kRead);
  ASSERT_OK(reader->LocateEnd());
  EXPECT_EQ(reader->position().offset_bytes, 5000u);

  auto writer = MustOpen(path, OpenMode::kAppend);
  ASSERT_OK(writer->LocateEnd());
  EXPECT_EQ(writer->position().offset_bytes, 8192u);
  EXPECT_TRUE(GetFile(path) == old);
  Bytes block = Pattern(4096, 2);
  ASSERT_WRITTEN(writer->Write(block));
  ASSERT_OK(writer->Sync());
  Bytes expected = old;
  expected.resize(8192);
  Append(expected, block);
  EXPECT_TRUE(GetFile(path) == expected);
}

TEST(FileDevice, NeverOverwrites) {
  TemporaryFolder folder;
  std::string path = folder / "v";
  Bytes old = Pattern(8192, 1);
  PutFile(path, old);
  auto device = MustOpen(path, OpenMode::kAppend);
  Bytes block = Pattern(4096, 2);
  for (uint64_t offset : {0u, 4096u, 12288u}) {
    ASSERT_OK(device->Locate({.offset_bytes = offset}));
    EXPECT_EQ(device->Write(block).status().code(), StatusCode::kInvalidArgument) << offset;
  }
  ASSERT_OK(device->LocateEnd());
  EXPECT_EQ(device->Write(std::span(block).first(100)).status().code(),
            StatusCode::kInvalidArgument);
  EXPECT_TRUE(GetFile(path) == old);
  auto reader = MustOpen(path, OpenMode::kRead);
  EXPECT_EQ(reader->Write(block).status().code(), StatusCode::kInvalidArgument);
}

TEST(FileDevice, EraseLeavesAnEmptyFileToStartAnew) {
  TemporaryFolder folder;
  std::string path = folder / "v";
  PutFile(path, Pattern(9000, 1));
  auto device = MustOpen(path, OpenMode::kAppend);
  Bytes block = Pattern(4096, 2);
  ASSERT_OK(device->LocateEnd());
  ASSERT_WRITTEN(device->Write(block));
  ASSERT_OK(device->Erase());
  EXPECT_EQ(device->LengthBytes(), 0);
  EXPECT_TRUE(ReadAll(*device, 4096).empty());
  ASSERT_WRITTEN(device->Write(block));
  ASSERT_OK(device->Sync());
  EXPECT_TRUE(GetFile(path) == block);
  auto reader = MustOpen(path, OpenMode::kRead);
  EXPECT_EQ(reader->Erase().code(), StatusCode::kInvalidArgument);
  EXPECT_TRUE(GetFile(path) == block);
}

TEST(FileDevice, MarksDoNothing) {
  TemporaryFolder folder;
  auto device = MustOpen(folder / "v", OpenMode::kCreate);
  ASSERT_WRITTEN(device->WriteFilemarks(2, false));
  EXPECT_EQ(device->LengthBytes(), 0);
}

TEST(FileDevice, TheDestructorDoesNotWaitForWhatWasNotSynced) {
  TemporaryFolder folder;
  Bytes block = Pattern(1u << 20, 1);
  auto device = MustOpen(folder / "v", OpenMode::kCreate);
  for (int i = 0; i < 8; ++i) ASSERT_WRITTEN(device->Write(block));
  device.reset();
  // Whatever is there is a beginning of what was written.
  Bytes found = GetFile(folder / "v");
  Bytes all;
  for (int i = 0; i < 8; ++i) Append(all, block);
  ASSERT_LE(found.size(), all.size());
  EXPECT_TRUE(std::equal(found.begin(), found.end(), all.begin()));
}

/// Writes blocks of 64 KiB until the device is full, or until `limit_bytes`.
void FillUp(FileDevice& device, uint64_t limit_bytes, bool& full) {
  Bytes block = Pattern(65536, 1);
  full = false;
  for (uint64_t done = 0; done < limit_bytes && !full; done += block.size()) {
    Result<WriteOutcome> outcome = device.Write(block);
    ASSERT_OK(outcome);
    full = *outcome == WriteOutcome::kEndOfMedium;
  }
}

/// What holds after a device with room for `room_bytes` told that it is full.
void ExpectFullDevice(FileDevice& device, const std::string& path, uint64_t room_bytes) {
  uint64_t end = device.position().offset_bytes;
  EXPECT_EQ(end % 65536, 0u);
  EXPECT_LE(end, room_bytes);
  EXPECT_EQ(device.position().object, end / 65536);
  EXPECT_GE(device.LengthBytes(), static_cast<int64_t>(end));
  Bytes block = Pattern(65536, 1);
  ASSERT_WRITE_OUTCOME(device.Write(block), kEndOfMedium);
  Status synced = device.Sync();
  EXPECT_EQ(synced.code(), StatusCode::kEndOfMedium);
  EXPECT_TRUE(synced.message().starts_with("cannot write '" + path + "' at byte "))
      << synced.message();
  // What fitted is whole and can be read.
  ASSERT_OK(device.Locate({}));
  Bytes found = ReadAll(device, 65536);
  for (uint64_t at = 0; at < end; at += block.size()) {
    ASSERT_TRUE(std::equal(block.begin(), block.end(), found.begin() + static_cast<ptrdiff_t>(at)));
  }
}

TEST(FileDevice, AFullFileSystemIsEndOfMedium) {
  TemporaryFolder folder;
  constexpr uint64_t kRoomBytes = 4u << 20;
  if (mount("tapir-test", folder.path().c_str(), "tmpfs", 0, "size=4m") != 0) {
    GTEST_SKIP() << "may not mount; TheSizeLimitIsEndOfMediumAndSyncTellsItToo covers what remains";
  }
  struct Unmount {
    ~Unmount() { umount2(path.c_str(), MNT_DETACH); }
    std::string path;
  } unmount{folder.path()};
  for (bool direct : {true, false}) {
    std::string path = folder / "v";
    auto device = MustOpen(path, OpenMode::kCreate, {.direct_io = direct});
    bool full = false;
    FillUp(*device, 4 * kRoomBytes, full);
    EXPECT_TRUE(full);
    ExpectFullDevice(*device, path, kRoomBytes);
    std::filesystem::remove(path);
  }
}

TEST(FileDevice, TheSizeLimitIsEndOfMediumAndSyncTellsItToo) {
  TemporaryFolder folder;
  constexpr uint64_t kRoomBytes = 1u << 20;
  auto* old_handler = std::signal(SIGXFSZ, SIG_IGN);
  rlimit old_limit = {};
  getrlimit(RLIMIT_FSIZE, &old_limit);
  rlimit limit = {kRoomBytes, old_limit.rlim_max};
  setrlimit(RLIMIT_FSIZE, &limit);
  for (bool direct : {true, false}) {
    std::string path = folder / (direct ? "direct" : "cached");
    auto device = MustOpen(path, OpenMode::kCreate, {.direct_io = direct});
    // Fits into what is written behind, so only Sync can tell.
    bool full = false;
    FillUp(*device, kRoomBytes + 131072, full);
    EXPECT_EQ(device->Sync().code(), StatusCode::kEndOfMedium);
    ExpectFullDevice(*device, path, kRoomBytes);
  }
  setrlimit(RLIMIT_FSIZE, &old_limit);
  std::signal(SIGXFSZ, old_handler);
}

}  // namespace
}  // namespace tapir
