#include "tapir/windows/hive_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/support/hive_logs.h"
#include "tests/support/hive_samples.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_bytes.h"
#include "windows/hive_header.h"
#include "windows/marvin32.h"

namespace tapir {
namespace {

using test::BinsOf;
using test::EntriesLog;
using test::PagesLog;
using test::Value;
using test::WithBrokenHead;
using test::WithOpenWriting;

constexpr uint32_t kSequence = 7;

// Three states of a hive; the later ones are larger.
class HiveLog : public testing::Test {
 protected:
  static std::string State(size_t step) {
    RegistryKey root(u"ROOT");
    for (size_t i = 0; i <= step; ++i) {
      root.SetValue({u"grows", 3, test::RandomBytes(3000 * i + 500, step)});
    }
    root.SetValue({u"step", kRegDword, std::string(1, static_cast<char>('0' + step)) + "..."});
    return Value(BuildHive(root, {.sequence = kSequence, .last_written = 1000}));
  }

  const std::string old_ = State(0);
  const std::string next_ = State(1);
  const std::string last_ = State(2);
  const std::string dirty_ = WithOpenWriting(old_);
};

HiveHeader HeaderOf(const HiveRecovery& recovery) {
  return *ReadHiveHeader(AsBytes(recovery.hive));
}

std::string Texts(const HiveRecovery& recovery) {
  std::string texts;
  for (const Finding& finding : recovery.findings) texts += finding.text + "\n";
  return texts;
}

void ExpectClean(const HiveRecovery& recovery, uint32_t sequence) {
  const HiveHeader header = HeaderOf(recovery);
  EXPECT_TRUE(header.is_sound);
  EXPECT_EQ(header.type, kHiveFile);
  EXPECT_EQ(header.sequence_begun, sequence);
  EXPECT_EQ(header.sequence_done, sequence);
  EXPECT_EQ(header.bins_bytes, recovery.hive.size() - kHiveHeaderBytes);
  EXPECT_FALSE(RecoverHive(recovery.hive, {}).was_dirty);
}

TEST_F(HiveLog, AHiveThatIsNotDirtyIsLeftAlone) {
  const HiveRecovery recovery = RecoverHive(old_, {.log1 = EntriesLog({old_, next_}, kSequence)});
  EXPECT_FALSE(recovery.was_dirty);
  EXPECT_EQ(recovery.hive, old_);
  EXPECT_TRUE(recovery.replayed.empty());
  EXPECT_TRUE(recovery.findings.empty());
}

TEST_F(HiveLog, WithoutALogItIsUsedAsItIs) {
  const HiveRecovery recovery = RecoverHive(dirty_, {.log2 = std::string_view("\0\0\0", 3)});
  EXPECT_TRUE(recovery.was_dirty);
  EXPECT_EQ(recovery.hive, dirty_);
  ASSERT_EQ(recovery.findings.size(), 1u);
  EXPECT_EQ(recovery.findings[0].severity, Severity::kWarning);
  const HiveRecovery headless = RecoverHive(WithBrokenHead(old_), {});
  ASSERT_EQ(headless.findings.size(), 1u);
  EXPECT_EQ(headless.findings[0].severity, Severity::kError);
}

TEST_F(HiveLog, ChangedPagesOfAnOlderLog) {
  for (const uint32_t sectors : {1u, 8u}) {
    const std::string log = PagesLog(old_, next_, sectors);
    const HiveRecovery recovery = RecoverHive(dirty_, {.log = log});
    EXPECT_EQ(BinsOf(recovery.hive), BinsOf(next_));
    ExpectClean(recovery, kSequence + 1);
    ASSERT_EQ(recovery.replayed.size(), 1u);
    EXPECT_EQ(recovery.replayed[0].name, "LOG");
    EXPECT_EQ(recovery.replayed[0].entries, 0u);
    EXPECT_GT(recovery.replayed[0].pages, 0u);
    EXPECT_FALSE(recovery.header_recovered);
    EXPECT_EQ(Texts(recovery), "");
  }
}

TEST_F(HiveLog, TheLaterOfTwoOlderLogsIsTaken) {
  std::string later = PagesLog(old_, last_);
  later.replace(0, kHiveSectorBytes, test::LogHead(last_, kLogFile, kSequence + 1));
  const std::string log1 = PagesLog(old_, next_);
  const HiveRecovery recovery = RecoverHive(dirty_, {.log1 = log1, .log2 = later});
  EXPECT_EQ(BinsOf(recovery.hive), BinsOf(last_));
  EXPECT_EQ(recovery.replayed.at(0).name, "LOG2");
}

TEST_F(HiveLog, AnOlderLogOfAnotherWritingIsNot) {
  RegistryKey root(u"ROOT");
  const std::string other = Value(BuildHive(root, {.sequence = kSequence, .last_written = 999}));
  const HiveRecovery recovery = RecoverHive(dirty_, {.log = PagesLog(old_, other)});
  EXPECT_EQ(recovery.hive, dirty_);
  EXPECT_THAT(Texts(recovery), testing::HasSubstr("LOG: it is of another writing"));
}

TEST_F(HiveLog, EntriesOverBothNewerLogs) {
  const std::string first = EntriesLog({old_, next_}, kSequence);
  const std::string second = EntriesLog({next_, last_, next_, last_}, kSequence + 1);
  for (const bool swapped : {false, true}) {
    const HiveRecovery recovery = RecoverHive(
        dirty_, swapped ? HiveLogs{.log1 = second, .log2 = first} : HiveLogs{{}, first, second});
    EXPECT_EQ(BinsOf(recovery.hive), BinsOf(last_));
    ExpectClean(recovery, kSequence + 3);
    ASSERT_EQ(recovery.replayed.size(), 2u);
    EXPECT_EQ(recovery.replayed[0].name, swapped ? "LOG2" : "LOG1");
    EXPECT_EQ(recovery.replayed[0].entries, 1u);
    EXPECT_EQ(recovery.replayed[1].entries, 3u);
    EXPECT_EQ(Texts(recovery), "");
  }
}

TEST_F(HiveLog, EntriesThatDoNotFollowAreLeftOut) {
  const std::string first = EntriesLog({old_, next_}, kSequence);
  const HiveRecovery gap =
      RecoverHive(dirty_, {.log1 = first, .log2 = EntriesLog({next_, last_}, kSequence + 2)});
  EXPECT_EQ(BinsOf(gap.hive), BinsOf(next_));
  EXPECT_THAT(Texts(gap), testing::HasSubstr("LOG2: its entries, from 9 on, do not follow 7"));
  const HiveRecovery stale =
      RecoverHive(dirty_, {.log1 = EntriesLog({old_, next_}, kSequence - 1)});
  EXPECT_EQ(stale.hive, dirty_);
  const HiveRecovery renamed =
      RecoverHive(dirty_, {.log1 = test::LogHead(next_, kEntriesLogFile, kSequence + 1) +
                                   first.substr(kHiveSectorBytes)});
  EXPECT_EQ(renamed.hive, dirty_);
  EXPECT_THAT(Texts(renamed), testing::HasSubstr("does not begin with the entry it names"));
}

TEST_F(HiveLog, ABrokenHeadComesFromTheLog) {
  const HiveRecovery pages = RecoverHive(WithBrokenHead(old_), {.log = PagesLog(old_, next_)});
  EXPECT_TRUE(pages.header_recovered);
  EXPECT_EQ(BinsOf(pages.hive), BinsOf(next_));
  ExpectClean(pages, kSequence);
  // Of the newer ones only the last log counts then.
  const HiveRecovery entries =
      RecoverHive(WithBrokenHead(next_), {.log1 = EntriesLog({next_, last_}, kSequence + 1),
                                          .log2 = EntriesLog({last_, old_}, kSequence)});
  EXPECT_TRUE(entries.header_recovered);
  EXPECT_EQ(BinsOf(entries.hive), BinsOf(last_));
  ExpectClean(entries, kSequence + 1);
  ASSERT_EQ(entries.replayed.size(), 1u);
}

TEST_F(HiveLog, EntriesThatLieAreRefusedWhole) {
  const auto with_entry = [&](const std::string& entry) {
    const HiveRecovery recovery =
        RecoverHive(dirty_, {.log1 = test::LogHead(next_, kEntriesLogFile, kSequence) + entry});
    EXPECT_EQ(recovery.hive, dirty_);
    return Texts(recovery);
  };
  std::string body;
  WriteCursor write(body);
  write.U32(0);
  write.U32(512);
  write.Zeros(512);
  const std::string not_whole = "LOG1: entry 7 is not whole; the log ends before it\n";
  using testing::HasSubstr;
  EXPECT_THAT(with_entry(test::LogEntryBytes(kSequence, 0xFFFFF000, 1, body)),
              HasSubstr("LOG1: entry 7 makes the hive larger than the logs can fill"));
  EXPECT_THAT(with_entry(test::LogEntryBytes(kSequence, 8191, 1, body)), HasSubstr(not_whole));
  EXPECT_THAT(with_entry(test::LogEntryBytes(kSequence, 0, 0, "")), HasSubstr(not_whole));
  EXPECT_THAT(with_entry(test::LogEntryBytes(kSequence, 8192, 0xFFFFFFFF, body)),
              HasSubstr(not_whole));
  StoreLe(std::as_writable_bytes(std::span(body)).data() + 4, 0xFFFFFFFFu);
  EXPECT_THAT(with_entry(test::LogEntryBytes(kSequence, 8192, 1, body)), HasSubstr(not_whole));
  StoreLe(std::as_writable_bytes(std::span(body)).data(), 8192u);
  EXPECT_THAT(with_entry(test::LogEntryBytes(kSequence, 8192, 1, body)), HasSubstr(not_whole));
}

TEST_F(HiveLog, EveryCutOfEntries) {
  const std::string log = EntriesLog({old_, next_, last_}, kSequence);
  const size_t second = EntriesLog({old_, next_}, kSequence).size();
  for (size_t cut = 0; cut < log.size(); ++cut) {
    const HiveRecovery recovery = RecoverHive(dirty_, {.log1 = log.substr(0, cut)});
    if (cut < second) {
      ASSERT_EQ(recovery.hive, dirty_) << cut;
    } else {
      ASSERT_EQ(BinsOf(recovery.hive), BinsOf(next_)) << cut;
    }
  }
}

TEST_F(HiveLog, EveryFlipInEntries) {
  const std::string log = EntriesLog({old_, next_}, kSequence);
  for (size_t bit = 0; bit < 8 * log.size(); bit += test::Thinned(1)) {
    std::string flipped = log;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ 1 << (bit % 8));
    ASSERT_EQ(RecoverHive(dirty_, {.log1 = flipped}).hive, dirty_) << bit;
  }
}

TEST_F(HiveLog, EveryCutOfPages) {
  const std::string log = PagesLog(old_, next_);
  for (size_t cut = 0; cut < log.size(); ++cut) {
    ASSERT_EQ(RecoverHive(dirty_, {.log = log.substr(0, cut)}).hive, dirty_) << cut;
  }
}

TEST_F(HiveLog, EveryFlipInPages) {
  const std::string log = PagesLog(old_, next_);
  const HiveRecovery whole = RecoverHive(dirty_, {.log = log});
  const size_t pages_at = log.size() - whole.replayed.at(0).pages * 512;
  for (size_t bit = 0; bit < 8 * log.size(); bit += test::Thinned(1)) {
    std::string flipped = log;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ 1 << (bit % 8));
    const HiveRecovery recovery = RecoverHive(dirty_, {.log = flipped});
    ASSERT_LE(recovery.hive.size(), dirty_.size() + log.size()) << bit;
    if (bit / 8 < kHiveSectorBytes) {
      ASSERT_EQ(recovery.hive, dirty_) << bit;
    } else if (bit / 8 >= pages_at && !recovery.replayed.empty()) {
      // Nothing guards the pages themselves.
      ASSERT_EQ(recovery.hive.size(), whole.hive.size()) << bit;
      ASSERT_NE(recovery.hive, whole.hive) << bit;
    } else if (recovery.replayed.empty()) {
      ASSERT_EQ(recovery.hive, dirty_) << bit;
    }
  }
}

