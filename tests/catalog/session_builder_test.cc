#include "catalog/session_builder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fmt/format.h>

#include "catalog/listing_page.h"
#include "tapir/catalog/browse.h"
#include "tapir/catalog/inventory.h"
#include "tapir/catalog/sqlite_store.h"
#include "tests/support/catalog_store_cases.h"
#include "tests/support/scratch.h"
#include "tests/support/status_matchers.h"

namespace tapir::test {
namespace {

using catalog::NameCache;
using catalog::SessionBuilder;
using catalog::SessionKey;

class SessionBuilderTest : public testing::Test {
 protected:
  Scratch scratch_;
  std::string path_ = scratch_.At("catalog.db");
  std::unique_ptr<catalog::Store> store_ =
      Value(catalog::OpenSqliteStore(path_, catalog::StoreUse::kWrite));
  SessionKey session_ = BeginSample(*store_);
  NameCache names_;
};

// Enough for several batches, and for several pages of one directory.
constexpr int kDirectories = 40;
constexpr int kFiles = 2500;

std::string PathOf(int directory, int file) {
  return fmt::format("tree/d{:03}/f{:05}", directory, file);
}

Status AddTree(SessionBuilder& builder) {
  for (int directory = 0; directory < kDirectories; ++directory) {
    for (int file = 0; file < kFiles; ++file) {
      Entry entry;
      entry.path = PathOf(directory, file);
      TAPIR_RETURN_IF_ERROR(builder.Add(std::move(entry)));
    }
  }
  return builder.Finish();
}

TEST_F(SessionBuilderTest, BatchesBecomeOneSession) {
  SessionBuilder builder(*store_, names_, session_);
  Check(AddTree(builder));
  EXPECT_EQ(builder.entry_count(), static_cast<uint64_t>(kDirectories * kFiles));
  Finish(*store_, session_);
  const catalog::Inventory inventory = Value(catalog::Inventory::Read(*store_));
  catalog::State state(*store_, {&inventory.sessions().at(0)});
  for (int directory = 0; directory < kDirectories; ++directory) {
    const auto listed = Value(state.List(fmt::format("tree/d{:03}", directory)));
    ASSERT_EQ(listed.size(), static_cast<size_t>(kFiles));
  }
  uint64_t sum = 0;
  for (const catalog::ListingRow& row : Value(store_->NextListings(-1, 1u << 30))) {
    sum += catalog::ListingSum(row.page, row.directory, row.number);
  }
  EXPECT_EQ(sum, builder.listing_sum());
}

// The store is written to by a thread of the builder's own.
TEST_F(SessionBuilderTest, WhatFailsLaterIsTold) {
  Check(store_->Flush());
  const auto read_only = Value(catalog::OpenSqliteStore(path_, catalog::StoreUse::kRead));
  SessionBuilder builder(*read_only, names_, session_);
  EXPECT_FALSE(AddTree(builder).ok());
}

TEST_F(SessionBuilderTest, MayBeGivenUp) {
  {
    SessionBuilder builder(*store_, names_, session_);
    for (int file = 0; file < 33'000; ++file) {
      Entry entry;
      entry.path = PathOf(0, file);
      Check(builder.Add(std::move(entry)));
    }
  }
  Check(store_->DropSession(session_));
  EXPECT_TRUE(Value(store_->NextListings(-1, 1u << 30)).empty());
}

}  // namespace
}  // namespace tapir::test
