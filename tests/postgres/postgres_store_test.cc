#include "tapir/postgres/postgres_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <thread>

#include "tests/postgres/schema_place.h"
#include "tests/support/status_matchers.h"

namespace tapir::test {
namespace {

using namespace catalog;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;

class PostgresStoreTest : public testing::Test {
 protected:
  SchemaPlace place_;
};

class PostgresStoreCases : public PostgresStoreTest,
                           public testing::WithParamInterface<StoreCase> {};

TEST_P(PostgresStoreCases, DoesAsEveryStore) { GetParam().body(place_); }

INSTANTIATE_TEST_SUITE_P(All, PostgresStoreCases, testing::ValuesIn(StoreCases()),
                         [](const auto& one) { return one.param.name; });

TEST_F(PostgresStoreTest, ThePasswordIsNeverShown) {
  const std::string name = place_.Open()->name();
  EXPECT_THAT(name, StartsWith("postgresql://tapir@127.0.0.1:"));
  EXPECT_THAT(name, Not(HasSubstr("word")));
  std::string wrong = PostgresAddress();
  wrong.replace(wrong.find("pass%20"), 4, "wrong");
  const auto refused = OpenPostgresStore(wrong, StoreUse::kRead);
  ASSERT_THAT(refused, HasCode(StatusCode::kDeviceError));
  EXPECT_THAT(refused.status().message(), HasSubstr("authentication failed"));
  EXPECT_THAT(refused.status().message(), Not(HasSubstr("word/")));
  for (const char* malformed : {"postgresql://ann:secret@[host/x", "postgresql://ann:secret@h/%zz",
                                "postgresql://ann:secret@h/x?a&secret"}) {
    const auto none = OpenPostgresStore(malformed, StoreUse::kRead);
    EXPECT_THAT(none, HasCode(StatusCode::kInvalidArgument)) << malformed;
    EXPECT_THAT(none.status().message(), Not(HasSubstr("secret")));
  }
}

// Parts of a password that was not escaped stand as host, port or database.
TEST_F(PostgresStoreTest, PartsOfAPasswordAreNotShown) {
  for (const char* address :
       {"postgresql://ann:secret/@127.0.0.1/d", "postgresql://ann:x@secret@127.0.0.1:1/d",
        "postgresql://ann:x:secret@127.0.0.1:secret/d", "postgresql://ann:12/secret@127.0.0.1/d",
        "postgresql://ann:x@127.0.0.1:1/secret@h/d", "postgresql://ann:x@127.0.0.1,secret@h:1/d",
        "postgresql://ann:x@[::1:secret]/d", "postgresql://ann@127.0.0.1:0/secret",
        "postgresql://ann@127.0.0.1:65536/secret", "postgresql://ann@h/d?hostaddr=secret",
        "postgresql://ann@h/d?sslmode=secret",
        "postgresql://ann@127.0.0.1:1/d?connect_timeout=secret"}) {
    const auto none = OpenPostgresStore(address, StoreUse::kRead);
    EXPECT_THAT(none, HasCode(StatusCode::kInvalidArgument)) << address;
    EXPECT_THAT(none.status().message(), Not(HasSubstr("secret"))) << address;
  }
}

TEST_F(PostgresStoreTest, SeveralHostsAndSocketsAreTaken) {
  for (const char* address :
       {"postgresql://ann:x%2F%40@127.0.0.1:1,[::1]:1/d", "postgresql:///d?host=/no/such",
        "postgresql://%2Fno%2Fsuch/d?sslmode=disable", "postgresql://ann@127.0.0.1:1/a%2Fb"}) {
    const auto none = OpenPostgresStore(address, StoreUse::kRead);
    EXPECT_THAT(none, HasCode(StatusCode::kDeviceError)) << address;
  }
}

TEST_F(PostgresStoreTest, ADatabaseThatIsNotThereIsNamed) {
  const auto none = OpenPostgresStore(PostgresAddress() + "_none", StoreUse::kWrite);
  EXPECT_THAT(none, HasCode(StatusCode::kDeviceError));
  EXPECT_THAT(none.status().message(), HasSubstr("\"tapir_none\" does not exist"));
}

TEST_F(PostgresStoreTest, AnotherEncodingIsRefused) {
  place_.Execute("DROP DATABASE IF EXISTS latin");
  place_.Execute(
      "CREATE DATABASE latin ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0");
  std::string address = PostgresAddress();
  address.replace(address.rfind('/') + 1, std::string::npos, "latin");
  const auto refused = OpenPostgresStore(address, StoreUse::kWrite);
  EXPECT_THAT(refused, HasCode(StatusCode::kUnsupported));
  EXPECT_THAT(refused.status().message(), HasSubstr("UTF8"));
}

// Who may fill tables and not make them, and who may only read.
TEST_F(PostgresStoreTest, RightsOnTablesAreEnough) {
  place_.Open();
  place_.Execute(
      "DO $$ BEGIN CREATE ROLE importer LOGIN PASSWORD 'p'; EXCEPTION WHEN duplicate_object THEN "
      "NULL; END $$");
  place_.Execute(
      "DO $$ BEGIN CREATE ROLE reader LOGIN PASSWORD 'p'; EXCEPTION WHEN duplicate_object THEN "
      "NULL; END $$");
  place_.Execute(
      "GRANT USAGE ON SCHEMA tapir TO importer, reader; "
      "GRANT SELECT ON ALL TABLES IN SCHEMA tapir TO reader; "
      "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA tapir TO importer; "
      "GRANT USAGE ON ALL SEQUENCES IN SCHEMA tapir TO importer");
  std::string address = PostgresAddress();
  const size_t user = std::string("postgresql://").size();
  address.replace(user, address.find('@') - user, "importer:p");
  {
    const auto store = Value(OpenPostgresStore(address, StoreUse::kWrite));
    const SessionKey session = BeginSample(*store);
    const std::vector<std::string_view> names = {"one", "two"};
    const std::vector<NameKey> keys = Value(store->InternNames(names));
    ASSERT_EQ(keys.size(), 2u);
    const std::vector<PlaceRow> places = {{1, "places"}};
    Check(store->AddPlacePages(places));
    const std::vector<ListingRow> rows = {{kRootDirectory, session, 0, "page"}};
    Check(store->AddListings(rows));
    Finish(*store, session);
    Check(store->DropSession(session));
  }
  address.replace(user, address.find('@') - user, "reader:p");
  const auto store = Value(OpenPostgresStore(address, StoreUse::kRead));
  EXPECT_EQ(FoundNames(*store, "ON").size(), 1u);
  EXPECT_FALSE(
      Value(OpenPostgresStore(address, StoreUse::kWrite))->PutVolume(SampleVolume(1)).ok());
}

// What was sent without waiting fails at the next call.
TEST_F(PostgresStoreTest, WhatFailsLateIsTold) {
  const auto store = place_.Open();
  const SessionKey session = BeginSample(*store);
  place_.Execute("ALTER TABLE listing ADD CHECK (number < 5)");
  const std::vector<ListingRow> rows = {{kRootDirectory, session, 5, "page"}};
  Check(store->AddListings(rows));
  EXPECT_THAT(store->Flush(), HasCode(StatusCode::kDeviceError));
  EXPECT_THAT(store->Flush(), IsOk());
}

TEST_F(PostgresStoreTest, ALostConnectionIsAFailure) {
  const auto store = place_.Open();
  const SessionKey session = BeginSample(*store);
  place_.Execute(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
      "WHERE pid <> pg_backend_pid() AND datname = current_database() "
      "AND backend_type = 'client backend'");
  EXPECT_THAT(store->Volumes(), HasCode(StatusCode::kDeviceError));
  EXPECT_FALSE(store->Flush().ok());
  // So is its import, whatever its process does.
  Check(place_.Open()->DropAbandoned());
  EXPECT_EQ(place_.Count("SELECT count(*) FROM session WHERE session = " + std::to_string(session)),
            0);
}

// So many that each importer adds them over both its connections.
TEST_F(PostgresStoreTest, TwoThatAddTheSameNamesGetTheSameKeys) {
  place_.Open();
  constexpr size_t kBatch = 3000;
  constexpr size_t kBatches = 8;
  std::vector<std::string> texts;
  for (size_t i = 0; i < kBatch * kBatches; ++i) texts.push_back(std::to_string(i * 7919));
  const std::vector<std::string_view> names(texts.begin(), texts.end());
  const auto add = [&](std::vector<NameKey>& keys) {
    const auto store = place_.Open();
    for (size_t at = 0; at < names.size(); at += kBatch) {
      const auto batch = std::span(names).subspan(at, kBatch);
      for (NameKey key : Value(store->InternNames(batch))) keys.push_back(key);
    }
  };
  std::vector<NameKey> first;
  std::vector<NameKey> second;
  std::thread other([&] { add(second); });
  add(first);
  other.join();
  EXPECT_EQ(first, second);
  EXPECT_EQ(std::set<NameKey>(first.begin(), first.end()).size(), names.size());
  EXPECT_EQ(Value(place_.Open()->Names(first)), texts);
  EXPECT_EQ(place_.Count("SELECT sum(cardinality(hashes)) FROM name"),
            static_cast<int64_t>(names.size()));
}

// None of them are the first, and more than are taken at once.
TEST_F(PostgresStoreTest, SearchesWhatIsInManyBlocksAndFarBehind) {
  const auto store = place_.Open();
  const auto add = [&](const std::string& prefix, size_t count) {
    std::vector<std::string> texts;
    for (size_t i = 0; i < count; ++i) texts.push_back(prefix + std::to_string(i));
    return Value(store->InternNames(std::vector<std::string_view>(texts.begin(), texts.end())));
  };
  add("other", 16'000);
  std::vector<NameKey> wanted = add("needle", 40'000);
  std::ranges::sort(wanted);
  add("more", 16'000);
  for (size_t count : {1000u, 7000u}) {
    std::vector<NameKey> found;
    for (const FoundName& name : FoundNames(*store, "NEEDLE", count)) found.push_back(name.key);
    EXPECT_EQ(found, wanted);
  }
}

TEST_F(PostgresStoreTest, DamagedNamesAreCorrupt) {
  const auto store = place_.Open();
  const std::vector<std::string_view> names = {"one", "two"};
  const std::vector<NameKey> keys = Value(store->InternNames(names));
  place_.Execute("UPDATE name SET texts = 'one'");
  EXPECT_THAT(store->Names(keys), HasCode(StatusCode::kCorrupt));
  place_.Execute("UPDATE name SET texts = convert_to(repeat('one/', 16), 'UTF8')");
  EXPECT_THAT(store->FindNames(names), HasCode(StatusCode::kCorrupt));
  EXPECT_THAT(Value(store->SearchNames("ONE"))->Next(10), HasCode(StatusCode::kCorrupt));
}

// No partition has an index that its parent could not have with one of them on another server.
TEST_F(PostgresStoreTest, LargeTablesArePartitioned) {
  place_.Open();
  for (const char* table : {"place", "listing"}) {
    EXPECT_EQ(place_.Count(std::string("SELECT count(*) FROM pg_inherits WHERE inhparent = '") +
                           table + "'::regclass"),
              8);
    EXPECT_EQ(place_.Count(std::string("SELECT count(*) FROM pg_index WHERE indisunique AND "
                                       "indrelid = '") +
                           table + "'::regclass"),
              0);
  }
}

}  // namespace
}  // namespace tapir::test
