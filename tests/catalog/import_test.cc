#include "tapir/catalog/import.h"

#include "tapir/jobs/list_job.h"
#include "tests/catalog/catalog_fixture.h"

namespace tapir::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using testing::UnorderedElementsAre;

class ImportTest : public CatalogTest {
 protected:
  ImportTest() {
    Check(volume_.Add({File("a", "one"), Directory("d"), File("d/b", "two")}).status());
  }

  VolumeBuilder volume_{LabelOf(1, 1, "volume")};
};

TEST_F(ImportTest, SessionsThatAreThereAreNotReadAgain) {
  catalog::ImportReport report = Add("volume", volume_);
  EXPECT_THAT(report.added, ElementsAre(1u));
  EXPECT_EQ(report.objects, 3u);
  EXPECT_EQ(report.volume.label, "volume");
  Check(volume_.Add({File("c", "three")}).status());
  report = Add("volume", volume_);
  EXPECT_THAT(report.known, ElementsAre(1u));
  EXPECT_THAT(report.added, ElementsAre(2u));
  EXPECT_EQ(report.objects, 1u);
  EXPECT_THAT(ReadInventory().sessions(), SizeIs(2));
  EXPECT_THAT(ReadInventory().volumes(), SizeIs(1));
}

TEST_F(ImportTest, WhatASessionIsComesFromItsEnd) {
  Add("volume", volume_);
  const catalog::Inventory inventory = ReadInventory();
  const catalog::Session& session = inventory.sessions().at(0);
  EXPECT_EQ(session.number, 1u);
  EXPECT_EQ(session.status, "complete");
  EXPECT_EQ(session.object_count, 3u);
  EXPECT_EQ(session.content_bytes, 6u);
  EXPECT_EQ(session.end_digest.size(), 32u);
  EXPECT_THAT(session.digests, Not(IsEmpty()));
  EXPECT_GT(session.index_unit, session.first_unit);
  EXPECT_GT(session.end_unit, session.index_unit);
}

TEST_F(ImportTest, EntriesComeBackAsTheIndexHasThem) {
  MemoryObject link;
  link.path = "link";
  link.type = ObjectType::kSymlink;
  link.metadata.link_target = "to/where";
  MemoryObject odd = File("\xff\n", "odd");
  odd.metadata.mode = 04755;
  odd.metadata.uid = 1000;
  odd.metadata.gid = 4'000'000'000;
  odd.metadata.mtime = {-5, 999'999'999};
  const std::string twice(300, 't');
  Check(volume_.Add({File("first", twice), link, File("second", twice), odd}).status());
  Add("volume", volume_);
  std::map<std::string, Entry> listed;
  Check(ListObjects(scratch_.At("volume"), {.sessions = SessionChoice::kLast},
                    [&](const ListedEntry& one) {
                      listed.emplace(one.entry.path, one.entry);
                      return OkStatus();
                    })
            .status());
  const catalog::Inventory inventory = ReadInventory();
  size_t found = 0;
  Check(catalog::Find(*store_, inventory, {.session_number = 2},
                      [&](const catalog::Version& version) {
                        Entry expected = listed.at(version.entry.path);
                        // What only leads to the records inside the block is left to the index.
                        expected.chunk_offset = 0;
                        expected.record_offset = 0;
                        expected.record_digest = 0;
                        EXPECT_EQ(version.entry, expected) << version.entry.path;
                        ++found;
                        return OkStatus();
                      }));
  EXPECT_EQ(found, listed.size());
}

TEST_F(ImportTest, WithoutAnIndexTheRecordsAreReadOnRequestOnly) {
  std::vector<std::byte> bytes = BytesOf(volume_.device());
  Flip(bytes, PlaceOfBlock(bytes, BlockType::kIndex) + 200);
  scratch_.Put("volume", bytes);
  catalog::ImportReport report = Value(Import("volume"));
  EXPECT_THAT(report.left_out, ElementsAre(1u));
  EXPECT_THAT(report.damages, SizeIs(1));
  EXPECT_THAT(ReadInventory().sessions(), IsEmpty());
  EXPECT_THAT(FindText("b"), IsEmpty());

  report = Value(Import("volume", true));
  EXPECT_THAT(report.added, ElementsAre(1u));
  EXPECT_THAT(report.damages, Not(IsEmpty()));
  EXPECT_TRUE(ReadInventory().sessions().at(0).from_records);
  EXPECT_THAT(FindText("b"), ElementsAre("1 d/b"));
}

