// Owners, set-id bits, attributes and ACLs, in the order in which none undoes another.

#include <sys/xattr.h>

#include "tests/target/target_fixture.h"

namespace tapir {
namespace {

class MetadataTest : public TargetTest {
 protected:
  void SetUp() override {
    if (!IsRoot()) GTEST_SKIP() << "needs root";
    TargetTest::SetUp();
  }
  // Whether MakeFile or OpenFile is used must not matter.
  void MakeBoth(const Metadata& metadata) {
    Metadata whole = metadata;
    whole.path = "whole";
    EXPECT_OK(target_->MakeFile(whole, Bytes("contents")));
    Metadata pieces = metadata;
    pieces.path = "pieces";
    auto file = target_->OpenFile(pieces);
    ASSERT_TRUE(file.ok());
    EXPECT_OK((*file)->WriteAt(0, Bytes("contents")));
    EXPECT_OK((*file)->Commit(pieces, 8));
  }
  static constexpr const char* kBoth[] = {"whole", "pieces"};
};

// cap_net_raw+p, as setcap stores it.
const std::string kCapability(
    "\x01\x00\x00\x02\x00\x20\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
    "\x00\x00\x00\x00",
    20);
constexpr char kAccessAcl[] = "system.posix_acl_access";
constexpr char kDefaultAcl[] = "system.posix_acl_default";

TEST_F(MetadataTest, SetIdBitsAndCapabilitiesSurviveTheOwner) {
  Metadata file = Of(ObjectType::kRegular, "", 06755);
  file.uid = 1234;
  file.gid = 5678;
  file.xattrs = {{"security.capability", kCapability}, {"user.tapir", "value"}};
  MakeBoth(file);
  for (const char* path : kBoth) {
    const struct stat found = Stat(At(path));
    EXPECT_EQ(06755u, found.st_mode & 07777);
    EXPECT_EQ(1234u, found.st_uid);
    EXPECT_EQ(5678u, found.st_gid);
    EXPECT_EQ(kCapability, Xattr(At(path), "security.capability"));
    EXPECT_EQ("value", Xattr(At(path), "user.tapir"));
  }
  EXPECT_TRUE(notices_.texts.empty());
}

TEST_F(MetadataTest, AclSurvivesTheMode) {
  Metadata file = Of(ObjectType::kRegular, "", 0670);
  file.xattrs = {{kAccessAcl, NamedUserAcl()}};
  MakeBoth(file);
  for (const char* path : kBoth) {
    EXPECT_EQ(NamedUserAcl(), Xattr(At(path), kAccessAcl));
    EXPECT_EQ(0670u, Stat(At(path)).st_mode & 07777);
  }
}

TEST_F(MetadataTest, DirectoryHasAclsAndItsFilesInheritNothing) {
  Metadata directory = Of(ObjectType::kDirectory, "d", 02770);
  directory.gid = 5678;
  directory.xattrs = {{kAccessAcl, NamedUserAcl()}, {kDefaultAcl, NamedUserAcl()}};
  ASSERT_OK(target_->MakeDirectory(directory));
  ASSERT_OK(MakeFile("d/f", "x", 0644));
  ASSERT_OK(target_->Finish());
  EXPECT_EQ(NamedUserAcl(), Xattr(At("d"), kDefaultAcl));
  EXPECT_EQ("", Xattr(At("d/f"), kAccessAcl));
  EXPECT_EQ(02670u, Stat(At("d")).st_mode & 07777) << "the owner's bits come from the ACL";
  EXPECT_EQ(5678u, Stat(At("d")).st_gid);
  EXPECT_EQ(::getegid(), Stat(At("d/f")).st_gid);
}

TEST_F(MetadataTest, AclsOfTheTargetAreNotInherited) {
  ASSERT_EQ(
      0, ::setxattr(At("").c_str(), kDefaultAcl, NamedUserAcl().data(), NamedUserAcl().size(), 0));
  Open();
  ASSERT_OK(MakeFile("f", "x", 0604));
  ASSERT_OK(MakeDirectory("d", 0755));
  ASSERT_OK(MakeFile("d/f", "x", 0644));
  ASSERT_OK(target_->MakeNode(Of(ObjectType::kFifo, "p", 0640)));
  ASSERT_OK(target_->Finish());
  for (const char* path : {"f", "d", "d/f", "p"}) {
    EXPECT_EQ("", Xattr(At(path), kAccessAcl)) << path;
    EXPECT_EQ("", Xattr(At(path), kDefaultAcl)) << path;
  }
  EXPECT_EQ(0604u, Stat(At("f")).st_mode & 07777);
  EXPECT_EQ(0755u, Stat(At("d")).st_mode & 07777);
}

TEST_F(MetadataTest, SetGroupIdOfTheTargetIsNotInherited) {
  ASSERT_EQ(0, ::chown(At("").c_str(), 0, 5678));
  ASSERT_EQ(0, ::chmod(At("").c_str(), 02755));
  ASSERT_OK(MakeFile("f"));
  ASSERT_OK(MakeDirectory("d", 0755));
  ASSERT_OK(target_->Finish());
  EXPECT_EQ(::getegid(), Stat(At("f")).st_gid);
  EXPECT_EQ(0755u, Stat(At("d")).st_mode & 07777);
}

TEST_F(MetadataTest, OwnerByNameUnlessNumericOrUnknown) {
  Metadata file = Of(ObjectType::kRegular, "named");
  file.uid = 4242;
  file.gid = 4343;
  file.owner_name = "nobody";
  file.group_name = "no such group";
  ASSERT_OK(target_->MakeFile(file, {}));
  EXPECT_EQ(65534u, Stat(At("named")).st_uid);
  EXPECT_EQ(4343u, Stat(At("named")).st_gid);
  Open({.numeric_owner = true});
  file.path = "numeric";
  ASSERT_OK(target_->MakeFile(file, {}));
  EXPECT_EQ(4242u, Stat(At("numeric")).st_uid);
}

TEST_F(MetadataTest, OwnerMayBeLeftAlone) {
  Open({.set_owner = false});
  Metadata file = Of(ObjectType::kRegular, "f", 04755);
  file.uid = 4242;
  ASSERT_OK(target_->MakeFile(file, {}));
  EXPECT_EQ(0u, Stat(At("f")).st_uid);
  EXPECT_EQ(0755u, Stat(At("f")).st_mode & 07777) << "root's set-id program is not what it was";
  EXPECT_TRUE(notices_.Holds("f: set-id bits were left out"));
}

TEST_F(MetadataTest, AttributesMayBeLeftOut) {
  Open({.restore_xattrs = false, .restore_acls = false});
  Metadata file = Of(ObjectType::kRegular, "f", 0640);
  file.xattrs = {{kAccessAcl, NamedUserAcl()}, {"user.tapir", "value"}};
  ASSERT_OK(target_->MakeFile(file, {}));
  EXPECT_EQ("", Xattr(At("f"), "user.tapir"));
  EXPECT_EQ("", Xattr(At("f"), kAccessAcl));
}

TEST_F(MetadataTest, WhatCannotBeSetIsCountedByKind) {
  for (int i = 0; i < 1200; ++i) {
    Metadata file = Of(ObjectType::kRegular, "f" + std::to_string(i));
    file.uid = UINT32_MAX;  // "unchanged" to chown, nobody's number
    file.xattrs = {{std::string("user.nul\0name", 13), "x"}, {"unknown.space", "x"}};
    ASSERT_OK(target_->MakeFile(file, {}));
  }
  ASSERT_OK(target_->Finish());
  const std::vector<std::string> expected = {
      "f0: owner could not be set: Invalid argument",
      "f0: attribute could not be set: Invalid argument",
      ": owner of 1,200 objects could not be set",
      ": 2,400 attributes could not be set",
  };
  EXPECT_EQ(expected, notices_.texts);
}

}  // namespace
}  // namespace tapir
