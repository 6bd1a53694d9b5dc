#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <memory>

#include "tapir/device/file_device.h"
#include "tapir/device/open_device.h"
#include "tests/device/device_test_support.h"

namespace tapir {
namespace {

/// A process that holds the writers' lock of a file until it is ended.
class OtherWriter {
 public:
  explicit OtherWriter(const std::string& path) {
    int ready[2];
    if (pipe(ready) != 0) std::abort();
    pid_ = fork();
    if (pid_ == 0) {
      auto device = FileDevice::Open(path, OpenMode::kAppendOrCreate);
      char answer = device.ok() ? 'y' : 'n';
      if (write(ready[1], &answer, 1) == 1) pause();
      _exit(0);
    }
    char answer = 0;
    holds_ = read(ready[0], &answer, 1) == 1 && answer == 'y';
    close(ready[0]);
    close(ready[1]);
  }
  OtherWriter(const OtherWriter&) = delete;
  OtherWriter& operator=(const OtherWriter&) = delete;
  ~OtherWriter() {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }

  int pid() const { return pid_; }
  bool holds() const { return holds_; }

 private:
  int pid_ = 0;
  bool holds_ = false;
};

TEST(FileLock, TheSecondWriterIsToldWhoIsTheFirst) {
  TemporaryFolder folder;
  std::string path = folder / "v";
  {
    OtherWriter other(path);
    ASSERT_TRUE(other.holds());
    for (OpenMode mode : {OpenMode::kAppend, OpenMode::kAppendOrCreate}) {
      Status status = FileDevice::Open(path, mode).status();
      EXPECT_EQ(status.code(), StatusCode::kBusy);
      EXPECT_NE(status.message().find("process " + std::to_string(other.pid()) + " ("),
                std::string::npos)
          << status.message();
    }
  }
  // A writer that died leaves nothing behind.
  EXPECT_TRUE(FileDevice::Open(path, OpenMode::kAppend).ok());
}

TEST(FileLock, ReadersNeedNoneAndSeeTheWriter) {
  TemporaryFolder folder;
  std::string path = folder / "v";
  PutFile(path, Pattern(4096, 1));
  auto reader = *OpenDevice(path, OpenMode::kRead);
  EXPECT_FALSE(WriterAtWork(*reader).has_value());
  {
    OtherWriter other(path);
    ASSERT_TRUE(other.holds());
    EXPECT_EQ(ReadAll(*reader, 4096).size(), 4096u);
    EXPECT_TRUE(FileDevice::Open(path, OpenMode::kRead).ok());
    std::optional<LockHolder> seen = WriterAtWork(*reader);
    ASSERT_TRUE(seen.has_value());
    EXPECT_EQ(seen->pid, other.pid());
    EXPECT_FALSE(seen->command.empty());
    auto by_path = WriterHolding(path);
    ASSERT_OK(by_path);
    ASSERT_TRUE(by_path->has_value());
    EXPECT_EQ((*by_path)->pid, other.pid());
  }
  EXPECT_FALSE(WriterAtWork(*reader).has_value());
  EXPECT_FALSE(WriterHolding(path)->has_value());
  EXPECT_FALSE(WriterHolding("/dev/null")->has_value());
  EXPECT_EQ(WriterHolding(folder / "missing").status().sys_errno(), ENOENT);
}

TEST(FileLock, TwoDevicesOfOneProcessExcludeEachOtherToo) {
  TemporaryFolder folder;
  auto first = FileDevice::Open(folder / "v", OpenMode::kCreate);
  ASSERT_OK(first);
  EXPECT_EQ(FileDevice::Open(folder / "v", OpenMode::kAppend).status().code(), StatusCode::kBusy);
}

TEST(FileLock, AHolderThatCannotBeToldIsAnotherProcess) {
  EXPECT_EQ(LockHolder{}.ToString(), "another process");
  EXPECT_EQ((LockHolder{12, ""}).ToString(), "process 12");
  EXPECT_EQ((LockHolder{12, "tapir"}).ToString(), "process 12 (tapir)");
}

}  // namespace
}  // namespace tapir
