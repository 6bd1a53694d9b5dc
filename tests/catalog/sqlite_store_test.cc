#include "tapir/catalog/sqlite_store.h"

#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <stdexcept>

#include "catalog/sqlite_database.h"
#include "catalog/sqlite_file.h"
#include "tests/support/catalog_store_cases.h"
#include "tests/support/scratch.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_bytes.h"

namespace tapir::test {
namespace {

using namespace catalog;

class FilePlace : public StorePlace {
 public:
  explicit FilePlace(std::string path) : path_(std::move(path)) {}

  Result<std::unique_ptr<Store>> TryOpen(StoreUse use) override {
    return OpenSqliteStore(path_, use);
  }
  void Execute(const std::string& statements) override {
    const auto database =
        Value(SqliteDatabase::Open(path_, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE));
    Check(database->RunScript(statements));
  }
  int64_t Count(const std::string& query) override {
    const auto database = Value(SqliteDatabase::Open(path_, SQLITE_OPEN_READWRITE));
    return SqlFields(Value(database->Run(query)).at(0)).Integer();
  }
  void MakeForeign() override { Execute("CREATE TABLE plants (name TEXT)"); }

 private:
  std::string path_;
};

class SqliteStoreTest : public testing::Test {
 protected:
  Scratch scratch_;
  std::string path_ = scratch_.At("some/folder/catalog.db");
  FilePlace place_{path_};
};

class SqliteStoreCases : public SqliteStoreTest, public testing::WithParamInterface<StoreCase> {};

TEST_P(SqliteStoreCases, DoesAsEveryStore) {
  std::filesystem::create_directories(scratch_.At("some/folder"));
  GetParam().body(place_);
}

INSTANTIATE_TEST_SUITE_P(All, SqliteStoreCases, testing::ValuesIn(StoreCases()),
                         [](const auto& one) { return one.param.name; });

TEST_F(SqliteStoreTest, IsMadeWithTheFoldersAboveIt) {
  EXPECT_THAT(OpenSqliteStore(path_, StoreUse::kRead), HasCode(StatusCode::kNotFound));
  EXPECT_FALSE(std::filesystem::exists(scratch_.At("some")));
  EXPECT_EQ(place_.Open()->name(), path_);
  EXPECT_TRUE(std::filesystem::exists(path_));
}

TEST_F(SqliteStoreTest, AnEmptyFileBecomesACatalogueOnlyToWrite) {
  scratch_.Put("some/folder/catalog.db", "");
  EXPECT_THAT(OpenSqliteStore(path_, StoreUse::kRead), HasCode(StatusCode::kNotFound));
  place_.Open();
  EXPECT_THAT(OpenSqliteStore(path_, StoreUse::kRead), IsOk());
}

TEST_F(SqliteStoreTest, WhatIsNoDatabaseIsRefusedAndLeftAlone) {
  const std::string text = TextBytes(20'000, 1);
  scratch_.Put("some/folder/catalog.db", text);
  for (const StoreUse use : {StoreUse::kRead, StoreUse::kWrite}) {
    EXPECT_THAT(OpenSqliteStore(path_, use), HasCode(StatusCode::kForeign));
  }
  EXPECT_EQ(std::filesystem::file_size(path_), text.size());
  EXPECT_FALSE(OpenSqliteStore(scratch_.At("some"), StoreUse::kWrite).ok());
  EXPECT_FALSE(OpenSqliteStore(path_ + "/below", StoreUse::kWrite).ok());
}

// Ended without a chance to tidy up, in the middle of an import, again and again.
TEST_F(SqliteStoreTest, AKilledImportLeavesNothingToSee) {
  for (int rows : {1, 40'000, 130'000}) {
    int ready[2];
    ASSERT_EQ(pipe(ready), 0);
    const pid_t child = ::fork();
    if (child == 0) {
      const auto store = place_.Open();
      const SessionKey session = BeginSample(*store);
      for (int i = 0; i < rows; ++i) {
        const std::vector<ListingRow> one = {{i, session, 0, "page"}};
        Check(store->AddListings(one));
      }
      if (write(ready[1], "r", 1) == 1) pause();
      _exit(1);
    }
    close(ready[1]);
    char byte = 0;
    ASSERT_EQ(read(ready[0], &byte, 1), 1);
    close(ready[0]);
    ASSERT_EQ(kill(child, SIGKILL), 0);
    ASSERT_EQ(waitpid(child, nullptr, 0), child);
    EXPECT_TRUE(Value(Value(OpenSqliteStore(path_, StoreUse::kRead))->Sessions()).empty());
    EXPECT_EQ(place_.Count("SELECT count(*) FROM session"), 1);
    const auto store = place_.Open();
    const std::vector<ListingRow> seen = Value(store->NextListings(-1, 1u << 30));
    EXPECT_TRUE(seen.empty());
    Check(store->DropAbandoned());
    EXPECT_EQ(place_.Count("SELECT count(*) FROM session"), 0);
    EXPECT_EQ(place_.Count("SELECT count(*) FROM listing"), 0);
    EXPECT_EQ(Value(store->Volumes()).size(), 1u);
  }
}

// By another user, who may read the file and its folder, and no more.
TEST_F(SqliteStoreTest, AFileThatMayOnlyBeReadIsRead) {
  Check(place_.Open()->PutVolume(SampleVolume(1)).status());
  ASSERT_EQ(chmod(path_.c_str(), 0444), 0);
  for (const char* folder : {"some/folder", "some", ""}) {
    ASSERT_EQ(chmod(scratch_.At(folder).c_str(), 0555), 0);
  }
  EXPECT_TRUE(InOtherProcess([&] {
    constexpr uid_t kNobody = 65534;
    if (getuid() == 0 && setresuid(kNobody, kNobody, kNobody) != 0) _exit(2);
    const auto store = Value(OpenSqliteStore(path_, StoreUse::kRead));
    if (Value(store->Volumes()).size() != 1) _exit(3);
    if (store->SeesChanges() || !store->CheckUnchanged().ok()) _exit(5);
    const auto writable = OpenSqliteStore(path_, StoreUse::kWrite);
    if (writable.ok() && (*writable)->PutVolume(SampleVolume(2)).ok()) _exit(4);
  }));
  for (const char* folder : {"", "some", "some/folder"}) {
    ASSERT_EQ(chmod(scratch_.At(folder).c_str(), 0755), 0);
  }
}

// What a reader compares that writers do not know of.
TEST_F(SqliteStoreTest, AFileThatWasChangedMeanwhileIsNoticed) {
  const VolumeKey key = Value(place_.Open()->PutVolume(SampleVolume(1)));
  const SqliteFile file(path_);
  EXPECT_THAT(file.CheckUnchanged(), IsOk());
  const auto writer = place_.Open();
  Check(writer->SetLocation(key, "shelf"));
  Check(writer->Flush());
  EXPECT_THAT(file.CheckUnchanged(), HasCode(StatusCode::kBusy));
  EXPECT_FALSE(file.IsReplaced());
}

TEST_F(SqliteStoreTest, AnotherFileInItsPlaceIsNoticed) {
  const auto store = place_.Open();
  EXPECT_TRUE(store->SeesChanges());
  const std::string copy = scratch_.At("copy.db");
  std::filesystem::copy_file(path_, copy);
  std::filesystem::rename(copy, path_);
  EXPECT_FALSE(store->SeesChanges());
}

// A file of a stranger.
TEST_F(SqliteStoreTest, NothingStandsInPlaceOfATable) {
  Check(place_.Open()->PutVolume(SampleVolume(1)).status());
  place_.Execute(
      "DROP TABLE note; CREATE VIEW note AS WITH RECURSIVE n(i) AS "
      "(SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) "
      "SELECT i AS note, 1 AS volume, 1 AS time, x'78' AS text FROM n");
  const auto store = Value(OpenSqliteStore(path_, StoreUse::kRead));
  EXPECT_FALSE(store->Notes().ok());
}

TEST_F(SqliteStoreTest, NothingIsDoneByTheFileItself) {
  const VolumeKey key = Value(place_.Open()->PutVolume(SampleVolume(1)));
  place_.Execute(
      "CREATE TRIGGER ignored BEFORE INSERT ON volume BEGIN SELECT RAISE(IGNORE); END;"
      "CREATE TRIGGER removed AFTER UPDATE ON volume BEGIN DELETE FROM volume; END");
  const auto store = place_.Open();
  EXPECT_THAT(store->PutVolume(SampleVolume(2)), IsOk());
  Check(store->SetLocation(key, "shelf"));
  Check(store->Flush());
  EXPECT_EQ(Value(store->Volumes()).size(), 2u);
}

// Bytes that are wrong are an error, never a crash.
TEST_F(SqliteStoreTest, ADamagedFileIsNoticedOrHarmless) {
  {
    const auto store = place_.Open();
    const SessionKey session = BeginSample(*store);
    const std::vector<std::string_view> names = {"one", "two", "three"};
    Check(store->InternNames(names).status());
    const std::vector<ListingRow> rows = {{0, session, 0, RandomBytes(3000, 1)}};
    Check(store->AddListings(rows));
    Finish(*store, session);
  }
  const auto size = static_cast<off_t>(std::filesystem::file_size(path_));
  const std::string copy = scratch_.At("copy.db");
  for (off_t at = 0; at < size; at += static_cast<off_t>(Thinned(997))) {
    std::filesystem::copy_file(path_, copy, std::filesystem::copy_options::overwrite_existing);
    FILE* file = std::fopen(copy.c_str(), "r+b");
    ASSERT_NE(file, nullptr);
    ASSERT_EQ(std::fseek(file, at, SEEK_SET), 0);
    for (int i = 0; i < 16; ++i) std::fputc(0xA5, file);
    std::fclose(file);
    auto store = OpenSqliteStore(copy, StoreUse::kRead);
    if (!store.ok()) continue;
    (void)(*store)->Volumes().ok();
    (void)(*store)->Sessions().ok();
    auto search = (*store)->SearchNames("ONE");
    if (search.ok()) (void)(*search)->Next(10).ok();
    (void)(*store)->NextListings(-1, 1u << 20).ok();
  }
}

}  // namespace
}  // namespace tapir::test
