#include "tapir/ntfs/ntfs_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "bytes/cursor.h"
#include "tapir/windows/wtf8.h"
#include "tests/ntfs/ntfs_fixture.h"
#include "tests/support/ntfs_dump.h"
#include "tests/support/ntfs_image.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_bytes.h"
#include "tests/support/volume_files_cases.h"

namespace tapir::test {
namespace {

constexpr uint64_t kVolumeBytes = uint64_t{16} << 20;
constexpr char kSystem[] = "Windows/System32/config/SYSTEM";
constexpr char16_t kSystemUnits[] = u"Windows/System32/config/SYSTEM";

class NtfsFilesTest : public NtfsTest {
 protected:
  template <typename Fill>
  void MakeImage(const Fill& fill) {
    NtfsImage::Make(At("image"), kVolumeBytes);
    NtfsImage image(At("image"));
    for (const CaseFile& file : CaseFiles()) {
      const std::u16string path = *Utf16(file.path);
      if (file.is_directory) {
        image.MakeDirectory(path);
      } else {
        image.MakeFile(path, file.contents);
      }
    }
    fill(image);
  }

  std::unique_ptr<VolumeFiles> OpenImage(bool writable = true) {
    return Value(
        OpenNtfsFiles({.image = At("image"), .partition = {}, .offset_bytes = {}}, writable));
  }

