#include "tapir/windows/delayed_operations.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "bytes/cursor.h"
#include "tapir/windows/wtf8.h"
#include "tests/support/status_matchers.h"

namespace tapir {
namespace {

using Kind = DelayedKind;

const std::string kFile = "\\??\\C:\\Stage\\a.dll";
const std::string kOther = "\\??\\C:\\Windows\\a.dll";
const std::string kOnVolume = "\\??\\Volume{01234567-89ab-cdef-0123-456789abcdef}\\t\\b";

// Fields one after another, each with its NUL; then the end.
std::string Bytes(const std::vector<std::string>& fields,
                  const std::string& end = std::string(2, '\0')) {
  std::string bytes;
  WriteCursor to(bytes);
  for (const std::string& field : fields) {
    const std::u16string units = Utf16(field).value();
    for (const char16_t unit : units) to.U16(unit);
    to.U16(0);
  }
  return bytes + end;
}

struct Outcome {
  std::vector<DelayedOperation> operations;
  std::vector<Finding> findings;

  bool rejected() const {
    return !findings.empty() && findings.back().severity == Severity::kReject;
  }
};

Outcome Read(const std::string& bytes, size_t piece = SIZE_MAX) {
  Outcome outcome;
  DelayedOperationsReader reader(
      [&](const DelayedOperation& operation) { outcome.operations.push_back(operation); },
      [&](const Finding& finding) { outcome.findings.push_back(finding); });
  for (size_t at = 0; at < bytes.size(); at += std::min(piece, bytes.size() - at)) {
    reader.Feed(AsBytes(bytes).subspan(at, std::min(piece, bytes.size() - at)));
  }
  reader.Finish();
  return outcome;
}

void ExpectRejected(const std::string& bytes, uint64_t offset, const std::string& text) {
  const Outcome outcome = Read(bytes);
  ASSERT_TRUE(outcome.rejected()) << text;
  EXPECT_EQ(outcome.findings.back().offset, offset) << outcome.findings.back().text;
  EXPECT_NE(outcome.findings.back().text.find(text), std::string::npos)
      << outcome.findings.back().text;
}

std::vector<DelayedOperation> OneOfEach() {
  return {{Kind::kMoveFile, kFile, kOther, std::nullopt},
          {Kind::kDeleteFile, {}, kOnVolume, 0},
          {Kind::kSetFileShortName, "ALONG~1.TXT", "\\??\\C:\\a long name.txt", 0xC0000022}};
}

TEST(DelayedOperations, TheBytesOfOneRecord) {
  const std::string bytes =
      test::Value(BuildDelayedOperations({{Kind::kDeleteFile, {}, "\\??\\C:\\t\\b", {}}}));
  EXPECT_EQ(bytes, Bytes({"DeleteFile", "Unused", "\\??\\C:\\t\\b", "NotExecuted"}));
  EXPECT_EQ(bytes.size(), 84u);
  EXPECT_EQ(bytes.substr(0, 4), std::string("D\0e\0", 4));
}

TEST(DelayedOperations, WhatIsWrittenIsRead) {
  const std::string bytes = test::Value(BuildDelayedOperations(OneOfEach()));
  for (size_t piece = 1; piece < 20; ++piece) {
    const Outcome outcome = Read(bytes, piece);
    EXPECT_EQ(outcome.operations, OneOfEach());
    EXPECT_TRUE(outcome.findings.empty());
  }
  EXPECT_TRUE(Read(test::Value(BuildDelayedOperations({}))).findings.empty());
}

TEST(DelayedOperations, EveryCutIsRejected) {
  const std::string bytes = test::Value(BuildDelayedOperations(OneOfEach()));
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_TRUE(Read(bytes.substr(0, size)).rejected()) << size;
  }
  EXPECT_TRUE(Read(bytes + "x").rejected());
}

TEST(DelayedOperations, Malformed) {
  ExpectRejected("", 0, "empty file");
  ExpectRejected("x", 0, "half a character");
  ExpectRejected(std::string("\xfe\xff\0\0", 4), 0, "big-endian");
  ExpectRejected(Bytes({"DeleteFile", "Unused", kFile, "NotExecuted"}, ""), 98, "no end");
  ExpectRejected(Bytes({}, std::string(4, '\0')), 2, "data behind the end");
  ExpectRejected(Bytes({"DeleteFile", "Unused", kFile}), 74, "a record of 3 fields");
  ExpectRejected(Bytes({"deletefile", "Unused", kFile, "NotExecuted"}), 0, "another name");
  ExpectRejected(Bytes({"DeleteFile", "Unused", kFile, "SC="}), 74, "neither NotExecuted");
  ExpectRejected(Bytes({"DeleteFile", "Unused", kFile, "SC=12x"}), 74, "neither NotExecuted");
  ExpectRejected(Bytes({"DeleteFile", "Unused", kFile, "SC=00000000000000001"}), 74, "neither");
  ExpectRejected(Bytes({"DeleteFile", "Unused", "C:\\a", "NotExecuted"}), 36, "does not begin");
  ExpectRejected(Bytes({"DeleteFile", "Unused", "\\\\?\\C:\\a", "NotExecuted"}), 36, "begin");
  ExpectRejected(Bytes({"DeleteFile", "Unused", "\\??\\C:\\", "NotExecuted"}), 48, "root");
  ExpectRejected(Bytes({"DeleteFile", "Unused", "\\??\\C:\\a\\..\\b", "NotExecuted"}), 54, "'..'");
  ExpectRejected(Bytes({"DeleteFile", "Unused", "\\??\\C:\\a:b", "NotExecuted"}), 52, "character");
  ExpectRejected(Bytes({"DeleteFile", "Unused", "\\??\\C:\\a\\\\b", "NotExecuted"}), 54, "empty");
  ExpectRejected(Bytes({"DeleteFile", "Unused", "\\??\\C:\\" + std::string(256, 'x'), "SC=0"}), 50,
                 "255");
  ExpectRejected(Bytes({"DeleteFile", "Unused", std::string(40'000, 'x'), "SC=0"}), 36, "32,767");
  ExpectRejected(Bytes({"DeleteFile", "Unused", "\\??\\C:\\\xed\xa0\x80", "SC=0"}), 36,
                 "surrogate");
  ExpectRejected(Bytes({"MoveFile", kFile, "\\??\\D:\\a.dll", "NotExecuted"}), 56,
                 "another volume");
  for (const char* name : {"TOOLONGNAME", "A.LONG", "A B", ".X", "A.", "A.B.C", "A+B", ""}) {
    if (*name == '\0') continue;
    ExpectRejected(Bytes({"SetFileShortName", name, kFile, "SC=0"}), 34, "no short name");
  }
}

TEST(DelayedOperations, WhatIsOnlyWarnedOf) {
  const Outcome marked =
      Read("\xff\xfe" + Bytes({"DeleteFile", "Used", "\\??\\c:\\folder\\", "SC=C0000101"}));
  ASSERT_EQ(marked.operations.size(), 1u);
  EXPECT_EQ(marked.operations[0].target, "\\??\\c:\\folder");
  EXPECT_EQ(marked.operations[0].status, 0xC0000101u);
  ASSERT_EQ(marked.findings.size(), 3u);
  for (const Finding& finding : marked.findings) EXPECT_EQ(finding.severity, Severity::kWarning);
}

TEST(DelayedOperations, EveryFlipIsReadOrRejectedAtAPlace) {
  const std::string bytes = test::Value(BuildDelayedOperations(OneOfEach()));
  for (size_t at = 0; at < bytes.size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string flipped = bytes;
      flipped[at] = static_cast<char>(flipped[at] ^ (1 << bit));
      const Outcome outcome = Read(flipped);
      EXPECT_LE(outcome.operations.size(), 3u);
      for (const Finding& finding : outcome.findings) EXPECT_LE(finding.offset, bytes.size());
    }
  }
}

TEST(DelayedOperations, PathsFromOtherForms) {
  EXPECT_EQ(test::Value(DelayedPath("C:\\Stage\\a.dll")), kFile);
  EXPECT_EQ(test::Value(DelayedPath("\\\\?\\C:\\Stage\\a.dll")), kFile);
  EXPECT_EQ(test::Value(DelayedPath(kFile)), kFile);
  EXPECT_EQ(test::Value(DelayedPath("\\\\?\\" + kOnVolume.substr(4))), kOnVolume);
  EXPECT_EQ(test::Value(DelayedPath("C:\\Stage\\")), "\\??\\C:\\Stage");
  for (const char* bad : {"", "a", "C:a.dll", "\\a", "\\\\server\\share\\a", "C:\\", "C:/a",
                          "\\\\?\\UNC\\server\\a", "\\??\\Volume{0}\\a", "C:\\\xff"}) {
    EXPECT_FALSE(DelayedPath(bad).ok()) << bad;
  }
}

TEST(DelayedOperations, TheStringThatStartsThem) {
  EXPECT_EQ(
      SetupExecuteString("C:\\Windows\\System32\\srdelayed.exe", "C:\\temp\\DelayedOperations"),
      "C:\\Windows\\System32\\srdelayed.exe \\??\\C:\\temp\\DelayedOperations");
  EXPECT_EQ(SetupExecuteString("C:\\a b.exe", "\\??\\C:\\Program Files\\100%"),
            "C:\\a%20b.exe \\??\\C:\\Program%20Files\\100%25");
}

TEST(DelayedOperations, WhatCannotBeReadIsNotWritten) {
  EXPECT_FALSE(BuildDelayedOperations({{Kind::kDeleteFile, {}, "C:\\a", {}}}).ok());
  const auto named = BuildDelayedOperations(
      {{Kind::kDeleteFile, {}, kFile, {}}, {Kind::kMoveFile, kFile, "\\??\\D:\\a", {}}});
  EXPECT_NE(named.status().message().find("operation 2 of '\\??\\D:\\a'"), std::string::npos)
      << named.status().message();
}

TEST(DelayedOperations, PathsComeApart) {
  EXPECT_EQ(SplitDelayedPath(kFile).volume, "C:");
  EXPECT_EQ(SplitDelayedPath(kFile).path, "Stage/a.dll");
  EXPECT_EQ(SplitDelayedPath(kOnVolume).volume, "Volume{01234567-89ab-cdef-0123-456789abcdef}");
  EXPECT_EQ(SplitDelayedPath(kOnVolume).path, "t/b");
}

TEST(DelayedOperations, StatusesFitWhereNoneWas) {
  std::string bytes = Bytes(
      {"DeleteFile", "Unused", kFile, "NotExecuted", "MoveFile", kFile, kOther, "NotExecuted"});
  std::vector<uint64_t> begins;
  std::vector<uint64_t> statuses;
  DelayedOperationsReader* reading = nullptr;
  DelayedOperationsReader reader(
      [&](const DelayedOperation&) {
        begins.push_back(reading->operation_offset());
        statuses.push_back(reading->status_offset());
      },
      [](const Finding& finding) { ADD_FAILURE() << finding.text; });
  reading = &reader;
  reader.Feed(AsBytes(bytes));
  reader.Finish();
  ASSERT_EQ(begins.size(), 2u);
  EXPECT_EQ(begins[0], 0u);
  const std::string first = Bytes({"DeleteFile", "Unused", kFile, "NotExecuted"}, "");
  EXPECT_EQ(begins[1], first.size());
  bytes.replace(statuses[0], DelayedStatusBytes(0).size(), DelayedStatusBytes(0xC0000034));
  bytes.replace(statuses[1], DelayedStatusBytes(0).size(), DelayedStatusBytes(0));
  const Outcome outcome = Read(bytes);
  EXPECT_TRUE(outcome.findings.empty());
  ASSERT_EQ(outcome.operations.size(), 2u);
  EXPECT_EQ(outcome.operations[0].status, 0xC0000034u);
  EXPECT_EQ(outcome.operations[1].status, 0u);
}

}  // namespace
}  // namespace tapir
