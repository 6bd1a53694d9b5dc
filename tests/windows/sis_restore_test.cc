#include "tapir/windows/sis_restore.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

#include "bytes/cursor.h"
#include "tapir/windows/reparse_data.h"
#include "tapir/windows/sis_link.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_bytes.h"
#include "tests/support/windows_samples.h"

namespace tapir {
namespace {

using test::HasCode;
using test::IsOk;
using test::Value;

using Names = std::vector<std::string>;

std::string NameOf(uint8_t number) { return GuidText(test::SampleGuid(number)) + ".sis"; }

// Each call of the space: a link restored, a store file restored, the end.
enum class Call { kLinkA, kLinkB, kFile1, kFile2, kFree };
constexpr size_t kCalls = 5;
constexpr size_t kOrders = kCalls * kCalls * kCalls * kCalls * kCalls;  // of five calls

// Which of the two store files each link needs.
struct World {
  std::array<std::array<bool, 2>, 2> needs;
  std::array<bool, 2> on_target;
};

// The rules as a list of what happened, asked anew for every call.
class History {
 public:
  explicit History(const World& world) : world_(world) {}

  // Whether the call is legal; what it returns then is in `asked`.
  bool Add(Call call, std::vector<size_t>& asked) {
    asked.clear();
    if (Happened(Call::kFree)) return false;
    bool legal = true;
    if (call == Call::kLinkA || call == Call::kLinkB) {
      for (size_t file = 0; file < 2; ++file) {
        const bool needed = world_.needs[call == Call::kLinkB][file];
        if (needed && !world_.on_target[file] && !AskedFor(file)) asked.push_back(file);
      }
    } else if (call == Call::kFree) {
      legal = !Awaited(0) && !Awaited(1);
    } else {
      const size_t file = call == Call::kFile2 ? 1 : 0;
      legal = Awaited(file);
      if (!legal) return false;
    }
    calls_.push_back(call);
    return legal;
  }

  bool Readable() const { return Happened(Call::kFree) && !Awaited(0) && !Awaited(1); }

 private:
  bool Happened(Call call) const {
    for (const Call past : calls_) {
      if (past == call) return true;
    }
    return false;
  }
  bool AskedFor(size_t file) const {
    return (Happened(Call::kLinkA) && world_.needs[0][file]) ||
           (Happened(Call::kLinkB) && world_.needs[1][file]);
  }
  bool Awaited(size_t file) const {
    return AskedFor(file) && !world_.on_target[file] &&
           !Happened(file == 0 ? Call::kFile1 : Call::kFile2);
  }

  World world_;
  std::vector<Call> calls_;
};

// Makes the calls on both and compares each outcome.
void Compare(const World& world, const std::vector<Call>& calls) {
  Names on_target;
  for (uint8_t file = 0; file < 2; ++file) {
    if (world.on_target[file]) on_target.push_back("Store/" + NameOf(file));
  }
  SisRestore restore("Store", {}, on_target);
  History history(world);
  for (const Call call : calls) {
    std::vector<size_t> asked;
    const bool legal = history.Add(call, asked);
    if (call == Call::kLinkA || call == Call::kLinkB) {
      const size_t link = call == Call::kLinkB ? 1 : 0;
      Names needed;
      for (uint8_t file = 0; file < 2; ++file) {
        if (world.needs[link][file]) needed.push_back(NameOf(file));
      }
      const std::string reparse = test::SampleSisReparse(0);
      const auto got = restore.RestoredLink("link", AsBytes(reparse), needed);
      ASSERT_EQ(got.ok(), legal);
      if (!legal) continue;
      Names wanted;
      for (const size_t file : asked) wanted.push_back(NameOf(static_cast<uint8_t>(file)));
      ASSERT_EQ(*got, wanted);
    } else if (call == Call::kFree) {
      ASSERT_EQ(restore.Free().ok(), legal);
    } else {
      const uint8_t file = call == Call::kFile2 ? 1 : 0;
      ASSERT_EQ(restore.RestoredCommonStoreFile(NameOf(file)).ok(), legal);
    }
    ASSERT_EQ(restore.links_readable(), history.Readable());
  }
}

TEST(SisRestore, EveryOrderOfFiveCalls) {
  // A link needs file 1, 2 or both; the target has none, one or both.
  constexpr std::array<std::array<bool, 2>, 3> kNeeds = {
      {{true, false}, {false, true}, {true, true}}};
  for (size_t place = 0; place < 3 * 3 * 4; ++place) {
    const World world = {{kNeeds[place % 3], kNeeds[place / 3 % 3]},
                         {(place / 9 & 1) != 0, (place / 18 & 1) != 0}};
    for (size_t order = 0; order < kOrders; order += test::Thinned(1)) {
      std::vector<Call> calls;
      for (size_t rest = order; calls.size() < 5; rest /= kCalls) {
        calls.push_back(static_cast<Call>(rest % kCalls));
      }
      Compare(world, calls);
      if (testing::Test::HasFatalFailure()) {
        FAIL() << "world " << place << ", order " << order;
      }
    }
  }
}

TEST(SisRestore, SpellingsOfANameAreOne) {
  const std::string reparse = test::SampleSisReparse(9);
  SisRestore restore("SIS Common Store", {"SIS Common Store/MaxIndex"}, {});
  EXPECT_EQ(restore.store_root(), "SIS Common Store");
  EXPECT_EQ(restore.internal_files(), Names{"SIS Common Store/MaxIndex"});
  const std::string braced = "Old Store/{" + GuidText(test::SampleGuid(9)) + "}.SIS";
  EXPECT_EQ(Value(restore.RestoredLink("a", AsBytes(reparse), {braced, braced})), Names{NameOf(9)});
  EXPECT_EQ(restore.awaited().at(NameOf(9)), "a");
  EXPECT_THAT(restore.RestoredCommonStoreFile("SIS Common Store/" + NameOf(9)), IsOk());
  EXPECT_THAT(restore.Free(), IsOk());
}

TEST(SisRestore, WithoutRecordedFilesTheReparseDataName) {
  SisRestore restore("Store", {}, {});
  const std::string reparse = test::SampleSisReparse(4);
  EXPECT_EQ(Value(restore.RestoredLink("a", AsBytes(reparse), {})), Names{NameOf(4)});
  const std::string opaque = Value(BuildReparse({.tag = kReparseTagSis}));
  EXPECT_THAT(restore.RestoredLink("b", AsBytes(opaque), {}), HasCode(StatusCode::kNotFound));
  EXPECT_EQ(Value(restore.RestoredLink("b", AsBytes(opaque), {"x"})), Names{"x"});
  const std::string other = Value(BuildReparse({.tag = kReparseTagSymlink}));
  EXPECT_THAT(restore.RestoredLink("c", AsBytes(other), {"y"}),
              HasCode(StatusCode::kInvalidArgument));
  EXPECT_EQ(restore.awaited().size(), 2U);
  const Status freed = restore.Free();
  EXPECT_THAT(freed, HasCode(StatusCode::kNotFound));
  EXPECT_NE(freed.message().find("link a"), std::string::npos);
  EXPECT_FALSE(restore.links_readable());
}

}  // namespace
}  // namespace tapir
