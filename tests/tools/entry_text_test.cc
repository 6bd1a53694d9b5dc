#include "tools/entry_text.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>
#include <string>

namespace tapir::cli {
namespace {

Entry File(const std::string& path) {
  Entry entry;
  entry.path = path;
  entry.mode = 0644;
  entry.uid = 1000;
  entry.gid = 100;
  entry.size = 5;
  entry.mtime = {.seconds = 1777631459, .nanoseconds = 7};
  entry.xxh128.fill(std::byte{0xAB});
  return entry;
}

std::string DigestLine(const Entry& entry, DigestKind kind) {
  std::string line;
  AppendDigestLine(line, entry, kind);
  return line;
}

std::string LongLine(const Entry& entry, bool escape) {
  setenv("TZ", "UTC", 1);
  tzset();
  LongLines lines(escape, false);
  std::string line;
  lines.Append(line, {.session_number = 1, .entry = entry}, {});
  return line;
}

const std::string kXxh = "abababababababababababababababab";
const std::string kSha = std::string(64, 'c');

TEST(DigestLine, PlainNames) {
  Entry entry = File(" a b");
  entry.sha256.fill(std::byte{0xCC});
  EXPECT_EQ(DigestLine(entry, DigestKind::kXxh128), kXxh + "   a b\n");
  EXPECT_EQ(DigestLine(entry, DigestKind::kSha256), kSha + "   a b\n");
}

TEST(DigestLine, EscapesAsTheToolsDo) {
  Entry entry = File("a\\b\nc");
  entry.sha256.fill(std::byte{0xCC});
  EXPECT_EQ(DigestLine(entry, DigestKind::kXxh128), "\\" + kXxh + "  a\\\\b\\nc\n");
  EXPECT_EQ(DigestLine(entry, DigestKind::kSha256), "\\" + kSha + "  a\\\\b\\nc\n");
  entry.path = "a\\b\r";
  EXPECT_EQ(DigestLine(entry, DigestKind::kXxh128), kXxh + "  a\\b\r\n");
  EXPECT_EQ(DigestLine(entry, DigestKind::kSha256), "\\" + kSha + "  a\\\\b\\r\n");
}

TEST(DigestLine, OnlyForPlainDigests) {
  Entry entry = File("a");
  EXPECT_TRUE(HasPlainDigest(entry, DigestKind::kXxh128));
  EXPECT_FALSE(HasPlainDigest(entry, DigestKind::kSha256));
  entry.map_digest = true;
  EXPECT_FALSE(HasPlainDigest(entry, DigestKind::kXxh128));
  entry = File("a");
  entry.type = ObjectType::kDirectory;
  EXPECT_FALSE(HasPlainDigest(entry, DigestKind::kXxh128));
  entry = File("a");
  entry.status = ObjectStatus::kUnreadable;
  EXPECT_FALSE(HasPlainDigest(entry, DigestKind::kXxh128));
}

TEST(LongLines, ShowTypeModeAndTarget) {
  EXPECT_EQ(LongLine(File("a\nb"), true), "-rw-r--r-- 1000/100 5 2026-05-01 10:30:59 a\\nb");
  EXPECT_EQ(LongLine(File("a\nb"), false), "-rw-r--r-- 1000/100 5 2026-05-01 10:30:59 a\nb");
  Entry entry = File("s");
  entry.type = ObjectType::kSymlink;
  entry.mode = 0777;
  entry.link_target = "\x1b/t";
  EXPECT_EQ(LongLine(entry, true), "lrwxrwxrwx 1000/100 5 2026-05-01 10:30:59 s -> \\x1B/t");
  entry = File("d");
  entry.type = ObjectType::kDirectory;
  entry.mode = 07751;
  EXPECT_EQ(LongLine(entry, true).substr(0, 10), "drwsr-s--t");
  entry.mode = 07640;
  EXPECT_EQ(LongLine(entry, true).substr(0, 10), "drwSr-S--T");
}

TEST(PathMemory, FindsThePrimaryOfItsSession) {
  PathMemory memory;
  Entry entry = File("first");
  entry.ordinal = 4;
  memory.Remember({.session_number = 1, .entry = entry});
  entry.path = "second";
  entry.ordinal = 9;
  memory.Remember({.session_number = 1, .entry = entry});
  Entry link = File("link");
  link.type = ObjectType::kHardLink;
  link.link_ordinal = 4;
  EXPECT_EQ(memory.PrimaryOf({.session_number = 1, .entry = link}), "first");
  EXPECT_EQ(memory.PrimaryOf({.session_number = 2, .entry = link}), "");
  link.link_ordinal = 9;
  EXPECT_EQ(memory.PrimaryOf({.session_number = 1, .entry = link}), "second");
  link.link_ordinal = 5;
  EXPECT_EQ(memory.PrimaryOf({.session_number = 1, .entry = link}), "");
}

TEST(EntryAsObject, HasTheDocumentedFields) {
  EXPECT_EQ(ToLine(EntryAsObject({.session_number = 3, .entry = File("a")}, {})),
            "{\"path\":\"a\",\"type\":\"file\",\"size\":5,\"mtime_ns\":1777631459000000007,"
            "\"mode\":420,\"uid\":1000,\"gid\":100,\"xxh128\":\"" +
                kXxh + "\",\"session\":3,\"volume\":1,\"ordinal\":0}\n");
}

TEST(EntryAsObject, SaysWhatIsSpecial) {
  Entry entry = File("a\xff");
  entry.sha256.fill(std::byte{0xCC});
  entry.map_digest = true;
  entry.status = ObjectStatus::kChanged;
  const Json object = EntryAsObject({.session_number = 3, .torn = true, .entry = entry}, {});
  EXPECT_EQ(object["path_base64"], "Yf8=");
  EXPECT_EQ(object["sha256"], kSha);
  EXPECT_EQ(object["map_digest"], true);
  EXPECT_EQ(object["status"], "changed");
  EXPECT_EQ(object["torn"], true);
}

}  // namespace
}  // namespace tapir::cli
