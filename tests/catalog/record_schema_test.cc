#include "catalog/record_schema.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <limits>

#include "catalog/sqlite_database.h"
#include "tests/support/scratch.h"
#include "tests/support/status_matchers.h"

namespace tapir::test {
namespace {

using namespace catalog;
using testing::HasSubstr;

class RecordSchemaTest : public testing::Test {
 protected:
  // As the caller of Migrate does: what fails is taken back.
  Status BringUp(const std::vector<SchemaStep>& steps) {
    Check(database_->RunScript("BEGIN"));
    const Status done = Migrate(*database_, steps);
    Check(database_->RunScript(done.ok() ? "COMMIT" : "ROLLBACK"));
    return done;
  }
  int64_t Number(const std::string& query) {
    return SqlFields(Value(database_->Run(query)).at(0)).Integer();
  }

  Scratch scratch_;
  std::unique_ptr<SqliteDatabase> database_ =
      Value(SqliteDatabase::Open(scratch_.At("db"), SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE));
};

const SchemaStep kFirst = {1, {"CREATE TABLE a (x BIGINT)", "INSERT INTO a VALUES (1)"}};
const SchemaStep kSecond = {2, {"ALTER TABLE a ADD COLUMN y BIGINT", "UPDATE a SET y = x + 1"}};
const SchemaStep kThird = {5, {"UPDATE a SET y = y * 10"}};

TEST_F(RecordSchemaTest, EachStepIsTakenOnce) {
  ASSERT_THAT(BringUp({kFirst}), IsOk());
  EXPECT_EQ(Number("SELECT schema_version FROM tapir_catalog"), 1);
  ASSERT_THAT(BringUp({kFirst}), IsOk());
  EXPECT_EQ(Number("SELECT count(*) FROM a"), 1);
  ASSERT_THAT(BringUp({kFirst, kSecond}), IsOk());
  EXPECT_EQ(Number("SELECT y FROM a"), 2);
  ASSERT_THAT(BringUp({kFirst, kSecond, kThird}), IsOk());
  ASSERT_THAT(BringUp({kFirst, kSecond, kThird}), IsOk());
  EXPECT_EQ(Number("SELECT y FROM a"), 20);
  EXPECT_EQ(Number("SELECT count(*) FROM tapir_catalog"), 1);
  EXPECT_EQ(Number("SELECT schema_version FROM tapir_catalog"), 5);
}

TEST_F(RecordSchemaTest, SeveralStepsAreTakenTogether) {
  ASSERT_THAT(BringUp({kFirst, kSecond, kThird}), IsOk());
  EXPECT_EQ(Number("SELECT y FROM a"), 20);
}

TEST_F(RecordSchemaTest, ANewerOneIsRefused) {
  ASSERT_THAT(BringUp({kFirst, kSecond, kThird}), IsOk());
  const Status refused = BringUp({kFirst, kSecond});
  EXPECT_THAT(refused, HasCode(StatusCode::kUnsupported));
  EXPECT_THAT(refused.message(), HasSubstr("schema 5"));
  EXPECT_EQ(Number("SELECT y FROM a"), 20);
}

TEST_F(RecordSchemaTest, AStepThatFailsLeavesTheSchemaBefore) {
  ASSERT_THAT(BringUp({kFirst}), IsOk());
  const SchemaStep wrong = {3, {"UPDATE a SET y = 99", "UPDATE none SET x = 1"}};
  EXPECT_FALSE(BringUp({kFirst, kSecond, wrong}).ok());
  EXPECT_EQ(Number("SELECT schema_version FROM tapir_catalog"), 1);
  EXPECT_FALSE(database_->Run("SELECT y FROM a").ok());
  ASSERT_THAT(BringUp({kFirst, kSecond}), IsOk());
}

TEST_F(RecordSchemaTest, TheTablesAreThere) {
  const SqlDialect dialect = {.key_column = "INTEGER PRIMARY KEY", .bytes = "BLOB"};
  ASSERT_THAT(BringUp({{1, RecordTables(dialect)}}), IsOk());
  for (const char* table :
       {"volume", "session", "note", "verification", "damage", "key_entry", "policy"}) {
    EXPECT_EQ(Number(std::string("SELECT count(*) FROM ") + table), 0) << table;
  }
}

TEST(SqlTime, GoesThereAndBack) {
  for (const Timestamp& time :
       {Timestamp{0, 0}, Timestamp{-1, 999'999'999}, Timestamp{-1, 0}, Timestamp{1'700'000'000, 1},
        Timestamp{9'223'372'035, 5}, Timestamp{-9'223'372'035, 5}}) {
    EXPECT_EQ(FromNanoseconds(ToNanoseconds(time)), time) << time.seconds;
  }
  EXPECT_EQ(ToNanoseconds({int64_t{1} << 62, 0}), std::numeric_limits<int64_t>::max());
  EXPECT_EQ(ToNanoseconds({-(int64_t{1} << 62), 0}), std::numeric_limits<int64_t>::min());
}

TEST(SqlFields, OfAnotherTypeAreEmpty) {
  SqlRow row = {std::string("text"), int64_t{5}, SqlValue(), SqlBytes{"bytes"}, int64_t{7}};
  SqlFields fields(row);
  EXPECT_EQ(fields.Integer(), 0);
  EXPECT_EQ(fields.Text(), "");
  EXPECT_TRUE(fields.is_null());
  fields.Skip();
  EXPECT_EQ(fields.Bytes(), "bytes");
  EXPECT_EQ(fields.Integer(), 7);
}

}  // namespace
}  // namespace tapir::test
