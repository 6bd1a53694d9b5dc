#include "tapir/catalog/reports.h"

#include "tests/catalog/catalog_fixture.h"

namespace tapir::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;
using Lines = std::vector<std::string>;

class ReportsTest : public CatalogTest {
 protected:
  // Two sets. "common" is on both volumes, "twice" under two names of one.
  ReportsTest() {
    const std::string twice(200, 't');
    VolumeBuilder first(LabelOf(1, 1, "first"));
    Check(first
              .Add({File("a", "common contents"), File("b", twice), File("c/d", twice),
                    File("e", "only here")})
              .status());
    Check(
        first.Add({File("a", "common contents"), File("e", "changed"), File("new", "n")}).status());
    Add("first", first);
    VolumeBuilder second(LabelOf(2, 2, "second"));
    Check(second.Add({File("z", "common contents")}).status());
    Add("second", second);
    inventory_ = ReadInventory();
  }

  std::vector<const catalog::Session*> SessionsOf(const std::string& name) {
    return inventory_.SessionsOf(Value(inventory_.FindSet(name)));
  }

  catalog::Inventory inventory_;
};

TEST_F(ReportsTest, DuplicatesByWhatTheyWaste) {
  Lines lines;
  Check(catalog::FindDuplicates(*store_, inventory_, {}, [&](const catalog::ContentGroup& group) {
    std::string line = std::to_string(group.size) + "x" + std::to_string(group.count);
    for (const catalog::Version& version : group.versions) line += " " + version.entry.path;
    lines.push_back(line);
    return OkStatus();
  }));
  EXPECT_THAT(lines, ElementsAre("200x2 b c/d", "15x2 a z"));
}

TEST_F(ReportsTest, FilesWithFewCopies) {
  const auto few = [&](uint32_t copies) {
    Lines lines;
    Check(catalog::FindFewCopies(
        *store_, inventory_, {}, copies, [&](const catalog::Version& version, uint32_t count) {
          lines.push_back(std::to_string(count) + " " + version.entry.path);
          return OkStatus();
        }));
    return lines;
  };
  EXPECT_THAT(few(1), IsEmpty());
  EXPECT_THAT(few(2), UnorderedElementsAre("1 b", "1 c/d", "1 e", "1 new"));
  EXPECT_THAT(few(3), UnorderedElementsAre("2 a", "1 b", "1 c/d", "1 e", "1 new", "2 z"));
}

TEST_F(ReportsTest, NeedsNameVolumesAndSessions) {
  const catalog::Needs needs =
      Value(catalog::FindNeeds(*store_, inventory_, SessionsOf("first"), {"a", "b", "gone"}));
  ASSERT_EQ(needs.volumes.size(), 1u);
  EXPECT_EQ(needs.volumes[0].volume->label, "first");
  EXPECT_THAT(needs.volumes[0].sessions, ElementsAre(1u, 2u));
  EXPECT_EQ(needs.objects, 2u);
  EXPECT_EQ(needs.content_bytes, 15u + 200u);
  EXPECT_THAT(needs.unmatched_patterns, ElementsAre("gone"));
  EXPECT_THAT(needs.missing, IsEmpty());
}

TEST_F(ReportsTest, StoreFilesOfSisLinksAreNeededToo) {
  VolumeBuilder volume(LabelOf(3, 3, "sis"));
  const auto windows = [](MemoryObject object, SisMembership sis) {
    object.metadata.path_encoding = PathEncoding::kWtf8;
    auto ntfs = std::make_shared<NtfsMetadata>();
    ntfs->sis = std::move(sis);
    object.metadata.ntfs = std::move(ntfs);
    return object;
  };
  Check(
      volume.Add({windows(File("store/one.sis", "contents"), {SisRole::kCommonStoreFile, {}, {}})})
          .status());
  Check(
      volume
          .Add({windows(File("link", ""),
                        {SisRole::kLink, SisPairing::kName, {"store/one.sis", "store/gone.sis"}})})
          .status());
  Add("sis", volume);
  inventory_ = ReadInventory();
  const catalog::Needs needs =
      Value(catalog::FindNeeds(*store_, inventory_, SessionsOf("sis"), {"link"}));
  ASSERT_EQ(needs.volumes.size(), 1u);
  EXPECT_THAT(needs.volumes[0].sessions, ElementsAre(1u, 2u));
  EXPECT_EQ(needs.objects, 2u);
  EXPECT_THAT(needs.missing, ElementsAre(HasSubstr("store/gone.sis")));
}

TEST_F(ReportsTest, DifferencesOfSessions) {
  const auto sessions = SessionsOf("first");
  Lines lines;
  Check(catalog::CompareSessions(
      *store_, {sessions.at(0)}, {sessions.at(1)}, [&](const catalog::SessionDifference& one) {
        lines.push_back((one.before != nullptr ? one.before->path : "") + ">" +
                        (one.after != nullptr ? one.after->path : ""));
        return OkStatus();
      }));
  EXPECT_THAT(lines, ElementsAre("b>", "c/d>", "e>e", ">new"));
}

TEST_F(ReportsTest, CheckAgreesWithTheVolumeAndNamesWhatDiffers) {
  const std::string path = scratch_.At("first");
  catalog::CheckReport report = Value(catalog::CheckVolume(*store_, path));
  EXPECT_THAT(report.mismatches, IsEmpty());
  EXPECT_EQ(report.sessions, 2u);

  // Another volume with the same identifiers, as after an exchange.
  VolumeBuilder other(LabelOf(1, 1, "first"));
  Check(other.Add({File("a", "something else")}).status());
  scratch_.Put("first", BytesOf(other.device()));
  report = Value(catalog::CheckVolume(*store_, path));
  EXPECT_THAT(report.mismatches, ElementsAre(HasSubstr("session 1"), HasSubstr("session 2")));

  VolumeBuilder stranger(LabelOf(9, 9, "stranger"));
  Check(stranger.Add({File("a", "a")}).status());
  scratch_.Put("stranger", BytesOf(stranger.device()));
  EXPECT_THAT(catalog::CheckVolume(*store_, scratch_.At("stranger")),
              HasCode(StatusCode::kNotFound));
}

TEST_F(ReportsTest, MapCoversTheVolumeWithoutGaps) {
  const catalog::Volume& volume = *Value(inventory_.FindVolume("first"));
  catalog::Verification verification;
  verification.volume = volume.key;
  verification.damage_count = 1;
  verification.damages = {{DamageKind::kBlock, 3, 5, 8192, 1, "", ""}};
  Check(store_->AddVerification(verification));
  const std::vector<catalog::MapRange> ranges =
      Value(catalog::MapVolume(*store_, inventory_, volume));
  uint64_t at = 0;
  bool shared = false;
  for (const catalog::MapRange& range : ranges) {
    if (range.kind == catalog::MapRange::Kind::kDamage) {
      EXPECT_EQ(range.first_unit, 5u);
      EXPECT_EQ(range.units, 2u);
      continue;
    }
    EXPECT_EQ(range.first_unit, at);
    at += range.units;
    shared = shared || range.kind == catalog::MapRange::Kind::kShared;
  }
  EXPECT_EQ(at * 4096, volume.used_bytes);
  EXPECT_TRUE(shared);
  EXPECT_EQ(ranges.back().kind, catalog::MapRange::Kind::kDamage);
}

}  // namespace
}  // namespace tapir::test