TEST_F(HiveLog, NothingOfAHeadIsNoHive) {
  for (const size_t size : {size_t{0}, size_t{511}, size_t{4095}}) {
    const HiveRecovery recovery = RecoverHive(old_.substr(0, size), {.log = PagesLog(old_, next_)});
    ASSERT_EQ(recovery.findings.size(), 1u);
    EXPECT_EQ(recovery.findings[0], (Finding{size, Severity::kReject, "no whole head of a hive"}));
  }
}

// Values as the registry readers of other projects have them for this seed.
TEST(HiveEntryHash, KnownValues) {
  const auto folded = [](std::string_view text) {
    const uint64_t hash = HiveEntryHash(AsBytes(text));
    return static_cast<uint32_t>(hash) ^ static_cast<uint32_t>(hash >> 32);
  };
  EXPECT_EQ(folded(""), 0xB00892ACu);
  EXPECT_EQ(folded("h"), 0xF41A608Eu);
  EXPECT_EQ(folded("he"), 0x11107C6Bu);
  EXPECT_EQ(folded("hel"), 0x24056A46u);
  EXPECT_EQ(folded("hell"), 0x7F91E021u);
  EXPECT_EQ(folded("hello, world!"), 0x00C18515u);
}

}  // namespace
}  // namespace tapir
