#include <filesystem>
#include <fstream>
#include <map>

#include "tapir/jobs/compare_job.h"
#include "tests/ntfs/sis_fixture.h"
#include "tests/support/ntfs_dump.h"

namespace tapir::test {
namespace {

using Function = SisCall::Function;

class SisRestoreTest : public SisVolumeTest {
 protected:
  void SetUp() override {
    SisVolumeTest::SetUp();
    ArchiveImage(At("disk"), At("volume"));
    reporter_.Clear();
  }

  RestoreReport RestoreAs(SisForm form, const std::string& image, uint64_t make_bytes,
                          const std::vector<std::string>& patterns = {}, bool overwrite = false) {
    calls_.clear();
    return Value(RestoreRequestedImage(
        At("volume"), At(image), make_bytes, overwrite, [&](RestoreRequest& request) {
          request.sis = form;
          request.selection.patterns = patterns;
          request.take_sis_call = [this](const SisCall& call) { calls_.push_back(call); };
        }));
  }

  std::string CallsInWords() const {
    std::string words;
    for (const SisCall& call : calls_) {
      words += std::string(SisFunctionName(call.function)) + ' ' + call.path + '\n';
    }
    return words;
  }

  std::vector<Entry> EntriesOfImage(const std::string& image) {
    ArchiveImage(At(image), At(image + ".volume"));
    return EntriesOf(image + ".volume");
  }

