#include "catalog/directory_paths.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "catalog/session_builder.h"
#include "tapir/catalog/browse.h"
#include "tapir/catalog/find.h"
#include "tapir/catalog/inventory.h"
#include "tapir/catalog/reports.h"
#include "tapir/catalog/sqlite_store.h"
#include "tests/support/catalog_store_cases.h"
#include "tests/support/scratch.h"
#include "tests/support/status_matchers.h"

namespace tapir::test {
namespace {

using catalog::WalkedPath;

TEST(WalkedPath, GoesInAndOut) {
  WalkedPath path;
  EXPECT_EQ(path.get(), ".");
  EXPECT_EQ(path.Join("a"), "a");
  Check(path.Enter("a"));
  EXPECT_EQ(path.get(), "a");
  EXPECT_EQ(path.Join("b"), "a/b");
  Check(path.Enter("bc"));
  EXPECT_EQ(path.get(), "a/bc");
  path.Leave();
  EXPECT_EQ(path.get(), "a");
  path.Leave();
  EXPECT_EQ(path.get(), ".");
}

TEST(WalkedPath, MayBeginSomewhere) {
  WalkedPath path("x/y");
  Check(path.Enter("z"));
  EXPECT_EQ(path.get(), "x/y/z");
  path.Leave();
  EXPECT_EQ(path.get(), "x/y");
}

TEST(WalkedPath, IsNoLongerThanAPathCanBe) {
  const std::string name(4096, 'n');
  WalkedPath path;
  Status entered;
  int count = 0;
  for (; count < 1000 && entered.ok(); ++count) entered = path.Enter(name);
  EXPECT_EQ(entered.code(), StatusCode::kCorrupt);
  EXPECT_EQ(count, 256);
}

// One path of a hostile volume may have half a million components. What goes down it must not keep
// a path for each.
TEST(DeepTree, IsTakenInAndGoneThrough) {
  constexpr size_t kDepth = 40'000;
  Scratch scratch;
  const auto store =
      Value(catalog::OpenSqliteStore(scratch.At("catalog.db"), catalog::StoreUse::kWrite));
  std::string deep = "d";
  for (size_t i = 1; i < kDepth; ++i) deep += "/d";
  const catalog::SessionKey session = BeginSample(*store);
  catalog::NameCache names;
  catalog::SessionBuilder builder(*store, names, session);
  for (const std::string& path : {deep + "/far", std::string("d/near"), std::string("e/near")}) {
    Entry entry;
    entry.path = path;
    Check(builder.Add(std::move(entry)));
  }
  Check(builder.Finish());
  Finish(*store, session);
  const catalog::Inventory inventory = Value(catalog::Inventory::Read(*store));
  const std::vector<const catalog::Session*> sessions = {&inventory.sessions().at(0)};

  std::vector<std::string> found;
  Check(catalog::Find(*store, inventory, {.text = "far"}, [&](const catalog::Version& version) {
    found.push_back(version.entry.path);
    return OkStatus();
  }));
  EXPECT_EQ(found, std::vector<std::string>{deep + "/far"});

  catalog::State state(*store, sessions);
  std::vector<std::string> walked;
  Check(state.Walk(".", [&](const catalog::Version& version) {
    walked.push_back(version.entry.path);
    return OkStatus();
  }));
  EXPECT_EQ(walked, (std::vector<std::string>{deep + "/far", "d/near", "e/near"}));

  size_t added = 0;
  Check(catalog::CompareSessions(*store, {}, sessions, [&](const catalog::SessionDifference& one) {
    if (one.after->path == walked.at(added)) ++added;
    return OkStatus();
  }));
  EXPECT_EQ(added, 3u);
}

}  // namespace
}  // namespace tapir::test
