#include "tapir/windows/backup_stream.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "bytes/cursor.h"
#include "tapir/windows/reparse_data.h"
#include "tests/support/status_matchers.h"
#include "tests/support/windows_samples.h"
#include "tests/windows/backup_stream_log.h"

namespace tapir {
namespace {

using test::BackupStreamLog;
using test::HasCode;
using test::IsOk;
using test::StreamBytes;
using test::Value;

using Id = BackupStreamId;
using Mode = BackupStreamMode;

Status ReadInto(BackupStreamLog& log, const std::vector<std::string>& pieces,
                Mode mode = Mode::kStrict) {
  BackupStreamReader reader(log, mode);
  for (const std::string& piece : pieces) TAPIR_RETURN_IF_ERROR(reader.Push(AsBytes(piece)));
  return reader.Finish();
}

std::string Data(std::string_view data, uint32_t attributes = 0) {
  return StreamBytes({.id = Id::kData, .attributes = attributes, .size_bytes = data.size()}, data);
}

std::string Named(const std::string& name, std::string_view data, uint32_t attributes = 0) {
  return StreamBytes(
      {.id = Id::kAlternateData, .attributes = attributes, .size_bytes = data.size(), .name = name},
      data);
}

std::string Block(uint64_t offset, std::string_view data) {
  return StreamBytes({.id = Id::kSparseBlock,
                      .attributes = kStreamSparse,
                      .size_bytes = 8 + data.size(),
                      .block_offset = offset},
                     data);
}

std::string Plain(Id id, std::string_view data, uint32_t attributes = 0) {
  return StreamBytes({.id = id, .attributes = attributes, .size_bytes = data.size()}, data);
}

// One stream of each id, in the order of a file.
std::string Everything() {
  const std::string reparse =
      Value(BuildReparse({.tag = kReparseTagSis, .data = AsBytes(std::string_view("12345678"))}));
  return Plain(Id::kSecurityData, test::SampleSecurity(), kStreamContainsSecurity) +
         Plain(Id::kReparseData, reparse) + Plain(Id::kObjectId, std::string(64, 'i')) +
         Data("", kStreamSparse) + Block(3, "abc") + Block(10, "de") + Block(20, "") +
         Plain(Id::kLink, "link") + Plain(Id::kPropertyData, "p", kStreamContainsProperties) +
         Plain(Id::kTxfsData, "t") + Plain(Id::kGhostedFileExtents, std::string(8, '\0')) +
         Named(test::StreamName(u"one"), "1") + Named(test::StreamName(u"two"), "", kStreamSparse) +
         Block(65536, "x");
}

TEST(BackupStreamReader, GivesEachStream) {
  BackupStreamLog log;
  const std::string bytes = Everything();
  EXPECT_THAT(ReadInto(log, {bytes}), IsOk());
  EXPECT_EQ(log.findings, std::vector<Finding>());
  std::string again;
  for (const BackupStreamLog::Stream& stream : log.streams) {
    EXPECT_EQ(stream.header.offset, again.size());
    EXPECT_TRUE(stream.ended);
    again += StreamBytes(stream.header, stream.data);
  }
  EXPECT_EQ(again, bytes);
  ASSERT_EQ(log.streams.size(), 14U);
  EXPECT_EQ(log.streams[4].header.block_offset, 3U);
  EXPECT_EQ(log.streams[4].first_place, 3U);
  EXPECT_EQ(log.streams[4].data, "abc");
  EXPECT_EQ(Value(AlternateStreamName(AsBytes(log.streams[11].header.name))), "one");
}

TEST(BackupStreamReader, AnySplitGivesTheSame) {
  BackupStreamLog whole;
  const std::string bytes = Everything();
  ASSERT_THAT(ReadInto(whole, {bytes}), IsOk());
  for (size_t at = 0; at <= bytes.size(); ++at) {
    BackupStreamLog split;
    EXPECT_THAT(ReadInto(split, {bytes.substr(0, at), bytes.substr(at)}), IsOk());
    EXPECT_TRUE(split == whole) << at;
  }
  BackupStreamLog single;
  std::vector<std::string> pieces;
  for (const char c : bytes) pieces.emplace_back(1, c);
  EXPECT_THAT(ReadInto(single, pieces), IsOk());
  EXPECT_TRUE(single == whole);
}

TEST(BackupStreamReader, TruncatedAnywhereButBetweenStreams) {
  const std::string bytes = Everything();
  BackupStreamLog whole;
  ASSERT_THAT(ReadInto(whole, {bytes}), IsOk());
  std::vector<bool> between(bytes.size() + 1);
  for (const auto& stream : whole.streams) between[stream.header.offset] = true;
  for (size_t size = 0; size < bytes.size(); ++size) {
    BackupStreamLog log;
    EXPECT_THAT(ReadInto(log, {bytes.substr(0, size)}),
                HasCode(between[size] ? StatusCode::kOk : StatusCode::kTruncated))
        << size;
    if (between[size]) continue;
    ASSERT_EQ(log.findings.size(), 1U) << size;
    EXPECT_EQ(log.findings[0].offset, size);
  }
}

TEST(BackupStreamReader, AChangedByteIsAFindingOrAnotherValue) {
  const std::string bytes = Everything();
  BackupStreamLog whole;
  ASSERT_THAT(ReadInto(whole, {bytes}), IsOk());
  for (size_t at = 0; at < bytes.size(); ++at) {
    for (const int flip : {1, 0x80, 0xFF}) {
      for (const Mode mode : {Mode::kStrict, Mode::kLenient}) {
        std::string bad = bytes;
        bad[at] = static_cast<char>(bad[at] ^ flip);
        BackupStreamLog log;
        const Status status = ReadInto(log, {bad}, mode);
        EXPECT_FALSE(log == whole) << at;
        EXPECT_TRUE(status.ok() || !log.findings.empty()) << at;
      }
    }
  }
}

TEST(BackupStreamReader, AFailureStays) {
  BackupStreamLog log;
  BackupStreamReader reader(log);
  EXPECT_THAT(reader.Push(AsBytes(std::string(20, '\0'))), HasCode(StatusCode::kCorrupt));
  EXPECT_THAT(reader.Push(AsBytes(Data("x"))), HasCode(StatusCode::kCorrupt));
  EXPECT_THAT(reader.Finish(), HasCode(StatusCode::kCorrupt));
  uint64_t moved = 7;
  EXPECT_THAT(reader.Seek(1, moved), HasCode(StatusCode::kCorrupt));
  EXPECT_EQ(moved, 0U);
  EXPECT_EQ(log.findings.size(), 1U);
  EXPECT_TRUE(log.streams.empty());
}

TEST(BackupStreamReader, NothingIsASequence) {
  BackupStreamLog log;
  EXPECT_THAT(ReadInto(log, {}), IsOk());
  EXPECT_TRUE(log.streams.empty() && log.findings.empty());
}

struct RuleCase {
  const char* what;
  std::string bytes;
  uint64_t offset;  // of the finding
  Severity strict;
  Severity lenient;
};

// In strict mode whatever is rejected ends reading; in lenient mode only what stays kReject.
std::vector<RuleCase> HeaderRules() {
  constexpr Severity kReject = Severity::kReject;
  constexpr Severity kWarning = Severity::kWarning;
  const std::string x = test::StreamName(u"x");
  std::string long_name = EncodeBackupStreamHeader({.id = Id::kAlternateData});
  long_name.replace(16, 4, std::string("\x01\0\x01\0", 4));
  return {
      {"id 0", Plain(Id::kInvalid, ""), 0, kReject, kReject},
      {"unknown id", Plain(static_cast<Id>(12), "x"), 0, kReject, kWarning},
      {"size", EncodeBackupStreamHeader({.id = Id::kData, .size_bytes = 1ULL << 63}), 0, kReject,
       kReject},
      {"length of a name", long_name + std::string(65537, 'n'), 0, kReject, kReject},
      {"no name", Named("", "x"), 0, kReject, kReject},
      {"half a name", Named(x + "x", "x"), 0, kReject, kReject},
      {"a name of data", StreamBytes({.id = Id::kData, .name = x}, ""), 0, kReject, kReject},
      {"name without colon", Named(x.substr(2), "x"), 0, kReject, kReject},
      {"name of the unnamed", Named(test::StreamName(u""), "x"), 0, kReject, kReject},
      {"name with backslash", Named(test::StreamName(u"a\\b"), "x"), 0, kReject, kReject},
      {"name with slash", Named(test::StreamName(u"a/b"), "x"), 0, kReject, kReject},
      {"name with colon", Named(test::StreamName(u"a:b"), "x"), 0, kReject, kReject},
      {"name with NUL", Named(test::StreamName({u"a\0", 2}), "x"), 0, kReject, kReject},
      {"name of 256", Named(test::StreamName(std::u16string(256, u'n')), "x"), 0, kReject, kReject},
      {"attribute not known", Data("x", 0x20), 4, kWarning, kWarning},
      {"attribute of another", Data("x", kStreamContainsSecurity), 4, kWarning, kWarning},
      {"object id", Plain(Id::kObjectId, std::string(63, 'o')), 0, kReject, Severity::kError},
      {"two data", Data("x") + Data("y"), 21, kReject, kWarning},
      {"two object ids",
       Plain(Id::kObjectId, std::string(64, 'o')) + Plain(Id::kObjectId, std::string(64, 'o')), 84,
       kReject, kWarning},
      {"one name twice", Named(x, "") + Named(test::StreamName(u"X"), ""), 36, kReject, kWarning},
      {"a name with and without type", Named(x, "") + Named(x.substr(0, 4), ""), 36, kReject,
       kWarning},
  };
}

std::vector<RuleCase> BlockRules() {
  constexpr Severity kReject = Severity::kReject;
  constexpr Severity kWarning = Severity::kWarning;
  const std::string sparse = Data("", kStreamSparse);
  constexpr uint64_t kMost = kMaxBackupStreamBytes;
  return {
      {"short block", Plain(Id::kSparseBlock, "1234567"), 0, kReject, kReject},
      {"block alone", Block(0, "x"), 0, kReject, kWarning},
      {"block after data", Data("") + Block(0, "x"), 20, kReject, kWarning},
      {"block of a plain named stream", sparse + Named(test::StreamName(u"n"), "") + Block(0, "x"),
       56, kReject, kWarning},
      {"blocks overlap", sparse + Block(0, "xy") + Block(1, "x"), 50, kReject, kWarning},
      {"blocks descend", sparse + Block(9, "xy") + Block(1, "x"), 50, kReject, kWarning},
      {"block over the data", Data("abc", kStreamSparse) + Block(2, "x"), 23, kReject, kWarning},
      {"block after the end", sparse + Block(9, "") + Block(9, "x"), 48, kReject, kWarning},
      {"end before the end", sparse + Block(9, "xy") + Block(10, ""), 50, kReject, kWarning},
      {"block over the limit", sparse + Block(kMost, "x"), 20, kReject, kReject},
      {"block far over the limit", sparse + Block(UINT64_MAX, ""), 20, kReject, kReject},
  };
}

std::vector<RuleCase> PayloadRules() {
  constexpr Severity kReject = Severity::kReject;
  constexpr Severity kError = Severity::kError;
  constexpr Severity kWarning = Severity::kWarning;
  std::string security = test::SampleSecurity();
  security[20] = 2;
  std::string ea = test::SampleEa();
  ea[0] = 21;
  const std::string sound_security = Plain(Id::kSecurityData, test::SampleSecurity());
  const std::string sound_ea = Plain(Id::kEaData, test::SampleEa());
  const std::string sis = Plain(Id::kReparseData, test::SampleSisReparse(1));
  const std::string symlink =
      Plain(Id::kReparseData, Value(BuildSymlink({.substitute = "x", .print = "x"})));
  const std::string too_large(kMaxCheckedPayloadBytes + 1, '\0');
  return {
      {"security", Plain(Id::kSecurityData, security), 40, kReject, kError},
      {"too much security", Plain(Id::kSecurityData, too_large), 0, kReject, kError},
      {"EA", Plain(Id::kEaData, ea), 20, kReject, kError},
      {"reparse", Plain(Id::kReparseData, test::SampleSisReparse(1) + "x"), 20, kReject, kError},
      {"two securities", sound_security + sound_security, sound_security.size(), kReject, kWarning},
      {"two reparse data", sis + sis, sis.size(), kReject, kWarning},
      {"EA and reparse", sound_ea + sis, sound_ea.size(), kWarning, kWarning},
      {"data of a symbolic link", symlink + Data("x"), 0, kWarning, kWarning},
      {"block of a symbolic link", symlink + Data("", kStreamSparse) + Block(0, "x"), 0, kWarning,
       kWarning},
  };
}

void CheckRules(const std::vector<RuleCase>& rules) {
  for (const RuleCase& rule : rules) {
    for (const Mode mode : {Mode::kStrict, Mode::kLenient}) {
      const Severity wanted = mode == Mode::kStrict ? rule.strict : rule.lenient;
      const std::vector<Finding> findings = CheckBackupStream(AsBytes(rule.bytes), mode);
      ASSERT_EQ(findings.size(), 1U) << rule.what;
      EXPECT_EQ(findings[0].offset, rule.offset) << rule.what;
      EXPECT_EQ(findings[0].severity, wanted) << rule.what << ": " << findings[0].text;
      BackupStreamLog log;
      EXPECT_EQ(ReadInto(log, {rule.bytes}, mode).ok(), wanted != Severity::kReject) << rule.what;
    }
  }
}

TEST(BackupStreamRules, OfHeaders) { CheckRules(HeaderRules()); }
TEST(BackupStreamRules, OfSparseBlocks) { CheckRules(BlockRules()); }
TEST(BackupStreamRules, OfPayloads) { CheckRules(PayloadRules()); }

TEST(BackupStreamRules, WhatIsNoFault) {
  const std::string sound[] = {
      // Blocks of the unnamed stream after something else than a named one.
      Data("", kStreamSparse) + Plain(Id::kLink, "") + Block(0, "x"),
      // Contiguous blocks, and a block right after the data.
      Data("ab", kStreamSparse) + Block(2, "x") + Block(3, "y") + Block(4, ""),
      Data("x", kStreamModifiedWhenRead | kStreamSparse | kStreamContainsGhostedExtents),
      Named(test::StreamName(std::u16string(255, u'n')), ""),
      Named(test::StreamName(u"n").substr(0, 4), ""),
      Data("", kStreamSparse) + Block(kMaxBackupStreamBytes, ""),
      // A symbolic link is a stream without data.
      Plain(Id::kReparseData, Value(BuildSymlink({.substitute = "x", .print = "x"}))) + Data(""),
  };
  for (const std::string& bytes : sound) {
    EXPECT_EQ(CheckBackupStream(AsBytes(bytes), Mode::kStrict), std::vector<Finding>());
  }
}

TEST(BackupStreamReader, LenientKeepsUnknownStreamsAsTheyAre) {
  const std::string bytes =
      StreamBytes({.id = static_cast<Id>(77), .attributes = 0xFFFF, .size_bytes = 3, .name = "odd"},
                  "abc") +
      Data("x");
  BackupStreamLog log;
  EXPECT_THAT(ReadInto(log, {bytes}, Mode::kLenient), HasCode(StatusCode::kOk));
  ASSERT_EQ(log.streams.size(), 2U);
  EXPECT_EQ(log.streams[0].header.name, "odd");
  EXPECT_EQ(log.streams[0].data, "abc");
  EXPECT_EQ(log.streams[1].data, "x");
}

TEST(BackupStreamReader, AVisitorMayEndReading) {
  class Refusing : public BackupStreamLog {
   public:
    Status OnData(const BackupStreamHeader&, uint64_t, ByteSpan) override {
      return EndOfMedium("full");
    }
  };
  Refusing refusing;
  EXPECT_THAT(ReadInto(refusing, {Data("x")}), HasCode(StatusCode::kEndOfMedium));
}

TEST(BackupStreamReader, SeekGoesForwardToTheNextHeaderAtMost) {
  const std::string bytes = Data("0123456789") + Named(test::StreamName(u"n"), "ab");
  for (size_t at = 0; at <= bytes.size(); ++at) {
    for (const uint64_t distance : {uint64_t{0}, uint64_t{1}, uint64_t{5}, UINT64_MAX}) {
      BackupStreamLog log;
      BackupStreamReader reader(log);
      ASSERT_THAT(reader.Push(AsBytes(bytes).first(at)), IsOk());
      const uint64_t end = at >= 20 && at < 30 ? 30 : at >= bytes.size() - 2 ? bytes.size() : at;
      const uint64_t wanted = std::min(distance, end - at);
      uint64_t moved = 99;
      ASSERT_THAT(reader.Seek(distance, moved), IsOk());
      EXPECT_EQ(moved, wanted) << at << ' ' << distance;
      EXPECT_EQ(reader.position(), at + moved);
      EXPECT_EQ(reader.at_header(),
                at + moved == 0 || at + moved == 30 || at + moved == bytes.size());
      log.PassedOver(moved);
      if (at + moved < 30) {
        ASSERT_THAT(reader.Push(AsBytes(bytes).subspan(at + moved, 30 - (at + moved))), IsOk());
      }
      ASSERT_THAT(reader.Push(AsBytes(bytes).subspan(std::max<size_t>(at + moved, 30))), IsOk());
      EXPECT_THAT(reader.Finish(), IsOk());
      EXPECT_EQ(log.streams.size(), 2U);
      EXPECT_TRUE(log.streams[0].ended && log.streams[1].ended);
    }
  }
}

TEST(BackupStreamReader, APayloadPassedOverIsNotChecked) {
  std::string security = test::SampleSecurity();
  security[0] = 9;
  BackupStreamLog log;
  BackupStreamReader reader(log);
  const std::string bytes = Plain(Id::kSecurityData, security, kStreamContainsSecurity);
  ASSERT_THAT(reader.Push(AsBytes(bytes).first(50)), IsOk());
  uint64_t moved = 0;
  ASSERT_THAT(reader.Seek(1000, moved), IsOk());
  EXPECT_EQ(moved, bytes.size() - 50);
  EXPECT_THAT(reader.Finish(), IsOk());
  EXPECT_TRUE(log.findings.empty());
}

}  // namespace
}  // namespace tapir
