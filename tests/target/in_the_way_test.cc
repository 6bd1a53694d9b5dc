// What exists is kept, or replaced by name and never written through.

#include <unistd.h>

#include "tests/target/target_fixture.h"

namespace tapir {
namespace {

using InTheWayTest = TargetTest;

TEST_F(InTheWayTest, KeptWithoutOverwrite) {
  Write(At("f"), "old");
  ASSERT_OK(MakeFile("primary"));
  EXPECT_CODE(kExists, MakeFile("f"));
  EXPECT_CODE(kExists, target_->OpenFile(Of(ObjectType::kRegular, "f")).status());
  EXPECT_CODE(kExists, MakeSymlink("f", "elsewhere"));
  EXPECT_CODE(kExists, target_->MakeNode(Of(ObjectType::kFifo, "f")));
  EXPECT_CODE(kExists, MakeDirectory("f"));
  EXPECT_CODE(kExists, target_->MakeHardLink("primary", Of(ObjectType::kHardLink, "f")));
  EXPECT_CODE(kExists, MakeFile("f/below"));
  EXPECT_EQ("old", Read(At("f")));
  EXPECT_EQ((std::vector<std::string>{"f", "primary"}), Names(At("")));
}

TEST_F(InTheWayTest, AFileThatAppearsWhileItsNamesakeIsWrittenIsKept) {
  auto file = target_->OpenFile(Of(ObjectType::kRegular, "f"));
  ASSERT_TRUE(file.ok());
  EXPECT_OK((*file)->WriteAt(0, Bytes("new")));
  Write(At("f"), "quicker");
  EXPECT_CODE(kExists, (*file)->Commit(Of(ObjectType::kRegular, "f"), 3));
  EXPECT_EQ("quicker", Read(At("f")));
  file->reset();
  EXPECT_EQ(std::vector<std::string>{"f"}, Names(At("")));
}

TEST_F(InTheWayTest, OverwriteReplacesTheNameOnly) {
  OpenToOverwrite();
  ASSERT_EQ(0, ::link((root_ + "/outside/precious").c_str(), At("hard").c_str()));
  ASSERT_EQ(0, ::symlink("../outside/precious", At("soft").c_str()));
  ASSERT_EQ(0, ::symlink("../outside/precious", At("soft2").c_str()));
  ASSERT_OK(MakeFile("hard"));
  ASSERT_OK(MakeFile("soft"));
  auto file = target_->OpenFile(Of(ObjectType::kRegular, "soft2"));
  ASSERT_TRUE(file.ok());
  ASSERT_OK((*file)->WriteAt(0, Bytes("new")));
  ASSERT_OK((*file)->Commit(Of(ObjectType::kRegular, "soft2"), 3));
  for (const char* path : {"hard", "soft", "soft2"}) {
    EXPECT_EQ("new", Read(At(path)));
    EXPECT_TRUE(S_ISREG(Stat(At(path)).st_mode));
  }
  EXPECT_EQ("precious", Read(root_ + "/outside/precious"));
  EXPECT_EQ(3u, Names(At("")).size()) << "no temporaries";
}

TEST_F(InTheWayTest, OverwriteAcrossTypes) {
  OpenToOverwrite();
  Write(At("to_link"), "old");
  ASSERT_OK(MakeSymlink("to_link", "elsewhere"));
  EXPECT_TRUE(S_ISLNK(Stat(At("to_link")).st_mode));
  ASSERT_OK(target_->MakeNode(Of(ObjectType::kFifo, "to_link", 0600)));
  EXPECT_TRUE(S_ISFIFO(Stat(At("to_link")).st_mode));
  ASSERT_OK(MakeDirectory("to_link"));
  EXPECT_TRUE(S_ISDIR(Stat(At("to_link")).st_mode));
  ASSERT_OK(MakeFile("to_link")) << "an empty directory makes place";
  EXPECT_TRUE(S_ISREG(Stat(At("to_link")).st_mode));
  ASSERT_OK(target_->Finish()) << "the directory that went is not looked for";
}

TEST_F(InTheWayTest, ADirectoryThatIsNotEmptyStays) {
  OpenToOverwrite();
  ASSERT_OK(MakeFile("primary"));
  ASSERT_EQ(0, ::mkdir(At("d").c_str(), 0755));
  Write(At("d/old"), "old");
  EXPECT_CODE(kExists, MakeFile("d"));
  EXPECT_CODE(kExists, MakeSymlink("d", "elsewhere"));
  EXPECT_CODE(kExists, target_->MakeHardLink("primary", Of(ObjectType::kHardLink, "d")));
  auto file = target_->OpenFile(Of(ObjectType::kRegular, "d"));
  ASSERT_TRUE(file.ok());
  EXPECT_CODE(kExists, (*file)->Commit(Of(ObjectType::kRegular, "d"), 0));
  EXPECT_EQ("old", Read(At("d/old")));
  file->reset();
  EXPECT_EQ((std::vector<std::string>{"d", "primary"}), Names(At("")));
}

TEST_F(InTheWayTest, AFileWhosePlaceIsRefusedCanBeKeptBesideIt) {
  OpenToOverwrite();
  ASSERT_EQ(0, ::mkdir(At("d").c_str(), 0755));
  Write(At("d/old"), "old");
  auto file = target_->OpenFile(Of(ObjectType::kRegular, "d"));
  ASSERT_TRUE(file.ok());
  ASSERT_OK((*file)->WriteAt(0, Bytes("new")));
  EXPECT_CODE(kExists, (*file)->Commit(Of(ObjectType::kRegular, "d", 0640), 3));
  ASSERT_OK((*file)->KeepPartial(Of(ObjectType::kRegular, "d"), 3));
  EXPECT_EQ("new", Read(At("d.tapir-partial")));
  EXPECT_EQ(0640u, Stat(At("d.tapir-partial")).st_mode & 07777);
  file->reset();
  EXPECT_EQ((std::vector<std::string>{"d", "d.tapir-partial"}), Names(At("")));
}

TEST_F(InTheWayTest, AReplacedDirectoryIsNotRememberedAsOpen) {
  OpenToOverwrite();
  ASSERT_OK(MakeFile("d/f", "first"));
  ASSERT_OK(target_->Remove("d/f"));
  ASSERT_OK(MakeSymlink("d", root_ + "/outside"));
  EXPECT_CODE(kExists, MakeFile("d/f", "second"));
  EXPECT_EQ(std::vector<std::string>{"precious"}, Names(root_ + "/outside"));
}

TEST_F(InTheWayTest, AnExistingDirectoryIsTakenOver) {
  ASSERT_EQ(0, ::mkdir(At("d").c_str(), 0711));
  Write(At("d/old"), "old");
  ASSERT_OK(MakeDirectory("d", 0755));
  ASSERT_OK(MakeFile("d/f"));
  ASSERT_OK(target_->Finish());
  EXPECT_EQ(0711u, Stat(At("d")).st_mode & 07777) << "its metadata is not ours";
  OpenToOverwrite();
  ASSERT_OK(MakeDirectory("d", 0755));
  ASSERT_OK(target_->Finish());
  EXPECT_EQ(0755u, Stat(At("d")).st_mode & 07777);
  EXPECT_EQ(1'000'000'000, Stat(At("d")).st_mtim.tv_sec);
  EXPECT_EQ("old", Read(At("d/old")));
  EXPECT_CODE(kNotFound, target_->Remove("d"));
}

TEST_F(InTheWayTest, HardLinkOverExisting) {
  OpenToOverwrite();
  ASSERT_OK(MakeFile("a", "primary"));
  Write(At("b"), "old");
  ASSERT_OK(target_->MakeHardLink("a", Of(ObjectType::kHardLink, "b")));
  ASSERT_OK(target_->MakeHardLink("a", Of(ObjectType::kHardLink, "b"))) << "linked already";
  EXPECT_EQ(Stat(At("a")).st_ino, Stat(At("b")).st_ino);
  EXPECT_EQ(2u, Stat(At("a")).st_nlink) << "no temporary is left";
}

}  // namespace
}  // namespace tapir
