#pragma once

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tapir/target/posix_target.h"

namespace tapir {

/// Keeps what was reported. Thread-safe while a target works.
class Notices : public Reporter {
 public:
  void Report(NoticeKind kind, std::string_view subject, std::string_view text) override;
  /// Warnings as "subject: text", in order.
  std::vector<std::string> texts;
  bool Holds(std::string_view part) const;

 private:
  std::mutex mutex_;
};

/// A scratch folder with a target and a directory outside of it that nothing may touch.
class TargetTest : public testing::Test {
 protected:
  void SetUp() override;
  void TearDown() override;

  /// Opens root_/target with these options; replaces an earlier target.
  void Open(PosixTargetOptions options = {});
  void OpenToOverwrite() { Open({.overwrite = true}); }
  /// The path below the target in the file system.
  std::string At(std::string_view path) const { return root_ + "/target/" + std::string(path); }

  Metadata Of(ObjectType type, std::string path, uint32_t mode = 0644) const;
  Status MakeFile(const std::string& path, std::string_view contents = "new", uint32_t mode = 0644);
  Status MakeDirectory(const std::string& path, uint32_t mode = 0755);
  Status MakeSymlink(const std::string& path, const std::string& link_target);

  static bool Exists(const std::string& file);
  static std::string Read(const std::string& file);
  static void Write(const std::string& file, std::string_view contents);
  static struct stat Stat(const std::string& file);  // not followed
  static std::string Xattr(const std::string& file, const std::string& name);
  static std::vector<std::string> Names(const std::string& directory);

  /// Runs `body` as the user nobody in a child process; false if one of its expectations failed.
  template <typename Body>
  static bool AsNobody(Body body);

  std::string root_;
  Notices notices_;
  std::unique_ptr<PosixTarget> target_;
};

std::span<const std::byte> Bytes(std::string_view text);
/// An ACL as the system shows it: user::rw-, user:1234:rwx, group::r--, mask::rwx, other::---.
std::string NamedUserAcl();

testing::AssertionResult IsOk(const Status& status);
testing::AssertionResult HasCode(StatusCode expected, const Status& status);

bool IsRoot();
bool RunAsNobody(void (*body)(void*), void* context);

template <typename Body>
bool TargetTest::AsNobody(Body body) {
  return RunAsNobody([](void* context) { (*static_cast<Body*>(context))(); }, &body);
}

}  // namespace tapir

#define ASSERT_OK(expression) ASSERT_TRUE(::tapir::IsOk(expression))
#define EXPECT_OK(expression) EXPECT_TRUE(::tapir::IsOk(expression))
#define EXPECT_CODE(expected, expression) \
  EXPECT_TRUE(::tapir::HasCode(::tapir::StatusCode::expected, expression))
