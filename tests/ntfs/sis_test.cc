#include "tapir/jobs/verify_job.h"
#include "tests/ntfs/sis_fixture.h"

namespace tapir::test {
namespace {

TEST_F(SisVolumeTest, LinksCarryTheirStoreFilesAndUnusedOnesStayOut) {
  ArchiveImage(At("disk"), At("volume"));
  const std::vector<Entry> entries = EntriesOf("volume");
  const Entry& letter = Of(entries, "users/ann/letter");
  EXPECT_EQ(letter.sis.role, SisRole::kLink);
  EXPECT_EQ(letter.sis.pairing, SisPairing::kName);
  EXPECT_EQ(letter.sis.files, std::vector<std::string>{kStore + kFirst});
  EXPECT_EQ(letter.size, 5000u);
  EXPECT_EQ(letter.reparse_tag, kReparseTagSis);
  EXPECT_EQ(Of(entries, "zebra").sis.files, std::vector<std::string>{kStore + kSecond});
  EXPECT_EQ(Of(entries, kStore + kFirst).sis.role, SisRole::kCommonStoreFile);
  EXPECT_EQ(Of(entries, kStore + "MaxIndex").sis.role, SisRole::kInternalFile);
  EXPECT_FALSE(Has(entries, kStore + kUnused));
  EXPECT_TRUE(WasTold(kStore + kUnused, "no link refers to"));
  EXPECT_EQ(Of(entries, "plain").sis.role, SisRole::kNone);
}

TEST_F(SisVolumeTest, ASelectedLinkBringsItsStoreFileAndNoOther) {
  ArchiveImage(At("disk"), At("volume"), {"users/bob"});
  const std::vector<Entry> entries = EntriesOf("volume");
  EXPECT_TRUE(Has(entries, "users/bob"));
  EXPECT_TRUE(Has(entries, kStore + kFirst));
  EXPECT_TRUE(Has(entries, kStore + "MaxIndex"));
  EXPECT_FALSE(Has(entries, kStore + kSecond));
  EXPECT_FALSE(Has(entries, "users/ann/letter"));
}

TEST_F(SisVolumeTest, WithAnOrphanAllOfTheStoreIsArchived) {
  {
    NtfsImage image(At("disk"));
    MakeLink(image, u"orphan", "{44444444-0000-0000-0000-000000000004}.sis", 10);
  }
  ArchiveImage(At("disk"), At("volume"));
  const std::vector<Entry> entries = EntriesOf("volume");
  EXPECT_EQ(Of(entries, "orphan").sis.pairing, SisPairing::kOrphan);
  EXPECT_TRUE(Of(entries, "orphan").sis.files.empty());
  EXPECT_EQ(Of(entries, kStore + kUnused).sis.role, SisRole::kOtherFile);
  EXPECT_TRUE(WasTold("orphan", "without its common-store file"));
}

TEST_F(SisVolumeTest, VerifyFindsNothingInASoundStore) {
  ArchiveImage(At("disk"), At("volume"));
  const VerifyReport report = Value(VerifyVolume({.volume = At("volume")}, {}));
  EXPECT_EQ(report.verdict, Verdict::kIntact);
  EXPECT_EQ(report.finding_count, 0u);
}

TEST_F(SisVolumeTest, VerifyNamesLinksWithoutTheirStoreFile) {
  MakeDisk("odd", [](NtfsImage& image) {
    MakeLink(image, u"orphan", "{44444444-0000-0000-0000-000000000004}.sis", 10'000);
    MakeLink(image, u"short", kFirst, 4999);
  });
  ArchiveImage(At("odd"), At("volume"));
  const VerifyReport report = Value(VerifyVolume({.volume = At("volume")}, {}));
  EXPECT_EQ(report.verdict, Verdict::kIntact);
  ASSERT_EQ(report.findings.size(), 2u);
  EXPECT_EQ(report.findings[0].path, "orphan");
  EXPECT_EQ(report.findings[0].format, "SIS");
  EXPECT_EQ(report.findings[0].finding.severity, Severity::kError);
  EXPECT_EQ(report.findings[1].path, "short");
  EXPECT_EQ(report.findings[1].finding.severity, Severity::kWarning);
}

TEST_F(SisVolumeTest, ALinkOnAVolumeWithoutAStoreIsNamed) {
  NtfsImage::Make(At("bare"), kSisImageBytes);
  {
    NtfsImage image(At("bare"));
    MakeLink(image, u"lost", kFirst, 5000);
  }
  ArchiveImage(At("bare"), At("volume"));
  EXPECT_TRUE(WasTold("lost", "has no common store"));
  EXPECT_EQ(Of(EntriesOf("volume"), "lost").sis.pairing, SisPairing::kOrphan);
}

TEST_F(SisVolumeTest, APartialRestoreBringsTheStoreFileToo) {
  ArchiveImage(At("disk"), At("volume"));
  RestoreImage(At("volume"), At("new"), kSisImageBytes, false, {"zebra"});
  ArchiveImage(At("new"), At("again"));
  const std::vector<Entry> entries = EntriesOf("again");
  EXPECT_EQ(Of(entries, "zebra").sis.files, std::vector<std::string>{kStore + kSecond});
  EXPECT_TRUE(Has(entries, kStore + kSecond));
  EXPECT_FALSE(Has(entries, kStore + kFirst));
  EXPECT_FALSE(Has(entries, "plain"));
}

}  // namespace
}  // namespace tapir::test
