#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tuple>

#include "tests/support/catalog_store_cases.h"
#include "tests/support/status_matchers.h"

namespace tapir::test {
namespace {

using namespace catalog;
using testing::ElementsAre;
using testing::IsEmpty;

auto FieldsOf(const Volume& v) {
  return std::tie(v.uuid, v.set_uuid, v.label, v.sequence, v.created, v.writer, v.max_block_bytes,
                  v.used_bytes, v.capacity_bytes, v.address, v.location, v.updated);
}

void KeepsVolumes(StorePlace& place) {
  Volume second = SampleVolume(2);
  second.capacity_bytes = 0;
  std::vector<VolumeKey> keys;
  {
    const auto store = place.Open();
    EXPECT_THAT(Value(store->Volumes()), IsEmpty());
    keys = {Value(store->PutVolume(SampleVolume(1))), Value(store->PutVolume(second))};
    Check(store->Flush());
  }
  const auto store = Value(place.TryOpen(StoreUse::kRead));
  const std::vector<Volume> volumes = Value(store->Volumes());
  ASSERT_EQ(volumes.size(), 2u);
  EXPECT_EQ(volumes[0].key, keys[0]);
  EXPECT_EQ(volumes[1].key, keys[1]);
  EXPECT_NE(keys[0], keys[1]);
  EXPECT_EQ(FieldsOf(volumes[0]), FieldsOf(SampleVolume(1)));
  EXPECT_EQ(FieldsOf(volumes[1]), FieldsOf(second));
}

void AVolumeReadAgainKeepsItsPlace(StorePlace& place) {
  const auto store = place.Open();
  Volume volume = SampleVolume(1);
  const VolumeKey key = Value(store->PutVolume(volume));
  Check(store->PutVolume(SampleVolume(2)).status());
  Check(store->SetLocation(key, "shelf 4, \xE2\x98\x83 'quoted'"));
  volume.label = "renamed";
  volume.used_bytes = 7;
  volume.capacity_bytes = 1000;
  volume.address = "elsewhere";
  volume.updated = {5, 6};
  EXPECT_EQ(Value(store->PutVolume(volume)), key);
  volume.location = "shelf 4, \xE2\x98\x83 'quoted'";
  const std::vector<Volume> volumes = Value(store->Volumes());
  ASSERT_EQ(volumes.size(), 2u);
  EXPECT_EQ(FieldsOf(volumes[0]), FieldsOf(volume));
  EXPECT_EQ(volumes[1].location, "");
}

void KeepsNotesInOrder(StorePlace& place) {
  const auto store = place.Open();
  const VolumeKey volume = Value(store->PutVolume(SampleVolume(1)));
  // A clock may be set back.
  Check(store->AddNote({volume, {200, 0}, "first; it's \"quoted\"\nand has lines"}));
  Check(store->AddNote({volume, {100, 5}, ""}));
  Check(store->AddNote({volume, {100, 5}, "third"}));
  const std::vector<Note> notes = Value(store->Notes());
  ASSERT_EQ(notes.size(), 3u);
  EXPECT_EQ(notes[0].volume, volume);
  EXPECT_EQ(notes[0].text, "first; it's \"quoted\"\nand has lines");
  EXPECT_EQ(notes[0].time, (Timestamp{200, 0}));
  EXPECT_EQ(notes[1].text, "");
  EXPECT_EQ(notes[1].time, (Timestamp{100, 5}));
  EXPECT_EQ(notes[2].text, "third");
}

Verification SampleVerification(VolumeKey volume) {
  Verification done;
  done.volume = volume;
  done.time = {1'700'000'000, 42};
  done.level = "content";
  done.coverage = "session 3";
  done.verdict = "damaged";
  done.blocks = 100;
  done.objects = 200;
  done.proven_bytes = uint64_t{1} << 50;
  done.damage_count = 2;
  return done;
}

void KeepsVerifications(StorePlace& place) {
  const auto store = place.Open();
  const VolumeKey volume = Value(store->PutVolume(SampleVolume(1)));
  std::string any_bytes;
  for (int byte = 255; byte >= 0; --byte) any_bytes += static_cast<char>(byte);
  Verification done = SampleVerification(volume);
  done.damages = {{DamageKind::kBlock, 1, 2, 4096, 3, any_bytes, any_bytes + "/x"},
                  {DamageKind::kUnusedTail, 5, 6, 0, 0, "", ""}};
  Check(store->AddVerification(done));
  Verification clean = SampleVerification(volume);
  clean.damage_count = 0;
  clean.verdict = "intact";
  Check(store->AddVerification(clean));
  const std::vector<Verification> all = Value(store->Verifications());
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].volume, volume);
  EXPECT_EQ(all[0].time, done.time);
  EXPECT_EQ(all[0].level, done.level);
  EXPECT_EQ(all[0].coverage, done.coverage);
  EXPECT_EQ(all[0].verdict, done.verdict);
  EXPECT_EQ(all[0].blocks, done.blocks);
  EXPECT_EQ(all[0].objects, done.objects);
  EXPECT_EQ(all[0].proven_bytes, done.proven_bytes);
  EXPECT_EQ(all[0].damage_count, done.damage_count);
  EXPECT_EQ(all[1].verdict, "intact");
  EXPECT_THAT(all[1].damages, IsEmpty());
  ASSERT_EQ(all[0].damages.size(), 2u);
  for (size_t i = 0; i < 2; ++i) {
    const Damage& read = all[0].damages[i];
    const Damage& put = done.damages[i];
    EXPECT_EQ(std::tie(read.kind, read.object, read.unit, read.length_bytes, read.session_number,
                       read.text, read.path),
              std::tie(put.kind, put.object, put.unit, put.length_bytes, put.session_number,
                       put.text, put.path));
  }
}

void KeepsSoManyDamagesAndNoMore(StorePlace& place) {
  const auto store = place.Open();
  Verification done = SampleVerification(Value(store->PutVolume(SampleVolume(1))));
  done.damage_count = kMaxKeptDamages + 10;
  for (uint64_t unit = 0; unit < done.damage_count; ++unit) {
    done.damages.push_back({.unit = unit, .text = "t", .path = ""});
  }
  Check(store->AddVerification(done));
  const std::vector<Verification> all = Value(store->Verifications());
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].damage_count, done.damage_count);
  ASSERT_EQ(all[0].damages.size(), kMaxKeptDamages);
  EXPECT_EQ(all[0].damages.back().unit, kMaxKeptDamages - 1);
}