  std::vector<SisCall> calls_;
};

TEST_F(SisRestoreTest, LinksComeBeforeTheirStoreFiles) {
  const RestoreReport report = RestoreAs(SisForm::kLinks, "new", kSisImageBytes);
  ExpectNothingLost(report);
  EXPECT_EQ(report.sis_links, 3u);
  EXPECT_EQ(report.unresolved_links, 0u);
  EXPECT_EQ(CallsInWords(),
            "SisCreateRestoreStructure \n"
            "SisRestoredLink users/ann/letter\n"
            "SisRestoredLink users/bob\n"
            "SisRestoredLink zebra\n"
            "SisRestoredCommonStoreFile " +
                kStore + kFirst + "\nSisRestoredCommonStoreFile " + kStore + kSecond +
                "\nSisFreeRestoreStructure \n");
  EXPECT_EQ(calls_[1].reparse_data, LinkTo(kFirst));
  EXPECT_EQ(calls_[1].needed, std::vector<std::string>{kStore + kFirst});
  EXPECT_EQ(calls_[1].store_root, "SIS Common Store");
  const std::vector<Entry> entries = EntriesOfImage("new");
  EXPECT_EQ(Of(entries, "zebra").reparse_tag, kReparseTagSis);
  EXPECT_EQ(Of(entries, kStore + kSecond).size, 7000u);
  ExpectSound(At("new"));
}

TEST_F(SisRestoreTest, StoreFilesThatAreThereAreNeverWrittenOver) {
  RestoreAs(SisForm::kLinks, "new", kSisImageBytes, {"users/bob"});
  const RestoreReport report = RestoreAs(SisForm::kLinks, "new", 0, {"users"}, true);
  EXPECT_EQ(report.kept + report.failed + report.unresolved_links, 0u);
  EXPECT_EQ(report.sis_links, 2u);
  EXPECT_EQ(CallsInWords(),
            "SisCreateRestoreStructure \n"
            "SisRestoredLink users/ann/letter\n"
            "SisRestoredLink users/bob\n"
            "SisFreeRestoreStructure \n");
}

TEST_F(SisRestoreTest, AFileWithTheContentsOfAStoreFileThatIsThereComesBack) {
  MakeDisk("odd", [](NtfsImage& image) { image.MakeFile(u"twin", std::string(5000, '1')); });
  ArchiveImage(At("odd"), At("twins"));
  std::filesystem::rename(At("twins"), At("volume"));
  RestoreAs(SisForm::kLinks, "new", kSisImageBytes, {"users/bob"});
  const RestoreReport report = RestoreAs(SisForm::kLinks, "new", 0, {"twin"});
  EXPECT_EQ(report.damaged + report.failed, 0u) << Notices();
  EXPECT_EQ(report.restored, 1u);
  EXPECT_TRUE(DifferencesFrom(At("volume"), At("new"), {"twin"}).empty());
}

TEST_F(SisRestoreTest, AStoreFileWithoutARestoredLinkStaysOnTheVolume) {
  const RestoreReport report =
      RestoreAs(SisForm::kLinks, "new", kSisImageBytes, {"SIS Common Store", "zebra"});
  const std::vector<Entry> entries = EntriesOfImage("new");
  EXPECT_TRUE(Has(entries, kStore + kSecond));
  EXPECT_FALSE(Has(entries, kStore + kFirst));
  EXPECT_TRUE(Has(entries, kStore + "MaxIndex"));
  EXPECT_TRUE(WasTold(kStore + kFirst, "no restored link needs it"));
  EXPECT_EQ(report.sis_links, 1u);
}

TEST_F(SisRestoreTest, ALinkWhoseStoreFileDidNotComeIsNamed) {
  MakeDisk("odd", [](NtfsImage& image) {
    MakeLink(image, u"orphan", "{44444444-0000-0000-0000-000000000004}.sis", 10);
  });
  ArchiveImage(At("odd"), At("with orphan"));
  std::filesystem::rename(At("with orphan"), At("volume"));
  const RestoreReport report = RestoreAs(SisForm::kLinks, "new", kSisImageBytes, {"orphan"});
  EXPECT_EQ(report.unresolved_links, 1u);
  EXPECT_TRUE(WasTold("orphan", "common-store file is not known"));
}

TEST_F(SisRestoreTest, LinksBecomeFilesOnADirectory) {
  const RestoreReport report = RestoreDirectory(At("volume"), At("tree"));
  std::string differences;
  const CompareReport compared = Value(CompareWithDirectory(
      {.volume = At("volume"), .reporter = &reporter_}, At("tree"),
      [&](const Difference& difference) { differences += difference.path + '\n'; }));
  EXPECT_EQ(compared.compared, 9u);
  EXPECT_EQ(differences, "");
  std::ofstream(At("tree/zebra"), std::ios::app) << 'x';
  Value(CompareWithDirectory(
      {.volume = At("volume"), .reporter = &reporter_}, At("tree"),
      [&](const Difference& difference) { differences += difference.path + '\n'; }));
  EXPECT_EQ(differences, "zebra\nzebra\n");
  std::filesystem::resize_file(At("tree/zebra"), 7000);
  EXPECT_EQ(report.refused + report.damaged + report.failed + report.kept, 0u);
  EXPECT_EQ(BytesOfFile(At("tree/users/ann/letter")), std::string(5000, '1'));
  EXPECT_EQ(BytesOfFile(At("tree/users/bob")), std::string(5000, '1'));
  EXPECT_EQ(BytesOfFile(At("tree/zebra")), std::string(7000, '2'));
  EXPECT_EQ(BytesOfFile(At("tree/plain")), "plain");
  EXPECT_EQ(BytesOfFile(At("tree/" + kStore + "MaxIndex")), "8 bytes.");
  // Their contents stand in the links now.
  EXPECT_FALSE(std::filesystem::exists(At("tree/" + kStore + kFirst)));
  for (const auto& file : std::filesystem::directory_iterator(At("tree"))) {
    EXPECT_FALSE(file.path().filename().string().starts_with(".tapir")) << file.path();
  }
  // All but the three links: . plain users ann store MaxIndex.
  EXPECT_EQ(report.restored, 3u + 6u);
}

TEST_F(SisRestoreTest, OneLinkAloneBecomesAFile) {
  RestoreDirectory(At("volume"), At("tree"),
                   [](RestoreRequest& request) { request.selection.patterns = {"users/bob"}; });
  EXPECT_EQ(BytesOfFile(At("tree/users/bob")), std::string(5000, '1'));
  EXPECT_FALSE(std::filesystem::exists(At("tree/zebra")));
}

TEST_F(SisRestoreTest, AStoreFileAloneIsAFileLikeOthers) {
  RestoreDirectory(At("volume"), At("tree"),
                   [](RestoreRequest& request) { request.selection.patterns = {kStore + kFirst}; });
  EXPECT_EQ(BytesOfFile(At("tree/" + kStore + kFirst)), std::string(5000, '1'));
}

TEST_F(SisRestoreTest, LinksBecomeFilesOnAVolume) {
  const RestoreReport report = RestoreAs(SisForm::kFiles, "new", kSisImageBytes);
  ExpectNothingLost(report);
  EXPECT_EQ(report.sis_links, 0u);
  EXPECT_TRUE(DifferencesFrom(At("volume"), At("new"), {}, SisForm::kFiles).empty());
  EXPECT_FALSE(DifferencesFrom(At("volume"), At("new"), {}, SisForm::kLinks).empty());
  const std::vector<Entry> entries = EntriesOfImage("new");
  const Entry& zebra = Of(entries, "zebra");
  EXPECT_EQ(zebra.reparse_tag, 0u);
  EXPECT_EQ(zebra.size, 7000u);
  EXPECT_EQ(zebra.file_attributes & (kWindowsSparse | kWindowsReparsePoint), 0u);
  RestoreDirectory(At("new.volume"), At("tree"));
  EXPECT_EQ(BytesOfFile(At("tree/zebra")), std::string(7000, '2'));
  EXPECT_EQ(BytesOfFile(At("tree/users/ann/letter")), std::string(5000, '1'));
  ExpectSound(At("new"));
}

TEST_F(SisRestoreTest, DataOfALinksOwnCoverThoseOfItsStoreFile) {
  MakeDisk("odd", [](NtfsImage& image) {
    image.MakeFile(u"partial");
    image.AddStream(u"partial",
                    {.ranges = {{65536, std::string(4096, 'p')}}, .size = 200'000, .holes = true});
    const std::string store = "{55555555-0000-0000-0000-000000000005}.sis";
    image.SetReparse(u"partial", LinkTo(store));
    image.MakeFile(u"SIS Common Store/" + StoreName(store), std::string(200'000, 's'));
  });
  ArchiveImage(At("odd"), At("partial volume"));
  RestoreDirectory(At("partial volume"), At("tree"));
  const std::string contents = BytesOfFile(At("tree/partial"));
  ASSERT_EQ(contents.size(), 200'000u);
  EXPECT_EQ(contents.substr(0, 65536), std::string(65536, 's'));
  EXPECT_EQ(contents.substr(65536, 4096), std::string(4096, 'p'));
  EXPECT_EQ(contents.find_first_not_of('s', 65536 + 4096 + 65536), std::string::npos);
}

TEST_F(SisRestoreTest, WithoutItsStoreFileALinkIsRefusedByName) {
  MakeDisk("odd", [](NtfsImage& image) {
    MakeLink(image, u"orphan", "{44444444-0000-0000-0000-000000000004}.sis", 10);
  });
  ArchiveImage(At("odd"), At("with orphan"));
  const RestoreReport report = RestoreDirectory(At("with orphan"), At("tree"));
  EXPECT_EQ(report.refused, 1u);
  EXPECT_TRUE(WasTold("orphan", "common-store file is not known"));
  EXPECT_FALSE(std::filesystem::exists(At("tree/orphan")));
  // While a link is not paired, all of the store comes: these are files.
  EXPECT_EQ(BytesOfFile(At("tree/" + kStore + kUnused)), "nobody's");
}

TEST_F(SisRestoreTest, TheRoomForCopiesIsLookedAtFirst) {
  MakeDisk("odd", [](NtfsImage& image) {
    const std::string store = "{66666666-0000-0000-0000-000000000006}.sis";
    image.MakeFile(u"SIS Common Store/" + StoreName(store), std::string(5u << 20, 'x'));
    for (const char16_t* name : {u"copy 1", u"copy 2", u"copy 3"}) {
      MakeLink(image, name, store, 5u << 20);
    }
  });
  ArchiveImage(At("odd"), At("copies"));
  const Result<RestoreReport> report =
      RestoreRequestedImage(At("copies"), At("new"), kSisImageBytes, false,
                            [](RestoreRequest& request) { request.sis = SisForm::kFiles; });
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(report.status().code(), StatusCode::kLimitExceeded) << report.status().message();
  EXPECT_EQ(EntriesOfImage("new").size(), 1u);
}

TEST_F(SisRestoreTest, LinksOntoADirectoryMakeNoSense) {
  RestoreRequest request;
  request.volume = At("volume");
  request.target.directory = At("tree");
  request.target.reporter = &reporter_;
  request.sis = SisForm::kLinks;
  EXPECT_EQ(Restore(request).status().code(), StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace tapir::test
