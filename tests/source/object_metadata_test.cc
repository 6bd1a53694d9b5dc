#include <fcntl.h>
#include <gmock/gmock.h>
#include <grp.h>
#include <gtest/gtest.h>
#include <pwd.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "tests/source/tree.h"

namespace tapir {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class ObjectMetadata : public testing::Test {
 protected:
  Metadata Open(const std::string& path) {
    const SourceItem item = tree_.Find(path);
    Metadata metadata;
    const Status status = item.object->Open(metadata, warnings_);
    EXPECT_TRUE(status.ok()) << status.ToString();
    EXPECT_EQ(item.object->Close(), ObjectStatus::kOk);
    return metadata;
  }

  /// False, with nothing set, where the file system has no such attributes.
  bool SetXattr(const std::string& path, const char* name, const std::string& value) {
    const int result = ::lsetxattr(tree_.At(path).c_str(), name, value.data(), value.size(), 0);
    EXPECT_TRUE(result == 0 || errno == ENOTSUP || errno == EPERM) << name;
    return result == 0;
  }

  Tree tree_;
  std::vector<std::string> warnings_;
};

TEST_F(ObjectMetadata, OfAFileIsComplete) {
  tree_.File("dir/file", "contents");
  const std::string name = tree_.At("dir/file");
  ASSERT_EQ(::link(name.c_str(), tree_.At("link").c_str()), 0);
  ASSERT_EQ(::chmod(name.c_str(), 06751), 0);
  const timespec times[2] = {{.tv_sec = 1'000, .tv_nsec = 5},
                             {.tv_sec = -7, .tv_nsec = 999'999'999}};
  ASSERT_EQ(::utimensat(AT_FDCWD, name.c_str(), times, 0), 0);

  const Metadata metadata = Open("dir/file");
  EXPECT_EQ(metadata.path, "dir/file");
  EXPECT_EQ(metadata.path_encoding, PathEncoding::kBytes);
  EXPECT_EQ(metadata.type, ObjectType::kRegular);
  EXPECT_EQ(metadata.mode, 06751U);
  EXPECT_EQ(metadata.uid, ::geteuid());
  EXPECT_EQ(metadata.gid, ::getegid());
  EXPECT_EQ(metadata.owner_name, ::getpwuid(::geteuid())->pw_name);
  EXPECT_EQ(metadata.group_name, ::getgrgid(::getegid())->gr_name);
  EXPECT_EQ(metadata.mtime, (Timestamp{-7, 999'999'999}));
  EXPECT_EQ(metadata.link_count, 2U);
  EXPECT_EQ(metadata.size, 8U);
  EXPECT_EQ(metadata.device_major, 0U);
  EXPECT_FALSE(metadata.has_access_time);
  EXPECT_THAT(metadata.xattrs, IsEmpty());
  EXPECT_THAT(warnings_, IsEmpty());
}

TEST_F(ObjectMetadata, AnOwnerWithoutNameHasNone) {
  if (!IsRoot()) GTEST_SKIP() << "only root can give a file away";
  tree_.File("file");
  ASSERT_EQ(::chown(tree_.At("file").c_str(), 3'999'999'999U, 3'999'999'998U), 0);
  const Metadata metadata = Open("file");
  EXPECT_EQ(metadata.uid, 3'999'999'999U);
  EXPECT_EQ(metadata.gid, 3'999'999'998U);
  EXPECT_EQ(metadata.owner_name, "");
  EXPECT_EQ(metadata.group_name, "");
}

TEST_F(ObjectMetadata, AccessTimeOnlyWhenAskedForAndNotMoved) {
  tree_.File("file", "contents");
  const timespec times[2] = {{.tv_sec = 1'000, .tv_nsec = 5}, {.tv_sec = 2'000, .tv_nsec = 6}};
  ASSERT_EQ(::utimensat(AT_FDCWD, tree_.At("file").c_str(), times, 0), 0);
  PosixSourceOptions options = tree_.Options();
  options.access_times = true;
  for (int i = 0; i < 2; ++i) {
    const SourceItem item = tree_.Scan(options).back();
    Metadata metadata;
    ASSERT_TRUE(item.object->Open(metadata, warnings_).ok());
    EXPECT_TRUE(metadata.has_access_time);
    EXPECT_EQ(metadata.access_time, (Timestamp{1'000, 5}));
    EXPECT_EQ(ReadContents(*item.object, metadata.size), "contents");
  }
}

TEST_F(ObjectMetadata, OfADirectory) {
  tree_.Directory("dir/sub");
  ASSERT_EQ(::chmod(tree_.At("dir").c_str(), 01777), 0);
  const Metadata metadata = Open("dir");
  EXPECT_EQ(metadata.type, ObjectType::kDirectory);
  EXPECT_EQ(metadata.mode, 01777U);
  EXPECT_EQ(metadata.link_count, 1U);
  EXPECT_EQ(metadata.size, 0U);
  EXPECT_EQ(Open(".").path, ".");
}

TEST_F(ObjectMetadata, OfASymlinkHoldsItsTarget) {
  const std::vector<std::string> targets = {"x",
                                            "../../etc/passwd",
                                            "/",
                                            "\xff\n",
                                            std::string(255, 't'),
                                            std::string(256, 't'),
                                            std::string(4'000, 't')};
  for (size_t i = 0; i < targets.size(); ++i) {
    const std::string path = "link" + std::to_string(i);
    tree_.Symlink(path, targets[i]);
    const Metadata metadata = Open(path);
    EXPECT_EQ(metadata.type, ObjectType::kSymlink);
    EXPECT_EQ(metadata.link_target, targets[i]);
    EXPECT_EQ(metadata.size, 0U);
  }
  EXPECT_THAT(warnings_, IsEmpty());
}

TEST_F(ObjectMetadata, AFifoIsNotWaitedFor) {
  tree_.Fifo("fifo");
  const Metadata metadata = Open("fifo");
  EXPECT_EQ(metadata.type, ObjectType::kFifo);
  EXPECT_EQ(metadata.mode, 0600U);
  EXPECT_THAT(warnings_, IsEmpty());
}

TEST_F(ObjectMetadata, DeviceNodesCarryTheirNumbers) {
  if (!IsRoot()) GTEST_SKIP() << "only root can make device nodes";
  ASSERT_EQ(::mknod(tree_.At("char").c_str(), S_IFCHR | 0640, makedev(9, 128)), 0);
  ASSERT_EQ(::mknod(tree_.At("block").c_str(), S_IFBLK | 0600, makedev(259, 70'000)), 0);
  const Metadata character = Open("char");
  EXPECT_EQ(character.type, ObjectType::kCharDevice);
  EXPECT_EQ(character.device_major, 9U);
  EXPECT_EQ(character.device_minor, 128U);
  const Metadata block = Open("block");
  EXPECT_EQ(block.type, ObjectType::kBlockDevice);
  EXPECT_EQ(block.device_major, 259U);
  EXPECT_EQ(block.device_minor, 70'000U);
}

TEST_F(ObjectMetadata, XattrsComeSortedAndWhole) {
  tree_.File("file");
  const std::string large(3'000, 'v');
  const std::string binary("\0\xff\0", 3);
  if (!SetXattr("file", "user.z", binary)) GTEST_SKIP() << "no user xattrs here";
  SetXattr("file", "user.empty", "");
  SetXattr("file", "user.large", large);
  SetXattr("file", "user.\xff\n", "odd name");
  EXPECT_THAT(Open("file").xattrs,
              ElementsAre(Xattr{"user.empty", ""}, Xattr{"user.large", large},
                          Xattr{"user.z", binary}, Xattr{"user.\xff\n", "odd name"}));
  EXPECT_THAT(warnings_, IsEmpty());
}

TEST_F(ObjectMetadata, ManyXattrsAreAllListed) {
  Tree memory(MemoryDirectory());
  memory.File("file");
  const std::string name = "user." + std::string(100, 'n');
  for (int i = 100; i < 150; ++i) {
    if (::setxattr(memory.At("file").c_str(), (name + std::to_string(i)).c_str(), "v", 1, 0) != 0) {
      GTEST_SKIP() << "no room for xattrs here";
    }
  }
  const SourceItem item = memory.Find("file");
  Metadata metadata;
  ASSERT_TRUE(item.object->Open(metadata, warnings_).ok());
  ASSERT_EQ(metadata.xattrs.size(), 50U);
  EXPECT_EQ(metadata.xattrs[49].name, name + "149");
}

TEST_F(ObjectMetadata, CapabilitiesAndAclsAreXattrs) {
  if (!IsRoot()) GTEST_SKIP() << "only root can set capabilities";
  tree_.File("file");
  tree_.Directory("dir");
  // Version 2, effective, cap_net_raw permitted.
  const std::string capability("\1\0\0\2\0\x20\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 20);
  // Version 2: owner rwx, user 1 r--, group r--, mask r--, others nothing.
  const std::string acl(
      "\2\0\0\0"
      "\1\0\7\0\xff\xff\xff\xff"
      "\2\0\4\0\1\0\0\0"
      "\4\0\4\0\xff\xff\xff\xff"
      "\x10\0\4\0\xff\xff\xff\xff"
      "\x20\0\0\0\xff\xff\xff\xff",
      44);
  ASSERT_TRUE(SetXattr("file", "security.capability", capability));
  if (!SetXattr("file", "system.posix_acl_access", acl)) GTEST_SKIP() << "no ACLs here";
  ASSERT_TRUE(SetXattr("dir", "system.posix_acl_default", acl));
  EXPECT_THAT(Open("file").xattrs, ElementsAre(Xattr{"security.capability", capability},
                                               Xattr{"system.posix_acl_access", acl}));
  EXPECT_THAT(Open("dir").xattrs, ElementsAre(Xattr{"system.posix_acl_default", acl}));
}

TEST_F(ObjectMetadata, LinksAndNodesHaveXattrsOfTheirOwn) {
  if (!IsRoot()) GTEST_SKIP() << "only root can set trusted xattrs";
  tree_.File("file");
  tree_.Symlink("link", "file");
  tree_.Fifo("fifo");
  if (!SetXattr("file", "trusted.of", "file")) GTEST_SKIP() << "no trusted xattrs here";
  ASSERT_TRUE(SetXattr("link", "trusted.of", "link"));
  ASSERT_TRUE(SetXattr("fifo", "trusted.of", "fifo"));
  for (const std::string path : {"file", "link", "fifo"}) {
    EXPECT_THAT(Open(path).xattrs, ElementsAre(Xattr{"trusted.of", path}));
  }
  EXPECT_THAT(warnings_, IsEmpty());
}

}  // namespace
}  // namespace tapir