TEST_F(ImportTest, ALostEndIsMadeGoodByTheRecords) {
  Check(volume_.Add({File("c", "three")}).status());
  std::vector<std::byte> bytes = BytesOf(volume_.device());
  Flip(bytes, PlaceOfBlock(bytes, BlockType::kEnd, 2) + 200);
  Flip(bytes, PlaceOfBlock(bytes, BlockType::kEnd, 3) + 200);
  scratch_.Put("volume", bytes);
  EXPECT_THAT(Value(Import("volume")).added, ElementsAre(1u));
  EXPECT_THAT(Value(Import("volume", true)).added, ElementsAre(1u, 2u));
  EXPECT_THAT(ReadInventory().sessions(), SizeIs(2));
  EXPECT_THAT(FindText("c"), ElementsAre("2 c"));
}

TEST_F(ImportTest, WhatTheVolumeNoLongerHasStaysAndIsNamed) {
  const std::vector<std::byte> one_session = BytesOf(volume_.device());
  Check(volume_.Add({File("c", "three")}).status());
  Add("volume", volume_);
  scratch_.Put("volume", one_session);
  const catalog::ImportReport report = Value(Import("volume"));
  EXPECT_THAT(report.not_on_volume, ElementsAre(2u));
  EXPECT_THAT(ReadInventory().sessions(), SizeIs(2));
}

TEST_F(ImportTest, MadeAnewItIsThereOnce) {
  Add("volume", volume_);
  const catalog::ImportReport report = Value(Import("volume", true));
  EXPECT_THAT(report.added, ElementsAre(1u));
  EXPECT_THAT(ReadInventory().sessions(), SizeIs(1));
  EXPECT_THAT(FindText("d/b"), ElementsAre("1 d/b"));
}

TEST_F(ImportTest, ForgottenVolumesAreGone) {
  const catalog::ImportReport report = Add("volume", volume_);
  Check(store_->SetLocation(report.volume.key, "shelf"));
  Check(store_->AddNote({report.volume.key, {}, "dusty"}));
  Check(store_->ForgetVolume(report.volume.key));
  EXPECT_THAT(ReadInventory().volumes(), IsEmpty());
  EXPECT_THAT(ReadInventory().sessions(), IsEmpty());
  EXPECT_THAT(Value(store_->Notes()), IsEmpty());
  EXPECT_THAT(FindText("b"), IsEmpty());
  EXPECT_THAT(Add("volume", volume_).added, ElementsAre(1u));
  EXPECT_THAT(FindText("b"), ElementsAre("1 d/b"));
}

TEST_F(ImportTest, InterruptedNothingIsSeen) {
  scratch_.Put("volume", BytesOf(volume_.device()));
  const std::atomic<bool> cancelled{true};
  catalog::ImportRequest request;
  request.volume = scratch_.At("volume");
  request.reporter = &reporter_;
  request.cancelled = &cancelled;
  EXPECT_THAT(catalog::ImportVolume(*store_, request), HasCode(StatusCode::kCancelled));
  EXPECT_THAT(ReadInventory().sessions(), IsEmpty());
}

TEST_F(ImportTest, StreamsAndStrangersAreRefused) {
  Pipe pipe(scratch_, BytesOf(volume_.device()));
  catalog::ImportRequest request;
  request.volume = pipe.path();
  request.reporter = &reporter_;
  EXPECT_THAT(catalog::ImportVolume(*store_, request), HasCode(StatusCode::kInvalidArgument));
  scratch_.Put("text", std::string(5000, 't'));
  EXPECT_THAT(Import("text"), HasCode(StatusCode::kForeign));
  EXPECT_THAT(Import("nothing"), HasCode(StatusCode::kNotFound));
  EXPECT_THAT(ReadInventory().volumes(), IsEmpty());
}

// Nothing but forged records can do it; their session has no index that could be used.
TEST_F(ImportTest, APathThatComesTwiceIsKeptOnceAndTold) {
  VolumeBuilder forged(LabelOf(2, 2, "forged"));
  Check(forged.Add({File("b", "1"), File("a", "2"), File("b", "3")}).status());
  scratch_.Put("forged", BytesOf(forged.device()));
  const catalog::ImportReport report = Value(Import("forged", true));
  EXPECT_THAT(report.added, ElementsAre(1u));
  EXPECT_EQ(report.objects, 2u);
  std::vector<std::string> left_out;
  for (const Damage& damage : report.damages) {
    if (damage.kind == DamageKind::kRecord) left_out.push_back(damage.path);
  }
  EXPECT_THAT(left_out, ElementsAre("b"));
  EXPECT_THAT(FindText(""), ElementsAre("1 a", "1 b"));
}

}  // namespace
}  // namespace tapir::test