// What a label says is not to be trusted.
void KeepsTextThatIsNone(StorePlace& place) {
  const auto store = place.Open();
  Volume volume = SampleVolume(1);
  volume.label = std::string("ab\xFF\xC3", 4);
  volume.writer = std::string("\xED\xA0\x80 x\0y", 7);
  const VolumeKey key = Value(store->PutVolume(volume));
  volume.location = "\x80";
  Check(store->SetLocation(key, volume.location));
  Check(store->AddNote({key, {}, "\xFE"}));
  Session session = SampleSession(key, 1);
  session.options = "\xC0\x80";
  session.writer = "\xFF";
  Finish(*store, Value(store->BeginSession(session)));
  const std::vector<Volume> volumes = Value(store->Volumes());
  ASSERT_EQ(volumes.size(), 1u);
  EXPECT_EQ(FieldsOf(volumes[0]), FieldsOf(volume));
  EXPECT_EQ(Value(store->Notes()).at(0).text, "\xFE");
  const std::vector<Session> sessions = Value(store->Sessions());
  ASSERT_EQ(sessions.size(), 1u);
  EXPECT_EQ(sessions[0].options, session.options);
  EXPECT_EQ(sessions[0].writer, session.writer);
}

void KeepsTimesThatAreFarOff(StorePlace& place) {
  const auto store = place.Open();
  Volume volume = SampleVolume(1);
  volume.created = {int64_t{1} << 62, 5};
  volume.updated = {-(int64_t{1} << 62), 5};
  Check(store->PutVolume(volume).status());
  const std::vector<Volume> volumes = Value(store->Volumes());
  ASSERT_EQ(volumes.size(), 1u);
  EXPECT_EQ(volumes[0].created.seconds, 9'223'372'036);
  EXPECT_EQ(volumes[0].updated.seconds, -9'223'372'037);
}

void ForgetsAVolumeWithAllItHas(StorePlace& place) {
  const auto store = place.Open();
  std::vector<SessionKey> sessions;
  for (int number : {1, 2}) {
    const SessionKey session = BeginSample(*store, number);
    sessions.push_back(session);
    const std::vector<ListingRow> rows = {{kRootDirectory, session, 0, "page"}};
    Check(store->AddListings(rows));
    const std::vector<KeyEntry> entries = {
        {session, "a", EfsKeyList::kUsers, "00ff", "S-1-5", "Ann"}};
    Check(store->AddKeyEntries(entries));
    Check(store->AddPolicy({session, {}}));
    Finish(*store, session);
  }
  const VolumeKey first = Value(store->Volumes()).at(0).key;
  const VolumeKey second = Value(store->Volumes()).at(1).key;
  // One that was cut off goes too.
  Check(store->BeginSession(SampleSession(first, 2)).status());
  for (const VolumeKey volume : {first, second}) {
    Check(store->AddNote({volume, {1, 0}, "note"}));
    Verification done = SampleVerification(volume);
    done.damages = {{}, {}};
    Check(store->AddVerification(done));
  }
  Check(store->ForgetVolume(first));
  ASSERT_EQ(Value(store->Volumes()).size(), 1u);
  EXPECT_EQ(Value(store->Volumes())[0].key, second);
  ASSERT_EQ(Value(store->Sessions()).size(), 1u);
  EXPECT_EQ(Value(store->Sessions())[0].key, sessions[1]);
  EXPECT_EQ(Value(store->Notes()).size(), 1u);
  EXPECT_EQ(Value(store->Verifications()).size(), 1u);
  EXPECT_EQ(Value(store->KeyEntries("")).size(), 1u);
  EXPECT_EQ(Value(store->Policies()).size(), 1u);
  const std::vector<DirectoryKey> root = {kRootDirectory};
  EXPECT_EQ(Value(store->ListingsOf(root)).size(), 1u);
  for (const char* table : {"volume", "session", "note", "verification", "key_entry", "policy"}) {
    EXPECT_EQ(place.Count(std::string("SELECT count(*) FROM ") + table), 1) << table;
  }
  EXPECT_EQ(place.Count("SELECT count(*) FROM listing"), 1);
  EXPECT_EQ(place.Count("SELECT count(*) FROM damage"), 2);
  // It may come back, and has nothing then.
  EXPECT_NE(Value(store->PutVolume(SampleVolume(1))), first);
  EXPECT_EQ(Value(store->Sessions()).size(), 1u);
}

}  // namespace

const std::vector<StoreCase>& StoreRecordCases() {
  static const std::vector<StoreCase> kCases = {
      {"KeepsVolumes", KeepsVolumes},
      {"AVolumeReadAgainKeepsItsPlace", AVolumeReadAgainKeepsItsPlace},
      {"KeepsNotesInOrder", KeepsNotesInOrder},
      {"KeepsVerifications", KeepsVerifications},
      {"KeepsSoManyDamagesAndNoMore", KeepsSoManyDamagesAndNoMore},
      {"KeepsTextThatIsNone", KeepsTextThatIsNone},
      {"KeepsTimesThatAreFarOff", KeepsTimesThatAreFarOff},
      {"ForgetsAVolumeWithAllItHas", ForgetsAVolumeWithAllItHas}};
  return kCases;
}

}  // namespace tapir::test
