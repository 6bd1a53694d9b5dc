// Files written piece by piece.

#include <unistd.h>

#include <cstring>
#include <random>

#include "tapir/base/buffer_pool.h"
#include "tests/target/target_fixture.h"

namespace tapir {
namespace {

class OpenFileTest : public TargetTest {
 protected:
  std::unique_ptr<TargetFile> OpenFile(const std::string& path) {
    auto file = target_->OpenFile(Of(ObjectType::kRegular, path));
    EXPECT_TRUE(file.ok()) << file.status().ToString();
    return file.ok() ? *std::move(file) : nullptr;
  }
};

TEST_F(OpenFileTest, NameAppearsWithCommit) {
  auto file = OpenFile("d/f");
  ASSERT_OK(file->WriteAt(4, Bytes("5678")));
  ASSERT_OK(file->WriteAt(0, Bytes("1234")));
  EXPECT_FALSE(Exists(At("d/f")));
  ASSERT_OK(file->Commit(Of(ObjectType::kRegular, "d/f", 0640), 8));
  EXPECT_EQ("12345678", Read(At("d/f")));
  EXPECT_EQ(0640u, Stat(At("d/f")).st_mode & 07777);
  EXPECT_EQ(123'456'789, Stat(At("d/f")).st_mtim.tv_nsec);
  EXPECT_CODE(kInternal, file->Commit(Of(ObjectType::kRegular, "d/f"), 8));
  EXPECT_EQ(std::vector<std::string>{"f"}, Names(At("d")));
  std::byte buffer[8];
  EXPECT_TRUE(target_->ReadBack("d/f", 0, buffer).ok());
}

TEST_F(OpenFileTest, DiscardedWithoutCommit) {
  auto file = OpenFile("f");
  ASSERT_OK(file->WriteAt(0, Bytes("1234")));
  file.reset();
  EXPECT_TRUE(Names(At("")).empty());
}

TEST_F(OpenFileTest, LengthIsWhatCommitSays) {
  auto longer = OpenFile("longer");
  ASSERT_OK(longer->WriteAt(0, Bytes("1234")));
  ASSERT_OK(longer->Commit(Of(ObjectType::kRegular, "longer"), 6));
  EXPECT_EQ(std::string("1234\0\0", 6), Read(At("longer")));
  auto shorter = OpenFile("shorter");
  ASSERT_OK(shorter->WriteAt(0, Bytes("1234")));
  ASSERT_OK(shorter->Commit(Of(ObjectType::kRegular, "shorter"), 2));
  EXPECT_EQ("12", Read(At("shorter")));
}

TEST_F(OpenFileTest, HolesStayHolesAndZerosStayData) {
  constexpr uint64_t kTebibyte = uint64_t{1} << 40;
  auto file = OpenFile("sparse");
  const std::string zeros(65536, '\0');
  ASSERT_OK(file->WriteAt(kTebibyte / 2, Bytes(zeros)));
  ASSERT_OK(file->Commit(Of(ObjectType::kRegular, "sparse"), kTebibyte));
  const struct stat found = Stat(At("sparse"));
  EXPECT_EQ(kTebibyte, static_cast<uint64_t>(found.st_size));
  EXPECT_GE(found.st_blocks * 512, 65536);
  EXPECT_LE(found.st_blocks * 512, 1 << 20);
}

// Large pieces go past the page cache as far as their pages are whole; ends, small pieces and
// memory that no disk can read from are in between.
TEST_F(OpenFileTest, LargePiecesOfAnyAlignment) {
  std::mt19937 random(1);
  std::string expected(9'000'001, '\0');
  for (char& byte : expected) byte = static_cast<char>(random());
  auto file = OpenFile("f");
  size_t offset = 0;
  for (const size_t length : {1'048'576u, 1'048'577u, 100u, 3'000'000u, 1'050'000u, 4096u}) {
    ASSERT_OK(file->WriteAt(offset, Bytes(std::string_view(expected).substr(offset, length))));
    offset += length;
  }
  ASSERT_OK(file->WriteAt(offset, Bytes(std::string_view(expected).substr(offset))));
  ASSERT_OK(file->Commit(Of(ObjectType::kRegular, "f"), expected.size()));
  EXPECT_TRUE(expected == Read(At("f")));
  for (const size_t skipped : {0u, 1u, 512u}) {  // of memory alignment
    const std::string path = "whole" + std::to_string(skipped);
    const AlignedBuffer memory = [&] {
      AlignedBuffer buffer(expected.size() + skipped);
      std::memcpy(buffer.data() + skipped, expected.data(), expected.size());
      return buffer;
    }();
    ASSERT_OK(target_->MakeFile(Of(ObjectType::kRegular, path), memory.span().subspan(skipped)));
    EXPECT_TRUE(expected == Read(At(path))) << skipped;
  }
}

TEST_F(OpenFileTest, PartialHasAnotherNameAndNoPrivileges) {
  auto file = OpenFile("d/f");
  ASSERT_OK(file->WriteAt(0, Bytes("half")));
  ASSERT_OK(file->KeepPartial(Of(ObjectType::kRegular, "d/f", 04755), 4));
  EXPECT_EQ(std::vector<std::string>{"f.tapir-partial"}, Names(At("d")));
  EXPECT_EQ("half", Read(At("d/f.tapir-partial")));
  EXPECT_EQ(0755u, Stat(At("d/f.tapir-partial")).st_mode & 07777);
  std::byte buffer[8];
  EXPECT_CODE(kNotFound, target_->ReadBack("d/f", 0, buffer).status());
  EXPECT_OK(MakeFile("d/f")) << "the name itself is free";
}

TEST_F(OpenFileTest, PartialOfAVeryLongName) {
  const std::string name(255, 'n');
  auto file = OpenFile(name);
  ASSERT_OK(file->KeepPartial(Of(ObjectType::kRegular, name), 0));
  EXPECT_EQ(std::vector<std::string>{std::string(241, 'n') + ".tapir-partial"}, Names(At("")));
}

TEST_F(OpenFileTest, OutlivesTheDirectoryCacheEntry) {
  auto file = OpenFile("d/f");
  ASSERT_OK(file->WriteAt(0, Bytes("1")));
  for (int i = 0; i < 600; ++i) ASSERT_OK(MakeFile("x" + std::to_string(i) + "/f"));
  ASSERT_OK(file->Commit(Of(ObjectType::kRegular, "d/f"), 1));
  EXPECT_EQ("1", Read(At("d/f")));
}

}  // namespace
}  // namespace tapir
