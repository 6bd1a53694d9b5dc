#include "tests/target/target_fixture.h"

#include <dirent.h>
#include <grp.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>

#include "tests/support/scratch.h"

namespace tapir {

void Notices::Report(NoticeKind kind, std::string_view subject, std::string_view text) {
  const std::lock_guard lock(mutex_);
  EXPECT_EQ(NoticeKind::kWarning, kind);
  texts.push_back(std::string(subject) + ": " + std::string(text));
}

bool Notices::Holds(std::string_view part) const {
  return std::any_of(texts.begin(), texts.end(), [part](const std::string& text) {
    return text.find(part) != std::string::npos;
  });
}

void TargetTest::SetUp() {
  root_ = testing::TempDir() + "tapir-target-XXXXXX";
  ASSERT_NE(nullptr, ::mkdtemp(root_.data()));
  ::chmod(root_.c_str(), 0755);
  std::filesystem::create_directories(root_ + "/target");
  std::filesystem::create_directories(root_ + "/outside");
  Write(root_ + "/outside/precious", "precious");
  Open();
}

void TargetTest::TearDown() {
  target_.reset();
  std::error_code ignored;
  std::filesystem::remove_all(root_, ignored);
}

void TargetTest::Open(PosixTargetOptions options) {
  if (options.directory.empty()) options.directory = root_ + "/target";
  options.reporter = &notices_;
  auto target = PosixTarget::Open(options);
  ASSERT_TRUE(target.ok()) << target.status().ToString();
  target_ = *std::move(target);
}

Metadata TargetTest::Of(ObjectType type, std::string path, uint32_t mode) const {
  return {.path = std::move(path),
          .type = type,
          .mode = mode,
          .uid = ::geteuid(),
          .gid = ::getegid(),
          .mtime = {1'000'000'000, 123'456'789}};
}

Status TargetTest::MakeFile(const std::string& path, std::string_view contents, uint32_t mode) {
  return target_->MakeFile(Of(ObjectType::kRegular, path, mode), Bytes(contents));
}

Status TargetTest::MakeDirectory(const std::string& path, uint32_t mode) {
  return target_->MakeDirectory(Of(ObjectType::kDirectory, path, mode));
}

Status TargetTest::MakeSymlink(const std::string& path, const std::string& link_target) {
  Metadata metadata = Of(ObjectType::kSymlink, path, 0777);
  metadata.link_target = link_target;
  return target_->MakeNode(metadata);
}

bool TargetTest::Exists(const std::string& file) {
  struct stat found {};
  return ::lstat(file.c_str(), &found) == 0;
}

std::string TargetTest::Read(const std::string& file) {
  EXPECT_TRUE(std::ifstream(file)) << file;
  return test::BytesOfFile(file);
}

void TargetTest::Write(const std::string& file, std::string_view contents) {
  std::ofstream(file, std::ios::binary) << contents;
}

struct stat TargetTest::Stat(const std::string& file) {
  struct stat found {};
  EXPECT_EQ(0, ::lstat(file.c_str(), &found)) << file;
  return found;
}

std::string TargetTest::Xattr(const std::string& file, const std::string& name) {
  std::string value(65536, '\0');
  const ssize_t length = ::lgetxattr(file.c_str(), name.c_str(), value.data(), value.size());
  value.resize(length < 0 ? 0 : static_cast<size_t>(length));
  return value;
}

std::vector<std::string> TargetTest::Names(const std::string& directory) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    names.push_back(entry.path().filename());
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::span<const std::byte> Bytes(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

std::string NamedUserAcl() {
  std::string acl("\x02\x00\x00\x00", 4);
  const auto add = [&acl](char tag, char permissions, uint32_t id) {
    acl += {tag, '\0', permissions, '\0'};
    for (int shift = 0; shift < 32; shift += 8) acl += static_cast<char>(id >> shift);
  };
  add(0x01, 6, UINT32_MAX);
  add(0x02, 7, 1234);
  add(0x04, 4, UINT32_MAX);
  add(0x10, 7, UINT32_MAX);
  add(0x20, 0, UINT32_MAX);
  return acl;
}

testing::AssertionResult IsOk(const Status& status) { return HasCode(StatusCode::kOk, status); }

testing::AssertionResult HasCode(StatusCode expected, const Status& status) {
  if (status.code() == expected) return testing::AssertionSuccess();
  return testing::AssertionFailure()
         << "expected " << StatusCodeName(expected) << ", got " << status.ToString();
}

bool IsRoot() { return ::geteuid() == 0; }

bool RunAsNobody(void (*body)(void*), void* context) {
  const pid_t child = ::fork();
  if (child == 0) {
    constexpr uid_t kNobody = 65534;
    const bool dropped =
        ::setgroups(0, nullptr) == 0 && ::setgid(kNobody) == 0 && ::setuid(kNobody) == 0;
    if (dropped) body(context);
    ::_exit(dropped && !testing::Test::HasFailure() ? 0 : 1);
  }
  int status = 0;
  return ::waitpid(child, &status, 0) == child && status == 0;
}

}  // namespace tapir