  // Ends the work and looks at the volume by other means.
  NtfsDump Close(std::unique_ptr<VolumeFiles> files) {
    EXPECT_THAT(files->Finish(), IsOk());
    files.reset();
    ExpectSound(At("image"));
    return DumpNtfs(At("image"));
  }
};

class NtfsFilesCases : public NtfsFilesTest, public testing::WithParamInterface<VolumeFilesCase> {};

TEST_P(NtfsFilesCases, DoesAsEveryVolume) {
  MakeImage([](NtfsImage&) {});
  auto files = OpenImage();
  GetParam().body(*files);
  const NtfsDump dump = Close(std::move(files));
  for (const auto& [path, fields] : dump) EXPECT_EQ(fields.at("stale"), "") << path;
}

INSTANTIATE_TEST_SUITE_P(All, NtfsFilesCases, testing::ValuesIn(VolumeFilesCases()),
                         [](const auto& one) { return one.param.name; });

TEST_F(NtfsFilesTest, KeepsWhatAFileHas) {
  MakeImage([](NtfsImage& image) {
    image.ShortName(kSystemUnits, "SYS~1");
    image.AddStream(kSystemUnits,
                    {.name = u"more", .ranges = {{0, "beside"}}, .size = {}, .valid = {}});
    image.SetAttributesAndTimes(kSystemUnits, 0x3, 132'000'000'000'000'000);
  });
  const NtfsDump before = DumpNtfs(At("image"));
  auto files = OpenImage();
  ASSERT_THAT(files->Write("windows/system32/config/sys~1", AsBytes(RandomBytes(70'000, 1))),
              IsOk());
  const NtfsDump after = Close(std::move(files));
  const auto expected = [](const std::string& path, const std::string& field) {
    return path == kSystem && (field.starts_with("stream::") ||
                               field.find("time") != std::string::npos || field == "attributes");
  };
  EXPECT_THAT(DifferencesOf(before, after, expected), testing::IsEmpty());
  EXPECT_NE(before.at(kSystem).at("stream::contents"), after.at(kSystem).at("stream::contents"));
}

TEST_F(NtfsFilesTest, LargeContentsComeBack) {
  MakeImage([](NtfsImage&) {});
  const std::string contents = RandomBytes(9'000'000, 4);
  auto files = OpenImage();
  ASSERT_THAT(files->Write(kSystem, AsBytes(contents)), IsOk());
  EXPECT_EQ(Value(files->Read(kSystem, contents.size())), contents);
  Close(std::move(files));
  EXPECT_EQ(Value(OpenImage(false)->Read(kSystem, contents.size())), contents);
}

TEST_F(NtfsFilesTest, WithoutRoomTheOldContentsStay) {
  MakeImage([](NtfsImage& image) {
    image.MakeFile(u"compressed");
    image.AddStream(
        u"compressed",
        {.name = {}, .ranges = {{0, "old"}}, .size = {}, .compressed = true, .valid = {}});
  });
  const std::string contents = RandomBytes(kVolumeBytes, 5);
  auto files = OpenImage();
  EXPECT_EQ(FailureOf(files->Write(kSystem, AsBytes(contents))), FileFailure::kNoSpace);
  EXPECT_EQ(FailureOf(files->Write("compressed", AsBytes(contents))), FileFailure::kNoSpace);
  EXPECT_EQ(FailureOf(files->Write("new", AsBytes(contents))), FileFailure::kNoSpace);
  EXPECT_EQ(Value(files->Read(kSystem, 100)), "the hive");
  EXPECT_EQ(Value(files->Read("compressed", 100)), "old");
  EXPECT_FALSE(files->Stat("new").ok());
  Close(std::move(files));
}

TEST_F(NtfsFilesTest, CompressedFilesStayCompressed) {
  MakeImage([](NtfsImage& image) {
    image.MakeFile(u"compressed");
    image.AddStream(u"compressed", {.name = {},
                                    .ranges = {{0, TextBytes(200'000, 1)}},
                                    .size = {},
                                    .compressed = true,
                                    .valid = {}});
    image.MakeFile(u"sparse");
    image.AddStream(
        u"sparse",
        {.name = {}, .ranges = {{1'000'000, "end"}}, .size = {}, .holes = true, .valid = {}});
  });
  const std::string contents = TextBytes(300'000, 2);
  auto files = OpenImage();
  ASSERT_THAT(files->Write("compressed", AsBytes(contents)), IsOk());
  ASSERT_THAT(files->Write("sparse", AsBytes(contents)), IsOk());
  const NtfsDump dump = Close(std::move(files));
  files = OpenImage(false);
  EXPECT_EQ(Value(files->Read("compressed", 1 << 20)), contents);
  EXPECT_EQ(Value(files->Read("sparse", 1 << 20)), contents);
  EXPECT_NE(dump.at("compressed").at("stream::flags"), dump.at(kSystem).at("stream::flags"));
}

TEST_F(NtfsFilesTest, NewFilesGetTheSecurityOfTheirDirectory) {
  MakeImage([](NtfsImage&) {});
  auto files = OpenImage();
  ASSERT_THAT(files->Write("Windows/new", AsBytes("x")), IsOk());
  const NtfsDump dump = Close(std::move(files));
  EXPECT_FALSE(dump.at("Windows/new").at("security").empty());
}

TEST_F(NtfsFilesTest, SetsShortNames) {
  MakeImage([](NtfsImage& image) {
    image.MakeFile(u"Empty/a long name.text", "long");
    image.ShortName(u"Empty/a long name.text", "OLD~1.TXT");
    image.MakeFile(u"Empty/another long name", "other");
    image.ShortName(u"Empty/another long name", "TAKEN~1");
    image.MakeFile(u"Empty/small.txt", "small");
    image.MakeDirectory(u"Empty/a directory of length");
  });
  auto files = OpenImage();
  const auto set = [&](const std::string& name, const std::string& short_name) {
    return files->SetShortName("empty/" + name, short_name);
  };
  EXPECT_THAT(set("A LONG NAME.TEXT", "new~1.txt"), IsOk());
  EXPECT_THAT(set("a long name.text", "NEW~1.TXT"), IsOk());
  EXPECT_EQ(FailureOf(set("a long name.text", "taken~1")), FileFailure::kExists);
  EXPECT_EQ(FailureOf(set("a long name.text", "small.txt")), FileFailure::kExists);
  EXPECT_EQ(FailureOf(set("a long name.text", "far too long.txt")), FileFailure::kInvalidName);
  EXPECT_EQ(FailureOf(set("none", "NONE")), FileFailure::kNotFound);
  EXPECT_THAT(set("small.txt", "SMALL.TXT"), IsOk());
  EXPECT_THAT(set("a directory of length", "ADIR~1"), IsOk());
  EXPECT_EQ(Value(files->Read("Empty/NEW~1.TXT", 100)), "long");
  EXPECT_EQ(Value(files->Stat("empty/new~1.txt")).name, "a long name.text");
  EXPECT_FALSE(files->Stat("Empty/OLD~1.TXT").ok());
  EXPECT_THAT(Value(files->NamesIn("Empty")),
              testing::UnorderedElementsAre("a long name.text", "another long name", "small.txt",
                                            "a directory of length"));
  ASSERT_THAT(set("small.txt", "OTHER"), IsOk());
  ASSERT_THAT(set("another long name", "SMALL~9"), IsOk());
  ASSERT_THAT(files->Move("Empty/NEW~1.TXT", "moved"), IsOk());
  EXPECT_FALSE(files->Stat("Empty/NEW~1.TXT").ok());
  const NtfsDump dump = Close(std::move(files));
  std::string names;
  for (const auto& [path, fields] : dump) names += path + ": " + fields.at("names") + "\n";
  EXPECT_THAT(names, testing::HasSubstr("OTHER"));
  EXPECT_THAT(names, testing::HasSubstr("SMALL~9"));
  EXPECT_THAT(names, testing::HasSubstr("ADIR~1"));
  EXPECT_THAT(names, testing::Not(testing::HasSubstr("TAKEN~1")));
  EXPECT_THAT(names, testing::Not(testing::HasSubstr("TXT")));
}

TEST_F(NtfsFilesTest, HardLinksKeepTheirOtherNames) {
  MakeImage([](NtfsImage& image) { image.Link(kSystemUnits, u"Empty/SYSTEM"); });
  auto files = OpenImage();
  ASSERT_THAT(files->Move("Empty/SYSTEM", "Empty/moved"), IsOk());
  ASSERT_THAT(files->Write("Empty/moved", AsBytes("new")), IsOk());
  EXPECT_EQ(Value(files->Read(kSystem, 100)), "new");
  ASSERT_THAT(files->Delete(kSystem), IsOk());
  EXPECT_EQ(Value(files->Read("Empty/moved", 100)), "new");
  // The other name of one file is in the way like any.
  ASSERT_THAT(files->Move("Empty/moved", kSystem), IsOk());
  Close(std::move(files));
}

TEST_F(NtfsFilesTest, LeavesFilesOfNtfsAlone) {
  MakeImage([](NtfsImage&) {});
  auto files = OpenImage();
  for (const char* path : {"$MFT", "$mftmirr", "$Extend/$Reparse", "$Extend/none"}) {
    EXPECT_EQ(FailureOf(files->Delete(path)), FileFailure::kAccessDenied) << path;
    EXPECT_EQ(FailureOf(files->Write(path, AsBytes("x"))), FileFailure::kAccessDenied) << path;
  }
  EXPECT_EQ(FailureOf(files->Move(kSystem, "$Bitmap")), FileFailure::kAccessDenied);
  Close(std::move(files));
}

TEST_F(NtfsFilesTest, WhatOnlyWindowsReadsIsRefused) {
  MakeImage([](NtfsImage& image) {
    image.MakeFile(u"encrypted", "ciphertext");
    image.AddEfs(u"encrypted", BareEfsMetadata(600));
    image.MakeFile(u"link", "not these");
    image.SetReparse(u"link", std::string("\x0C\x00\x00\x80\x04\x00\x00\x00", 8) + "data");
  });
  auto files = OpenImage();
  for (const std::string name : {"encrypted", "link"}) {
    const auto read = files->Read(name, 10'000);
    ASSERT_FALSE(read.ok()) << name;
    EXPECT_EQ(FailureOf(read.status()), FileFailure::kUnsupported);
    EXPECT_EQ(FailureOf(files->Write(name, AsBytes("plain"))), FileFailure::kUnsupported);
    EXPECT_THAT(files->Move(name, "Empty/" + name), IsOk());
    EXPECT_THAT(files->Delete("Empty/" + name), IsOk());
  }
  Close(std::move(files));
}

TEST_F(NtfsFilesTest, ReadOnlyFilesCanBeDeleted) {
  MakeImage([](NtfsImage& image) { image.SetAttributesAndTimes(kSystemUnits, 0x1, 1); });
  auto files = OpenImage();
  ASSERT_THAT(files->Delete(kSystem), IsOk());
  EXPECT_EQ(Close(std::move(files)).count(kSystem), 0u);
}

TEST_F(NtfsFilesTest, ForReadingNothingIsWritten) {
  MakeImage([](NtfsImage&) {});
  auto files = OpenImage(false);
  EXPECT_EQ(FailureOf(files->Write(kSystem, AsBytes("x"))), FileFailure::kWriteProtected);
  EXPECT_EQ(FailureOf(files->Move(kSystem, "x")), FileFailure::kWriteProtected);
  EXPECT_EQ(FailureOf(files->Delete(kSystem)), FileFailure::kWriteProtected);
  EXPECT_EQ(FailureOf(files->SetShortName(kSystem, "X")), FileFailure::kWriteProtected);
  EXPECT_EQ(Value(files->Read(kSystem, 100)), "the hive");
  EXPECT_THAT(files->Finish(), IsOk());
}

}  // namespace
}  // namespace tapir::test
