#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <random>
#include <tuple>

#include "catalog/place_index.h"
#include "tests/support/catalog_store_cases.h"
#include "tests/support/status_matchers.h"

namespace tapir::test {
namespace {

using namespace catalog;
using testing::HasSubstr;
using testing::IsEmpty;

auto FieldsOf(const Session& s) {
  return std::tie(s.volume, s.id, s.number, s.kind, s.status, s.start, s.end, s.object_count,
                  s.content_bytes, s.first_unit, s.index_unit, s.end_unit, s.digests, s.options,
                  s.writer, s.end_digest, s.begins_on, s.from_records, s.listing_sum);
}

void AddPage(Store& store, SessionKey session) {
  const std::vector<ListingRow> rows = {{kRootDirectory, session, 0, "page"}};
  Check(store.AddListings(rows));
}

int64_t SessionRows(StorePlace& place) { return place.Count("SELECT count(*) FROM session"); }
int64_t ListingRows(StorePlace& place) { return place.Count("SELECT count(*) FROM listing"); }

void SessionsAreSeenWhenTheyAreFinished(StorePlace& place) {
  const auto store = place.Open();
  const auto other = place.Open();
  const SessionKey session = BeginSample(*store);
  AddPage(*store, session);
  const std::vector<KeyEntry> entries = {
      {session, "dir/f\xFF", EfsKeyList::kRecoveryAgents, "00ff", "S-1-5-21", "Ann \xFF"},
      {session, "dir/g", EfsKeyList::kUsers, "11ee", "", ""}};
  Check(store->AddKeyEntries(entries));
  PolicyManifest manifest;
  manifest.warnings = {"one"};
  Check(store->AddPolicy({session, manifest}));
  Check(store->Flush());
  for (Store* one : {store.get(), other.get()}) {
    EXPECT_THAT(Value(one->Sessions()), IsEmpty());
    EXPECT_THAT(Value(one->KeyEntries("")), IsEmpty());
    EXPECT_THAT(Value(one->KeyEntries("00ff")), IsEmpty());
    EXPECT_THAT(Value(one->Policies()), IsEmpty());
    EXPECT_THAT(Value(one->ListingsOf(kRoot)), IsEmpty());
    EXPECT_THAT(Value(one->NextListings(-1, 1000)), IsEmpty());
  }
  Session finished = SampleSession(Value(store->Volumes()).at(0).key, 1);
  finished.key = session;
  finished.from_records = true;
  finished.listing_sum = ~uint64_t{0} - 5;
  Check(store->FinishSession(finished));
  for (Store* one : {store.get(), other.get()}) {
    const std::vector<Session> sessions = Value(one->Sessions());
    ASSERT_EQ(sessions.size(), 1u);
    EXPECT_EQ(sessions[0].key, session);
    EXPECT_EQ(FieldsOf(sessions[0]), FieldsOf(finished));
    ASSERT_EQ(Value(one->Policies()).size(), 1u);
    EXPECT_EQ(Value(one->Policies())[0].manifest.warnings, manifest.warnings);
    EXPECT_EQ(Value(one->ListingsOf(kRoot)).size(), 1u);
    EXPECT_EQ(Value(one->NextListings(-1, 1000)).size(), 1u);
    EXPECT_EQ(Value(one->KeyEntries("")).size(), 2u);
    EXPECT_THAT(Value(one->KeyEntries("2222")), IsEmpty());
    const std::vector<KeyEntry> found = Value(one->KeyEntries("00ff"));
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found[0].session, session);
    EXPECT_EQ(found[0].path, "dir/f\xFF");
    EXPECT_EQ(found[0].list, EfsKeyList::kRecoveryAgents);
    EXPECT_EQ(found[0].sid, "S-1-5-21");
    EXPECT_EQ(found[0].display_name, "Ann \xFF");
  }
}

void SessionsAreOrderedByVolumeAndNumber(StorePlace& place) {
  const auto store = place.Open();
  const VolumeKey first = Value(store->PutVolume(SampleVolume(1)));
  const VolumeKey second = Value(store->PutVolume(SampleVolume(2)));
  for (const auto& [volume, number] :
       std::vector<std::pair<VolumeKey, uint32_t>>{{second, 10}, {first, 9}, {first, 2}}) {
    Finish(*store, Value(store->BeginSession(SampleSession(volume, number))));
  }
  const std::vector<Session> sessions = Value(store->Sessions());
  ASSERT_EQ(sessions.size(), 3u);
  EXPECT_EQ(sessions[0].number, 2u);
  EXPECT_EQ(sessions[1].number, 9u);
  EXPECT_EQ(sessions[2].volume, second);
}

void DropsASession(StorePlace& place) {
  const auto store = place.Open();
  const SessionKey kept = BeginSample(*store, 1);
  AddPage(*store, kept);
  Finish(*store, kept);
  const SessionKey session = BeginSample(*store, 2);
  AddPage(*store, session);
  const std::vector<KeyEntry> entries = {{session, "a", EfsKeyList::kUsers, "00", "", ""}};
  Check(store->AddKeyEntries(entries));
  Check(store->AddPolicy({session, {}}));
  Finish(*store, session);
  Check(store->DropSession(session));
  ASSERT_EQ(Value(store->Sessions()).size(), 1u);
  EXPECT_EQ(Value(store->Sessions())[0].key, kept);
  EXPECT_EQ(Value(store->ListingsOf(kRoot)).size(), 1u);
  EXPECT_EQ(ListingRows(place), 1);
  EXPECT_EQ(place.Count("SELECT count(*) FROM key_entry"), 0);
  EXPECT_EQ(place.Count("SELECT count(*) FROM policy"), 0);
  // Nobody takes a later session for this one.
  EXPECT_GT(Value(store->BeginSession(SampleSession(Value(store->Volumes()).at(0).key, 2))),
            session);
}

// An import that is finished when its volume was forgotten meanwhile leaves nothing.
void AForgottenImportIsNotFinished(StorePlace& place) {
  const auto store = place.Open();
  const SessionKey session = BeginSample(*store);
  Check(store->Flush());
  Check(place.Open()->ForgetVolume(Value(store->Volumes()).at(0).key));
  AddPage(*store, session);
  Session done;
  done.key = session;
  EXPECT_THAT(store->FinishSession(done), HasCode(StatusCode::kBusy));
  EXPECT_EQ(ListingRows(place), 0);
}

void DropsWhatAnEndedImporterLeft(StorePlace& place) {
  ASSERT_TRUE(InOtherProcess([&place] {
    const auto store = place.Open();
    AddPage(*store, BeginSample(*store));
    Check(store->Flush());
  }));
  const auto store = place.Open();
  EXPECT_EQ(SessionRows(place), 1);
  EXPECT_EQ(ListingRows(place), 1);
  EXPECT_THAT(Value(store->Sessions()), IsEmpty());
  Check(store->DropAbandoned());
  EXPECT_EQ(SessionRows(place), 0);
  EXPECT_EQ(ListingRows(place), 0);
  EXPECT_EQ(Value(store->Volumes()).size(), 1u);
}

// As it is when the power fails in the middle of DropSession.
void DropsWhatWasHalfDropped(StorePlace& place) {
  const auto store = place.Open();
  const SessionKey session = BeginSample(*store);
  AddPage(*store, session);
  Finish(*store, session);
  place.Execute("UPDATE session SET finished = 0");
  Check(place.Open()->DropAbandoned());
  EXPECT_EQ(SessionRows(place), 0);
  EXPECT_EQ(ListingRows(place), 0);
}

void LeavesALivingImporterAlone(StorePlace& place) {
  place.Open();
  int begun[2];
  int go_on[2];
  ASSERT_EQ(pipe(begun), 0);
  ASSERT_EQ(pipe(go_on), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    close(go_on[1]);
    const bool done = InOtherProcess([&] {
      const auto store = place.Open();
      const SessionKey session = BeginSample(*store);
      AddPage(*store, session);
      Check(store->Flush());
      char byte = 'b';
      if (write(begun[1], &byte, 1) != 1 || read(go_on[0], &byte, 1) != 1) _exit(2);
      Finish(*store, session);
    });
    _exit(done ? 0 : 1);
  }
  close(begun[1]);
  char byte = 0;
  ASSERT_EQ(read(begun[0], &byte, 1), 1);
  const auto store = place.Open();
  Check(store->DropAbandoned());
  EXPECT_THAT(Value(store->Sessions()), IsEmpty());
  ASSERT_EQ(write(go_on[1], "g", 1), 1);
  int status = -1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(Value(store->Sessions()).size(), 1u);
  EXPECT_EQ(Value(store->ListingsOf(kRoot)).size(), 1u);
  for (int end : {begun[0], go_on[0], go_on[1]}) close(end);
}

// An importer is at work also for itself, and for another store of its own process.
void LeavesItsOwnImportAlone(StorePlace& place) {
  const auto store = place.Open();
  const SessionKey session = BeginSample(*store);
  AddPage(*store, session);
  Check(store->Flush());
  Check(store->DropAbandoned());
  Check(place.Open()->DropAbandoned());
  Finish(*store, session);
  EXPECT_EQ(Value(store->Sessions()).size(), 1u);
}

// Two may import one volume at once, and a killed one may have been about to replace a session.
void ASessionIsThereOnce(StorePlace& place) {
  const auto store = place.Open();
  const SessionKey first = BeginSample(*store);
  const SessionKey second = BeginSample(*store);
  const std::vector<ListingRow> rows = {{kRootDirectory, first, 0, "one"},
                                        {kRootDirectory, second, 0, "two"}};
  Check(store->AddListings(rows));
  Finish(*store, first);
  Finish(*store, second);
  const std::vector<Session> sessions = Value(store->Sessions());
  ASSERT_EQ(sessions.size(), 1u);
  EXPECT_EQ(sessions[0].key, second);
  Check(store->DropAbandoned());
  EXPECT_EQ(place.Count("SELECT count(*) FROM session"), 1);
  EXPECT_EQ(place.Count("SELECT count(*) FROM listing"), 1);
}

void ASessionOfAForgottenVolumeIsNotKept(StorePlace& place) {
  const auto store = place.Open();
  const SessionKey session = BeginSample(*store);
  const std::vector<ListingRow> rows = {{kRootDirectory, session, 0, "one"}};
  Check(store->AddListings(rows));
  Check(store->Flush());
  {
    const auto other = place.Open();
    Check(other->ForgetVolume(Value(other->Volumes()).at(0).key));
  }
  Session done;
  done.key = session;
  EXPECT_EQ(store->FinishSession(done).code(), StatusCode::kBusy);
  EXPECT_THAT(Value(store->Sessions()), IsEmpty());
  EXPECT_EQ(place.Count("SELECT count(*) FROM session"), 0);
  EXPECT_EQ(place.Count("SELECT count(*) FROM listing"), 0);
}

void ReadsAsOfOneMoment(StorePlace& place) {
  const auto writer = place.Open();
  const SessionKey first = BeginSample(*writer);
  std::vector<ListingRow> rows;
  for (DirectoryKey directory = 0; directory < 600; ++directory) {
    rows.push_back({directory, first, 0, std::string(1000, 'p')});
  }
  Check(writer->AddListings(rows));
  Finish(*writer, first);
  const auto reader = Value(place.TryOpen(StoreUse::kRead));
  Check(reader->BeginReading());
  EXPECT_THAT(Value(reader->Sessions()), ::testing::SizeIs(1));
  const std::vector<ListingRow> begin = Value(reader->NextListings(-1, 100'000));
  ASSERT_LT(begin.size(), rows.size());

  Check(writer->DropSession(first));
  Finish(*writer, BeginSample(*writer, 2));
  // What it was in the middle of is there to its end.
  const std::vector<ListingRow> rest =
      Value(reader->NextListings(begin.back().directory, 100'000'000));
  EXPECT_EQ(begin.size() + rest.size(), rows.size());
  const std::vector<DirectoryKey> last = {599};
  EXPECT_THAT(Value(reader->ListingsOf(last)), ::testing::SizeIs(1));
  EXPECT_EQ(Value(reader->Sessions()).at(0).key, first);

  reader->EndReading();
  EXPECT_THAT(Value(reader->ListingsOf(last)), IsEmpty());
  EXPECT_NE(Value(reader->Sessions()).at(0).key, first);
  // And so on.
  Check(reader->BeginReading());
  EXPECT_THAT(Value(reader->Sessions()), ::testing::SizeIs(1));
}

void OneThatIsNotThereCannotBeRead(StorePlace& place) {
  EXPECT_THAT(place.TryOpen(StoreUse::kRead), HasCode(StatusCode::kNotFound));
  EXPECT_THAT(place.TryOpen(StoreUse::kWrite), IsOk());
  EXPECT_THAT(place.TryOpen(StoreUse::kRead), IsOk());
}

void ReadingChangesNothing(StorePlace& place) {
  place.Open();
  const auto store = Value(place.TryOpen(StoreUse::kRead));
  EXPECT_FALSE(store->PutVolume(SampleVolume(1)).ok());
  // What is handed over without waiting fails at the latest here.
  const std::vector<PlaceRow> rows = {{1, "page"}};
  EXPECT_FALSE(store->AddPlacePages(rows).ok() && store->Flush().ok());
  EXPECT_EQ(place.Count("SELECT count(*) FROM place"), 0);
  EXPECT_EQ(place.Count("SELECT count(*) FROM volume"), 0);
  EXPECT_THAT(Value(store->Volumes()), IsEmpty());
}

void ANewerSchemaIsRefused(StorePlace& place) {
  Check(place.Open()->PutVolume(SampleVolume(1)).status());
  place.Execute("UPDATE tapir_catalog SET schema_version = 1000");
  for (const StoreUse use : {StoreUse::kRead, StoreUse::kWrite}) {
    const auto opened = place.TryOpen(use);
    EXPECT_THAT(opened, HasCode(StatusCode::kUnsupported));
    EXPECT_THAT(opened.status().message(), HasSubstr("1000"));
    EXPECT_THAT(opened.status().message(), HasSubstr("newer tapir"));
  }
  EXPECT_EQ(place.Count("SELECT count(*) FROM volume"), 1);
}

void AnotherProgramsDatabaseIsRefused(StorePlace& place) {
  place.MakeForeign();
  for (const StoreUse use : {StoreUse::kRead, StoreUse::kWrite}) {
    EXPECT_THAT(place.TryOpen(use), HasCode(StatusCode::kForeign));
  }
}

// What two importers of overlapping trees do at once.
void ImportSome(Store& store, uint32_t seed) {
  std::mt19937 random(seed);
  std::vector<int> numbers(600);
  for (int batch = 0; batch < 8; ++batch) {
    for (size_t i = 0; i < numbers.size(); ++i) {
      numbers[i] = static_cast<int>(i) + batch * 300;
    }
    std::ranges::shuffle(numbers, random);
    std::vector<std::string> texts;
    for (int number : numbers) texts.push_back("name " + std::to_string(number));
    const std::vector<NameKey> names =
        Value(store.InternNames(std::vector<std::string_view>(texts.begin(), texts.end())));
    std::vector<DirectoryPlace> places;
    std::vector<Place> occurrences;
    for (NameKey name : names) places.push_back({kRootDirectory, name});
    const std::vector<DirectoryKey> directories = Value(store.InternDirectories(places));
    for (size_t i = 0; i < names.size(); ++i) occurrences.push_back({names[i], directories[i]});
    PlaceWriter writer(store);
    Check(writer.Add(occurrences));
    Check(writer.Flush());
    Check(store.Flush());
  }
}

void TwoImportersShareNamesAndDirectories(StorePlace& place) {
  place.Open();
  std::vector<pid_t> importers;
  for (uint32_t seed : {1u, 2u}) {
    const pid_t child = ::fork();
    if (child == 0) {
      _exit(InOtherProcess([&] { ImportSome(*place.Open(), seed); }) ? 0 : 1);
    }
    importers.push_back(child);
  }
  for (pid_t importer : importers) {
    int status = -1;
    ASSERT_EQ(waitpid(importer, &status, 0), importer);
    EXPECT_EQ(status, 0);
  }
  const auto store = place.Open();
  const std::vector<FoundName> names = FoundNames(*store, "");
  ASSERT_EQ(names.size(), 600u + 7 * 300);
  std::vector<NameKey> keys;
  for (const FoundName& name : names) {
    const std::string_view text = name.text;
    EXPECT_THAT(Value(store->FindNames({&text, 1})), ::testing::ElementsAre(name.key));
    keys.push_back(name.key);
  }
  EXPECT_EQ(Value(store->Subdirectories(kRoot)).size(), names.size());
  const std::vector<Place> occurrences = Value(PlacesOf(*store, keys));
  ASSERT_EQ(occurrences.size(), names.size());
  std::vector<DirectoryKey> directories;
  for (const Place& one : occurrences) directories.push_back(one.directory);
  const std::vector<DirectoryPlace> places = Value(store->Directories(directories));
  for (size_t i = 0; i < places.size(); ++i) EXPECT_EQ(places[i].name, occurrences[i].name);
}

void ManyCanMakeItAtOnce(StorePlace& place) {
  std::vector<pid_t> makers;
  for (int i = 0; i < 4; ++i) {
    const pid_t child = ::fork();
    if (child == 0) _exit(InOtherProcess([&] { place.Open(); }) ? 0 : 1);
    makers.push_back(child);
  }
  for (pid_t maker : makers) {
    int status = -1;
    ASSERT_EQ(waitpid(maker, &status, 0), maker);
    EXPECT_EQ(status, 0);
  }
  EXPECT_THAT(Value(place.Open()->Volumes()), IsEmpty());
}

}  // namespace

const std::vector<StoreCase>& StoreSessionCases() {
  static const std::vector<StoreCase> kCases = {
      {"SessionsAreSeenWhenTheyAreFinished", SessionsAreSeenWhenTheyAreFinished},
      {"SessionsAreOrderedByVolumeAndNumber", SessionsAreOrderedByVolumeAndNumber},
      {"DropsASession", DropsASession},
      {"AForgottenImportIsNotFinished", AForgottenImportIsNotFinished},
      {"DropsWhatAnEndedImporterLeft", DropsWhatAnEndedImporterLeft},
      {"DropsWhatWasHalfDropped", DropsWhatWasHalfDropped},
      {"LeavesALivingImporterAlone", LeavesALivingImporterAlone},
      {"LeavesItsOwnImportAlone", LeavesItsOwnImportAlone},
      {"ReadsAsOfOneMoment", ReadsAsOfOneMoment},
      {"ASessionIsThereOnce", ASessionIsThereOnce},
      {"ASessionOfAForgottenVolumeIsNotKept", ASessionOfAForgottenVolumeIsNotKept},
      {"OneThatIsNotThereCannotBeRead", OneThatIsNotThereCannotBeRead},
      {"ReadingChangesNothing", ReadingChangesNothing},
      {"ANewerSchemaIsRefused", ANewerSchemaIsRefused},
      {"AnotherProgramsDatabaseIsRefused", AnotherProgramsDatabaseIsRefused},
      {"TwoImportersShareNamesAndDirectories", TwoImportersShareNamesAndDirectories},
      {"ManyCanMakeItAtOnce", ManyCanMakeItAtOnce}};
  return kCases;
}

}  // namespace tapir::test
