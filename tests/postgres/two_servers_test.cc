// The catalogue with partitions on another server, moved there as the manual page says.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <stdexcept>

#include "catalog/place_index.h"
#include "postgres/pg_connection.h"
#include "tests/postgres/schema_place.h"
#include "tests/support/status_matchers.h"

namespace tapir::test {
namespace {

using namespace catalog;
using testing::HasSubstr;

std::string ManualPage() {
  std::ifstream file(TAPIR_SOURCE_DIR "/tools/man/tapir-catalog-postgresql.7");
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// What stands in the page between "-- NAME" and "-- end".
std::string Statements(const std::string& name) {
  const std::string page = ManualPage();
  const std::string begin = "\n-- " + name + "\n";
  const size_t from = page.find(begin);
  const size_t to = page.find("-- end", from);
  if (from == page.npos || to == page.npos) throw std::runtime_error("no statements: " + name);
  return page.substr(from + begin.size(), to - from - begin.size());
}

void Replace(std::string& text, const std::string& what, const std::string& by) {
  const size_t at = text.find(what);
  if (at == text.npos) throw std::runtime_error("the page has no " + what);
  text.replace(at, what.size(), by);
}

// The page's example, with the address of the test's own server.
std::string ServerStatements() {
  std::string statements = Statements("server");
  const std::string address = OtherPostgresAddress();
  const size_t port = address.rfind(':') + 1;
  Replace(statements, "'other.example'", "'127.0.0.1'");
  Replace(statements, "'5432'", "'" + address.substr(port, address.rfind('/') - port) + "'");
  Replace(statements, "'more'", "'tapir'");
  Replace(statements, "'secret'", "'pass word/%'");
  return statements;
}

void MakeOtherTables() {
  ExecuteOn(OtherPostgresAddress(), "DROP TABLE IF EXISTS listing_3, place_5");
  ExecuteOn(OtherPostgresAddress(), Statements("other"));
  ExecuteOn(OtherPostgresAddress(), Statements("other place"));
}

int64_t CountOnOther(const std::string& query) {
  const auto connection = Value(PgConnection::Open(OtherPostgresAddress()));
  return Value(connection->Query(query)).Integer(0, 0);
}

void Move() {
  MakeOtherTables();
  ExecuteOn(PostgresAddress(), ServerStatements());
  ExecuteOn(PostgresAddress(), Statements("move"));
  ExecuteOn(PostgresAddress(), Statements("move place"));
}

constexpr DirectoryKey kDirectories = 200;

// So far from each other that they lie in all partitions.
NameKey NameOf(DirectoryKey directory) { return 1 + directory % 70 * 1000; }

SessionKey Fill(Store& store, int number = 1) {
  const SessionKey session = BeginSample(store, number);
  std::vector<ListingRow> rows;
  std::vector<Place> places;
  for (DirectoryKey directory = 0; directory < kDirectories; ++directory) {
    rows.push_back({directory, session, 0, "page " + std::to_string(directory)});
    places.push_back({NameOf(directory), directory});
  }
  Check(store.AddListings(rows));
  PlaceWriter writer(store);
  Check(writer.Add(places));
  Check(writer.Flush());
  Finish(store, session);
  return session;
}

void ExpectFilled(Store& store, size_t sessions) {
  const std::vector<ListingRow> rows = Value(store.NextListings(-1, 1u << 30));
  ASSERT_EQ(rows.size(), static_cast<size_t>(kDirectories) * sessions);
  for (const ListingRow& row : rows) EXPECT_EQ(row.page, "page " + std::to_string(row.directory));
  std::vector<NameKey> names;
  for (DirectoryKey directory = 0; directory < 70; ++directory) names.push_back(NameOf(directory));
  EXPECT_EQ(Value(PlacesOf(store, names)).size(), static_cast<size_t>(kDirectories));
}

TEST(TwoServers, WhatIsThereMoves) {
  SchemaPlace place;
  const SessionKey session = Fill(*place.Open());
  Move();
  EXPECT_GT(CountOnOther("SELECT count(*) FROM listing_3"), 5);
  EXPECT_GT(CountOnOther("SELECT count(*) FROM place_5"), 5);
  const auto store = place.Open();
  ExpectFilled(*store, 1);
  const int64_t moved = CountOnOther("SELECT count(*) FROM listing_3");
  const SessionKey second = Fill(*store, 2);
  ExpectFilled(*store, 2);
  EXPECT_EQ(CountOnOther("SELECT count(*) FROM listing_3"), 2 * moved);
  Check(store->DropSession(session));
  Check(store->DropSession(second));
  EXPECT_EQ(CountOnOther("SELECT count(*) FROM listing_3"), 0);
}

TEST(TwoServers, AServerThatIsAwayIsAFailure) {
  SchemaPlace place;
  Fill(*place.Open());
  Move();
  place.Execute("ALTER SERVER other OPTIONS (SET port '1')");
  const auto store = place.Open();
  EXPECT_EQ(Value(store->Sessions()).size(), 1u);
  const auto rows = store->NextListings(-1, 1u << 30);
  ASSERT_THAT(rows, HasCode(StatusCode::kDeviceError));
  EXPECT_THAT(rows.status().message(), HasSubstr("other"));
  EXPECT_EQ(Value(store->Sessions()).size(), 1u);
}

class SpreadPlace : public SchemaPlace {
 public:
  SpreadPlace() {
    Open();
    Move();
  }
};

// But for those about what is there before a catalogue is.
std::vector<StoreCase> CasesOfWhatIsThere() {
  std::vector<StoreCase> cases = StoreCases();
  std::erase_if(cases, [](const StoreCase& one) {
    return one.name == "OneThatIsNotThereCannotBeRead" ||
           one.name == "AnotherProgramsDatabaseIsRefused" || one.name == "ManyCanMakeItAtOnce";
  });
  return cases;
}

class TwoServersCases : public testing::TestWithParam<StoreCase> {};

TEST_P(TwoServersCases, DoesAsEveryStore) {
  SpreadPlace place;
  GetParam().body(place);
}

INSTANTIATE_TEST_SUITE_P(All, TwoServersCases, testing::ValuesIn(CasesOfWhatIsThere()),
                         [](const auto& one) { return one.param.name; });

}  // namespace
}  // namespace tapir::test
