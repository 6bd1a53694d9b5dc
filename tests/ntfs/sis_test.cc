#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "bytes/cursor.h"
#include "tapir/jobs/list_job.h"
#include "tapir/ntfs/ntfs_source.h"
#include "tapir/windows/guid.h"
#include "tapir/windows/reparse_data.h"
#include "tests/ntfs/ntfs_fixture.h"
#include "tests/support/ntfs_image.h"
#include "tests/support/status_matchers.h"

namespace tapir::test {
namespace {

constexpr uint64_t kImageBytes = uint64_t{16} << 20;
constexpr uint32_t kSparseBits = 0x200;

const std::string kFirst = "{11111111-0000-0000-0000-000000000001}.sis";
const std::string kSecond = "{22222222-0000-0000-0000-000000000002}.sis";
const std::string kUnused = "{33333333-0000-0000-0000-000000000003}.sis";

std::u16string StoreName(const std::string& text) { return {text.begin(), text.end()}; }

// Reparse data that name a store file by GUID, and by a file reference that may fit nothing.
std::string LinkTo(const std::string& store_file, uint64_t reference = 0) {
  std::string data(64, '\0');
  const Guid guid = ParseGuid(store_file.substr(0, 38)).value();
  std::copy(guid.begin(), guid.end(), reinterpret_cast<std::byte*>(data.data()) + 8);
  StoreLe<uint64_t>(reinterpret_cast<std::byte*>(data.data()) + 40, reference);
  return Value(BuildReparse({kReparseTagSis, 0, std::nullopt, AsBytes(data)}));
}

class SisVolumeTest : public NtfsTest {
 protected:
  void SetUp() override {
    NtfsImage::Make(At("disk"), kImageBytes);
    NtfsImage image(At("disk"));
    image.MakeDirectory(u"SIS Common Store");
    image.MakeFile(u"SIS Common Store/" + StoreName(kFirst), std::string(5000, '1'));
    image.MakeFile(u"SIS Common Store/" + StoreName(kSecond), std::string(7000, '2'));
    image.MakeFile(u"SIS Common Store/" + StoreName(kUnused), "nobody's");
    image.MakeFile(u"SIS Common Store/MaxIndex", "8 bytes.");
    image.MakeDirectory(u"users");
    image.MakeDirectory(u"users/ann");
    MakeLink(image, u"users/ann/letter", kFirst, 5000);
    MakeLink(image, u"users/bob", kFirst, 5000);
    MakeLink(image, u"zebra", kSecond, 7000);
    image.MakeFile(u"plain", "plain");
  }

  static void MakeLink(NtfsImage& image, const std::u16string& path, const std::string& store_file,
                       uint64_t size) {
    image.MakeFile(path);
    image.AddStream(path, {.size = size, .holes = true});
    image.SetReparse(path, LinkTo(store_file));
    image.SetAttributesAndTimes(path, kSparseBits, 1);
  }

  std::vector<Entry> EntriesOf(const std::string& volume) {
    std::vector<Entry> entries;
    Value(ListObjects(At(volume), {}, [&](const ListedEntry& listed) {
      entries.push_back(listed.entry);
      return OkStatus();
    }));
    return entries;
  }

  static const Entry& Of(const std::vector<Entry>& entries, const std::string& path) {
    static const Entry kNone;
    const auto found = std::find_if(entries.begin(), entries.end(),
                                    [&](const Entry& entry) { return entry.path == path; });
    return found == entries.end() ? kNone : *found;
  }
  static bool Has(const std::vector<Entry>& entries, const std::string& path) {
    return Of(entries, path).path == path;
  }
};

const std::string kStore = "SIS Common Store/";

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

TEST_F(SisVolumeTest, APartialRestoreBringsTheStoreFileToo) {
  ArchiveImage(At("disk"), At("volume"));
  RestoreImage(At("volume"), At("new"), kImageBytes, false, {"zebra"});
  ArchiveImage(At("new"), At("again"));
  const std::vector<Entry> entries = EntriesOf("again");
  EXPECT_EQ(Of(entries, "zebra").sis.files, std::vector<std::string>{kStore + kSecond});
  EXPECT_TRUE(Has(entries, kStore + kSecond));
  EXPECT_FALSE(Has(entries, kStore + kFirst));
  EXPECT_FALSE(Has(entries, "plain"));
}

}  // namespace
}  // namespace tapir::test
