#include "tapir/device/open_device.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <unistd.h>

#include <memory>
#include <thread>

#include "device/transfer.h"
#include "tests/device/device_test_support.h"

namespace tapir {
namespace {

Status WhyNot(const std::string& volume, OpenMode mode = OpenMode::kRead) {
  return OpenDevice(volume, mode).status();
}

TEST(OpenDevice, TakesAPathWithAndWithoutPrefix) {
  TemporaryFolder folder;
  PutFile(folder / "v", Pattern(4096, 1));
  for (const std::string& volume : {folder / "v", "file:" + folder / "v"}) {
    auto device = OpenDevice(volume, OpenMode::kRead);
    ASSERT_OK(device);
    EXPECT_EQ((*device)->name(), "file:" + folder / "v");
    EXPECT_EQ((*device)->LengthBytes(), 4096);
    struct stat status = {};
    ASSERT_EQ(stat((folder / "v").c_str(), &status), 0);
    EXPECT_EQ(FilesOf(**device), (std::vector<FileIdentity>{{status.st_dev, status.st_ino}}));
  }
  ASSERT_OK(OpenDevice("file:" + folder / "vtape:new", OpenMode::kCreate));
  EXPECT_EQ(WhyNot(folder / "v", OpenMode::kCreate).code(), StatusCode::kExists);
}

TEST(OpenDevice, RefusesWithAdvice) {
  TemporaryFolder folder;
  const struct {
    std::string volume;
    StatusCode code;
    std::string text;
  } cases[] = {
      {"", StatusCode::kInvalidArgument, "the name of the volume is empty; give a file or '-'"},
      {"file:", StatusCode::kInvalidArgument,
       "the name of the volume is empty; give a file or '-'"},
      {std::string("a\0b", 3), StatusCode::kInvalidArgument,
       "the name of the volume has a NUL in it"},
      {folder / "missing", StatusCode::kNotFound,
       "cannot open '" + folder / "missing" + "': no such file"},
      {folder.path(), StatusCode::kInvalidArgument,
       "cannot open '" + folder.path() + "': it is a directory; give a file in it"},
      {"/dev/null", StatusCode::kInvalidArgument,
       "cannot open '/dev/null': it is a character device; give a file or '-'"},
      {"/dev/st0", StatusCode::kInvalidArgument,
       "'/dev/st0' rewinds whenever it is closed; give '/dev/nst0'"},
      {"file:/dev/st12a", StatusCode::kInvalidArgument,
       "'/dev/st12a' rewinds whenever it is closed; give '/dev/nst12a'"},
      {"/dev/nst3", StatusCode::kNotFound, ""},
      {"vtape:" + folder / "x", StatusCode::kNotFound, "no virtual tape '" + folder / "x" + "'"},
      {"sg:/dev/null", StatusCode::kUnsupported, ""},
      {"iscsi://host/iqn/0", StatusCode::kUnsupported, ""},
      {"/dev/stdfoo", StatusCode::kNotFound, "cannot open '/dev/stdfoo': no such file"},
  };
  for (const auto& c : cases) {
    for (OpenMode mode : {OpenMode::kRead, OpenMode::kAppend}) {
      Status status = WhyNot(c.volume, mode);
      EXPECT_EQ(status.code(), c.code) << c.volume << ": " << status.message();
      EXPECT_TRUE(c.text.empty() || status.message() == c.text) << status.message();
    }
  }
}

TEST(OpenDevice, RefusesBlockDevicesAndSockets) {
  TemporaryFolder folder;
  if (mknod((folder / "disk").c_str(), S_IFBLK | 0600, 0) == 0) {
    EXPECT_EQ(WhyNot(folder / "disk").message(),
              "cannot open '" + folder / "disk" +
                  "': it is a block device; a volume on a disk is not supported; give a file, or a "
                  "tape");
  }
  if (mknod((folder / "tape").c_str(), S_IFCHR | 0600, makedev(9, 200)) == 0) {
    EXPECT_EQ(WhyNot(folder / "tape").code(), StatusCode::kInvalidArgument);
  }
  Descriptor socket_end(socket(AF_UNIX, SOCK_STREAM, 0));
  sockaddr_un address = {.sun_family = AF_UNIX};
  (folder / "s").copy(address.sun_path, sizeof(address.sun_path) - 1);
  ASSERT_EQ(bind(socket_end.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  EXPECT_EQ(WhyNot(folder / "s").message(),
            "cannot open '" + folder / "s" + "': it is a socket; give a file or '-'");
}

TEST(OpenDevice, TakesFifosAsStreams) {
  TemporaryFolder folder;
  std::string path = folder / "fifo";
  ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
  Bytes block = Pattern(65536, 1);
  std::thread sender([&] {
    auto writer = OpenDevice(path, OpenMode::kAppendOrCreate);
    ASSERT_OK(writer);
    ASSERT_WRITTEN((*writer)->Write(block));
  });
  auto reader = OpenDevice(path, OpenMode::kRead);
  ASSERT_OK(reader);
  EXPECT_FALSE((*reader)->traits().can_locate);
  EXPECT_TRUE(ReadAll(**reader, 1000) == block);
  sender.join();
}

/// Puts another descriptor in the place of a standard one for a while.
class Redirection {
 public:
  Redirection(int standard, int other) : standard_(standard), kept_(dup(standard)) {
    dup2(other, standard);
  }
  Redirection(const Redirection&) = delete;
  Redirection& operator=(const Redirection&) = delete;
  ~Redirection() { dup2(kept_.get(), standard_); }

 private:
  int standard_;
  Descriptor kept_;
};

TEST(OpenDevice, DashIsStandardInputOrOutput) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  Descriptor read_end(ends[0]);
  Descriptor write_end(ends[1]);
  Bytes block = Pattern(4096, 1);
  {
    Redirection input(STDIN_FILENO, read_end.get());
    Result<std::unique_ptr<BlockDevice>> writer = InvalidArgument("not opened");
    {
      Redirection output(STDOUT_FILENO, write_end.get());
      writer = OpenDevice("-", OpenMode::kAppendOrCreate);
      ASSERT_OK(writer);
      EXPECT_EQ((*writer)->name(), "standard output");
      ASSERT_WRITTEN((*writer)->Write(block));
    }
    write_end = Descriptor();
    auto reader = OpenDevice("-", OpenMode::kRead);
    ASSERT_OK(reader);
    EXPECT_EQ((*reader)->name(), "standard input");
    EXPECT_TRUE(ReadAll(**reader, 10000) == block);
    EXPECT_FALSE(WriterAtWork(**reader).has_value());
  }
}

}  // namespace
}  // namespace tapir
