#include "tapir/device/stream_device.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <memory>
#include <thread>

#include "device/transfer.h"
#include "tests/device/device_test_support.h"

namespace tapir {
namespace {

using Direction = StreamDevice::Direction;

struct Pipe {
  explicit Pipe(int flags = 0) {
    int ends[2];
    if (pipe2(ends, flags | O_CLOEXEC) != 0) std::abort();
    read_end = Descriptor(ends[0]);
    write_end = Descriptor(ends[1]);
  }
  Descriptor read_end;
  Descriptor write_end;
};

std::unique_ptr<StreamDevice> MustBorrow(const Descriptor& descriptor, Direction direction) {
  auto device = StreamDevice::Borrow(descriptor.get(), direction, "the pipe");
  EXPECT_TRUE(device.ok()) << TextOf(device);
  return device.ok() ? *std::move(device) : nullptr;
}

TEST(StreamDevice, CarriesBlocksThroughAPipeInPieces) {
  for (int flags : {0, O_NONBLOCK}) {
    Pipe pipe(flags);
    auto reader = MustBorrow(pipe.read_end, Direction::kRead);
    auto writer = MustBorrow(pipe.write_end, Direction::kWrite);
    Bytes all;
    for (uint64_t i = 0; i < 5; ++i) Append(all, Pattern(3u << 20, i));
    std::thread sender([&] {
      for (size_t at = 0; at < all.size(); at += 3u << 20) {
        auto outcome = writer->Write(std::span(all).subspan(at, 3u << 20));
        EXPECT_TRUE(outcome.ok() && *outcome == WriteOutcome::kWritten);
      }
      EXPECT_TRUE(writer->Sync().ok());
      pipe.write_end = Descriptor();
    });
    Bytes buffer(1'000'003);
    auto first = reader->Read(buffer);
    ASSERT_OK(first);
    EXPECT_EQ(first->size, buffer.size());
    Bytes found = buffer;
    Append(found, ReadAll(*reader, 2'000'000));
    sender.join();
    EXPECT_TRUE(found == all);
    EXPECT_EQ(reader->position().offset_bytes, all.size());
    EXPECT_EQ(writer->position().offset_bytes, all.size());
    EXPECT_EQ(writer->position().object, 5u);
    EXPECT_EQ(reader->LengthBytes(), -1);
  }
}

TEST(StreamDevice, WidensPipes) {
  Pipe pipe;
  Pipe other;
  auto reader = MustBorrow(pipe.read_end, Direction::kRead);
  // Users with many pipes are kept to less.
  fcntl(other.read_end.get(), F_SETPIPE_SZ, 1 << 20);
  EXPECT_EQ(fcntl(pipe.read_end.get(), F_GETPIPE_SZ), fcntl(other.read_end.get(), F_GETPIPE_SZ));
}

TEST(StreamDevice, SignalsDoNotEndACall) {
  Pipe pipe;
  auto reader = MustBorrow(pipe.read_end, Direction::kRead);
  struct sigaction action = {};
  action.sa_handler = [](int) {};
  struct sigaction old_action = {};
  sigaction(SIGUSR1, &action, &old_action);
  pthread_t self = pthread_self();
  std::thread other([&] {
    for (int i = 0; i < 5; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
      pthread_kill(self, SIGUSR1);
    }
    EXPECT_EQ(write(pipe.write_end.get(), "abc", 3), 3);
    pipe.write_end = Descriptor();
  });
  EXPECT_EQ(ReadAll(*reader, 100).size(), 3u);
  other.join();
  sigaction(SIGUSR1, &old_action, nullptr);
}

TEST(StreamDevice, APipeNobodyReadsIsEpipe) {
  auto* old_handler = std::signal(SIGPIPE, SIG_IGN);
  Pipe pipe;
  auto writer = MustBorrow(pipe.write_end, Direction::kWrite);
  pipe.read_end = Descriptor();
  Status status = writer->Write(Pattern(4096, 1)).status();
  EXPECT_EQ(status.sys_errno(), EPIPE);
  EXPECT_EQ(status.message(), "cannot write the pipe at byte 0: Broken pipe");
  std::signal(SIGPIPE, old_handler);
}

TEST(StreamDevice, AFullDeviceIsEndOfMedium) {
  Descriptor full = internal::OpenDescriptor("/dev/full", O_WRONLY);
  auto writer = MustBorrow(full, Direction::kWrite);
  ASSERT_WRITE_OUTCOME(writer->Write(Pattern(4096, 1)), kEndOfMedium);
  EXPECT_EQ(writer->position().offset_bytes, 0u);
}

TEST(StreamDevice, GoesOnlyForwardAndOnlyWhenReading) {
  Pipe pipe;
  auto reader = MustBorrow(pipe.read_end, Direction::kRead);
  auto writer = MustBorrow(pipe.write_end, Direction::kWrite);
  Bytes block = Pattern(8192, 1);
  ASSERT_WRITTEN(writer->Write(block));
  ASSERT_WRITTEN(writer->WriteFilemarks(1, false));
  ASSERT_OK(writer->LocateEnd());
  EXPECT_EQ(writer->Locate({.offset_bytes = 0}).code(), StatusCode::kUnsupported);
  EXPECT_EQ(writer->Locate({.offset_bytes = 9000}).code(), StatusCode::kUnsupported);
  ASSERT_OK(writer->Locate({.object = 7, .offset_bytes = 8192}));
  EXPECT_EQ(writer->position().object, 7u);
  EXPECT_EQ(writer->Write(std::span(block).first(1)).status().code(), StatusCode::kInvalidArgument);

  ASSERT_OK(reader->Locate({.offset_bytes = 5000}));
  Bytes rest(3192);
  ASSERT_OK(reader->Read(rest));
  EXPECT_TRUE(std::equal(rest.begin(), rest.end(), block.begin() + 5000));
  EXPECT_EQ(reader->Locate({.offset_bytes = 10}).code(), StatusCode::kUnsupported);
  EXPECT_EQ(reader->LocateEnd().code(), StatusCode::kUnsupported);
  pipe.write_end = Descriptor();
  EXPECT_EQ(reader->Locate({.offset_bytes = 10000}).code(), StatusCode::kTruncated);
}

TEST(StreamDevice, RefusesTerminalsDirectoriesAndClosedDescriptors) {
  Descriptor terminal(posix_openpt(O_RDWR | O_NOCTTY));
  if (terminal) {
    auto device = StreamDevice::Borrow(terminal.get(), Direction::kWrite, "standard output");
    EXPECT_EQ(device.status().message(),
              "standard output is a terminal; give a file, or redirect or pipe the output");
  }
  TemporaryFolder folder;
  Descriptor directory = internal::OpenDescriptor(folder.path(), O_RDONLY);
  EXPECT_EQ(StreamDevice::Borrow(directory.get(), Direction::kRead, "x").status().code(),
            StatusCode::kInvalidArgument);
  EXPECT_EQ(StreamDevice::Borrow(-1, Direction::kRead, "x").status().sys_errno(), EBADF);
}

TEST(StreamDevice, SyncsARedirectedFileAndKnowsIt) {
  TemporaryFolder folder;
  PutFile(folder / "v", {});
  Descriptor file = internal::OpenDescriptor(folder / "v", O_WRONLY);
  auto writer = MustBorrow(file, Direction::kWrite);
  Bytes block = Pattern(4096, 1);
  ASSERT_WRITTEN(writer->Write(block));
  ASSERT_OK(writer->Sync());
  EXPECT_TRUE(GetFile(folder / "v") == block);
  struct stat status = {};
  ASSERT_EQ(stat((folder / "v").c_str(), &status), 0);
  EXPECT_EQ(writer->identity(), (FileIdentity{status.st_dev, status.st_ino}));
}

TEST(StreamDevice, AnErrorComesAfterTheBytesBeforeIt) {
  int ends[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
  Descriptor near_end(ends[0]);
  Descriptor far_end(ends[1]);
  ASSERT_EQ(write(far_end.get(), "abcdef", 6), 6);
  // Closing with unread data on its side makes the other side's next read fail.
  ASSERT_EQ(write(near_end.get(), "x", 1), 1);
  far_end = Descriptor();
  auto reader = MustBorrow(near_end, Direction::kRead);
  Bytes buffer(100);
  auto first = reader->Read(buffer);
  if (first.ok()) {
    EXPECT_EQ(first->size, 6u);
    EXPECT_EQ(reader->position().offset_bytes, 6u);
  } else {
    EXPECT_EQ(first.status().sys_errno(), ECONNRESET);
  }
}

}  // namespace
}  // namespace tapir
