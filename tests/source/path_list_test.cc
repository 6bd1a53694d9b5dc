#include "tapir/source/path_list.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <vector>

namespace tapir {
namespace {

using namespace std::string_literals;
using testing::ElementsAre;
using testing::IsEmpty;

Result<std::vector<std::string>> Read(const std::string& list, char separator) {
  const int fd = ::memfd_create("list", MFD_CLOEXEC);
  EXPECT_EQ(::write(fd, list.data(), list.size()), static_cast<ssize_t>(list.size()));
  EXPECT_EQ(::lseek(fd, 0, SEEK_SET), 0);
  Result<std::vector<std::string>> paths = ReadPathList(fd, separator);
  ::close(fd);
  return paths;
}

TEST(PathList, OfLines) {
  EXPECT_THAT(*Read("", '\n'), IsEmpty());
  EXPECT_THAT(*Read("a\n", '\n'), ElementsAre("a"));
  EXPECT_THAT(*Read("a\nb", '\n'), ElementsAre("a", "b"));
  EXPECT_THAT(*Read("\n\na b\n\n\xff\r\n", '\n'), ElementsAre("a b", "\xff\r"));
}

TEST(PathList, SeparatedByNul) {
  EXPECT_THAT(*Read("a\nb\0c\0\0d"s, '\0'), ElementsAre("a\nb", "c", "d"));
}

TEST(PathList, LongerThanABuffer) {
  std::string list;
  std::vector<std::string> expected;
  for (int i = 0; i < 3'000; ++i) {
    expected.push_back(std::to_string(i) + std::string(static_cast<size_t>(i) % 200, 'x'));
    list += expected.back() + "\n";
  }
  expected.push_back(std::string(200'000, 'y'));
  list += expected.back();
  EXPECT_EQ(*Read(list, '\n'), expected);
}

TEST(PathList, NulAmongLinesIsRefused) {
  EXPECT_EQ(Read("a\0b\n"s, '\n').status().code(), StatusCode::kInvalidArgument);
}

TEST(PathList, FailsIfItCannotBeRead) {
  EXPECT_EQ(ReadPathList(-1, '\n').status().sys_errno(), EBADF);
}

}  // namespace
}  // namespace tapir
