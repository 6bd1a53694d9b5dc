#include "tapir/hive/read_hive.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "bytes/cursor.h"
#include "tapir/windows/wtf8.h"
#include "tests/hive/hive_tools.h"
#include "tests/support/hive_logs.h"
#include "tests/support/hive_samples.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_bytes.h"
#include "windows/hive_header.h"

namespace tapir {
namespace {

using test::Value;
using testing::HasSubstr;

void ExpectComesBack(const RegistryKey& tree, const HiveDescription& description) {
  const std::string hive = Value(BuildHive(tree, description));
  const HiveContents read = Value(ReadHive({.hive = hive}));
  EXPECT_TRUE(read.root == tree);
  EXPECT_EQ(read.description, description);
  EXPECT_THAT(read.warnings, testing::IsEmpty());
  EXPECT_EQ(Value(BuildHive(read.root, read.description)), hive);
}

TEST(ReadHive, WhatIsBuiltComesBack) {
  ExpectComesBack(test::SampleTree(), test::SampleHiveDescription());
  ExpectComesBack(test::OddTree(), {.minor_version = 6, .has_layers = true});
  ExpectComesBack(RegistryKey(u"r"), {.minor_version = 3});
  ExpectComesBack(test::WideTree(3000), {.file_name = u"wide"});
  RegistryKey huge(u"r");
  huge.SetValue({u"more than libhivex gives", 3, test::RandomBytes(9'000'000, 1)});
  ExpectComesBack(huge, {});
}

TEST(ReadHive, RandomTreesComeBack) {
  for (uint32_t seed = 0; seed < 40; seed += static_cast<uint32_t>(test::Thinned(1))) {
    ExpectComesBack(test::RandomTree(seed, 300),
                    {.minor_version = 3 + seed % 4, .sequence = seed, .last_written = seed});
  }
}

TEST(ReadHive, OtherProgramsReadTheSame) {
  for (const RegistryKey& tree :
       {test::SampleTree(), test::RandomTree(77, 400), test::WideTree(1200)}) {
    const std::string hive = Value(BuildHive(tree, test::SampleHiveDescription()));
    EXPECT_EQ(test::ExportOutput(hive), test::HivexText(tree));
    EXPECT_THAT(test::ToolOutput(hive, "hivexml HIVE"), HasSubstr("</hive>"));
    EXPECT_THAT(test::ToolOutput(hive, "regfinfo HIVE"), HasSubstr("Version:\t1.5"));
    EXPECT_THAT(test::ToolOutput(hive, "regfexport HIVE"), HasSubstr("Key path:"));
    EXPECT_THAT(test::ToolOutput(hive, "echo ls | hivexsh HIVE"),
                HasSubstr(Wtf8(tree.subkeys[0].name)));
    EXPECT_THAT(test::ToolOutput(hive, "reglookup HIVE"), HasSubstr("PATH,TYPE,VALUE,MTIME"));
  }
}

TEST(ReadHive, OtherProgramsCountTheSame) {
  const std::string hive = Value(BuildHive(test::WideTree(3000), {}));
  const auto lines = [](const std::string& text) { return std::ranges::count(text, '\n'); };
  EXPECT_EQ(lines(test::ToolOutput(hive, "reglookup HIVE")), 3003);
  const std::string listed = test::ToolOutput(hive, "regfinfo HIVE");
  for (const char* name : {"Subkey 100000", "Subkey 101500", "Subkey 102999"}) {
    EXPECT_THAT(listed, HasSubstr(name));
  }
}

TEST(ReadHive, OnlySomeSubtrees) {
  const RegistryKey tree = test::SampleTree();
  const std::string hive = Value(BuildHive(tree, {}));
  const HiveContents some =
      Value(ReadHive({.hive = hive},
                     {.subtrees = {u"plain", u"\x41A\x41B\x42E\x427\\BELOW", u"Big\\none", u"x"}}));
  EXPECT_EQ(*some.root.subkey(u"Plain"), *tree.subkey(u"Plain"));
  const RegistryKey* way = some.root.subkey(u"\x43A\x43B\x44E\x447");
  ASSERT_NE(way, nullptr);
  EXPECT_EQ(*way->subkey(u"below"), *tree.Find(u"\x43A\x43B\x44E\x447\\below"));
  ASSERT_NE(some.root.subkey(u"Big"), nullptr);
  EXPECT_TRUE(some.root.subkey(u"Big")->values.empty());
  EXPECT_EQ(some.root.subkeys.size(), 3u);
  EXPECT_EQ(Value(ReadHive({.hive = hive}, {.subtrees = {u"x", u""}})).root, tree);
}

TEST(ReadHive, ADirtyHiveIsBroughtUpToDate) {
  const RegistryKey tree = test::SampleTree();
  const HiveDescription description = test::SampleHiveDescription();
  const std::string old = Value(BuildHive(RegistryKey(u"ROOT"), description));
  const std::string next = Value(BuildHive(tree, description));
  const std::string dirty = test::WithOpenWriting(old);
  for (const HiveBytes& bytes :
       {HiveBytes{dirty, test::PagesLog(old, next), "", ""},
        HiveBytes{dirty, "", "", test::EntriesLog({old, next}, description.sequence)}}) {
    const HiveContents read = Value(ReadHive(bytes));
    EXPECT_EQ(read.root, tree);
    EXPECT_EQ(read.replayed.size(), 1u);
    EXPECT_THAT(read.warnings, testing::IsEmpty());
  }
  const HiveContents as_it_is = Value(ReadHive({.hive = dirty}));
  EXPECT_EQ(as_it_is.root, RegistryKey(u"ROOT"));
  EXPECT_THAT(as_it_is.warnings, testing::ElementsAre(HasSubstr("no log fits it")));
  EXPECT_THAT(ReadHive({.hive = test::WithBrokenHead(old)}), test::HasCode(StatusCode::kCorrupt));
}

// A hive whose fields tests change where its parts are found.
class ChangedHive {
 public:
  explicit ChangedHive(const RegistryKey& tree) : hive_(Value(BuildHive(tree, {}))) {}

  // The cell whose name is this.
  size_t Named(std::string_view name, size_t fields_bytes) const {
    return hive_.find(name) - fields_bytes - sizeof(int32_t) - kHiveHeaderBytes;
  }
  size_t Key(std::string_view name) const { return Named(name, 76); }
  uint32_t Field(size_t cell, size_t at) { return LoadLe<uint32_t>(Place(cell, at)); }
  void Set(size_t cell, size_t at, uint32_t field) { StoreLe(Place(cell, at), field); }
  std::string Failure() const {
    const Result<HiveContents> read = ReadHive({.hive = hive_});
    return read.ok() ? "none" : read.status().ToString();
  }
  const std::string& bytes() const { return hive_; }

 private:
  std::byte* Place(size_t cell, size_t at) {
    return std::as_writable_bytes(std::span(hive_)).data() + kHiveHeaderBytes + cell +
           sizeof(int32_t) + at;
  }

  std::string hive_;
};

RegistryKey SmallTree() {
  RegistryKey root(u"ROOT");
  root.Make(u"outer\\inner").SetValue({u"some value", 3, std::string(100, 'x')});
  root.Make(u"other");
  root.security = std::make_shared<const std::string>(20, 's');
  return root;
}

constexpr size_t kCountAt = 20;
constexpr size_t kListAt = 28;
constexpr size_t kValueCountAt = 36;
constexpr size_t kValueListAt = 40;
constexpr size_t kSecurityCellAt = 44;
constexpr size_t kClassAt = 48;

TEST(ReadHive, FaultsAreLocated) {
  const ChangedHive sound(SmallTree());
  EXPECT_EQ(sound.Failure(), "none");
  const size_t outer = sound.Key("outer");
  const size_t inner = sound.Key("inner");
  const size_t value = sound.Named("some value", 20);
  const auto failure = [&](size_t cell, size_t at, uint32_t field) {
    ChangedHive changed(SmallTree());
    changed.Set(cell, at, field);
    return changed.Failure();
  };
  ChangedHive circle(SmallTree());
  const size_t list = circle.Field(outer, kListAt);
  circle.Set(list, 4, static_cast<uint32_t>(outer));
  EXPECT_THAT(circle.Failure(), HasSubstr("key 'outer': at byte 0x"));
  EXPECT_THAT(circle.Failure(), HasSubstr("a subkey for the second time"));
  EXPECT_THAT(failure(outer, kCountAt, 2), HasSubstr("not as many subkeys as the key counts"));
  EXPECT_THAT(failure(outer, kCountAt, 0xFFFFFFFF), HasSubstr("more than 70,000 subkeys"));
  EXPECT_THAT(failure(outer, kListAt, 0xFFFFFFF0),
              HasSubstr("key 'outer': at byte 0x100000ff0: no"));
  EXPECT_THAT(failure(inner, kValueCountAt, 3), HasSubstr("fewer values than the key counts"));
  EXPECT_THAT(failure(inner, kValueCountAt, 0x7FFFFFFF), HasSubstr("more than 110,000 values"));
  EXPECT_THAT(failure(inner, kSecurityCellAt, static_cast<uint32_t>(outer)),
              HasSubstr("key 'outer\\inner': at byte 0x"));
  EXPECT_THAT(failure(inner, kClassAt + 24, 0x00FF0005), HasSubstr("no used cell"));
  EXPECT_THAT(failure(value, 4, 0x80000005), HasSubstr("more inline than its cell holds"));
  EXPECT_THAT(failure(value, 4, 3000), HasSubstr("data that are not whole"));
  EXPECT_THAT(failure(value, 4, 0x7FFFFFFF), HasSubstr("more contents than a hive of this size"));
  EXPECT_THAT(failure(list, 0, 0x00016972), HasSubstr("no list of subkeys"));
  EXPECT_THAT(failure(inner, 72, 0), HasSubstr("a name that no key can have"));
}

TEST(ReadHive, ADeeperTreeThanWindowsHasIsRefused) {
  RegistryKey root(u"ROOT");
  std::u16string path = u"d";
  for (int level = 3; level < 512; ++level) path += u"\\d";
  root.Make(path + u"\\deepest");
  root.Make(u"other\\key");
  ChangedHive hive(root);
  EXPECT_EQ(hive.Failure(), "none");
  const size_t deepest = hive.Key("deepest");
  const size_t other = hive.Key("other");
  hive.Set(deepest, kListAt, hive.Field(other, kListAt));
  hive.Set(deepest, kCountAt, 1);
  hive.Set(other, kCountAt, 0);
  EXPECT_THAT(hive.Failure(), HasSubstr("deepest\\key': more than 512 levels of keys"));
}

// Many keys with the same large value: small in the hive, not in the tree.
TEST(ReadHive, ValuesOfManyKeysAreNotReadWithoutBound) {
  constexpr int kTakers = 26;
  RegistryKey root(u"ROOT");
  root.Make(u"source").SetValue({u"large", 3, test::RandomBytes(16000, 1)});
  for (int i = 0; i < kTakers; ++i) {
    root.Make(u"taker" + std::u16string(1, static_cast<char16_t>(u'a' + i)));
  }
  ChangedHive hive(root);
  EXPECT_EQ(hive.Failure(), "none");
  const size_t source = hive.Key("source");
  for (int i = 0; i < kTakers; ++i) {
    const size_t taker = hive.Key("taker" + std::string(1, static_cast<char>('a' + i)));
    hive.Set(taker, kValueCountAt, 1);
    hive.Set(taker, kValueListAt, hive.Field(source, kValueListAt));
  }
  EXPECT_THAT(hive.Failure(), HasSubstr("limit exceeded: key 'taker"));
}

TEST(ReadHive, SubkeysOutOfOrderArePutInOrder) {
  ChangedHive hive(SmallTree());
  const size_t list = hive.Field(0x20, kListAt);
  const uint32_t first = hive.Field(list, 4);
  const uint32_t second = hive.Field(list, 12);
  hive.Set(list, 4, second);
  hive.Set(list, 12, first);
  const HiveContents read = Value(ReadHive({.hive = hive.bytes()}));
  EXPECT_THAT(read.warnings, testing::ElementsAre("the root key: its subkeys do not ascend"));
  RegistryKey expected = SmallTree();
  EXPECT_EQ(read.root.subkeys, expected.subkeys);
}

TEST(ReadHive, OfEqualNamesTheFirstIsTaken) {
  RegistryKey root(u"ROOT");
  root.Make(u"name1").access_bits = 1;
  root.Make(u"name2");
  std::string hive = Value(BuildHive(root, {}));
  hive[hive.find("name2") + 4] = '1';
  const HiveContents read = Value(ReadHive({.hive = hive}));
  ASSERT_EQ(read.root.subkeys.size(), 1u);
  EXPECT_EQ(read.root.subkeys[0].access_bits, 1u);
  EXPECT_EQ(read.warnings.size(), 2u);
}

TEST(ReadHive, OtherVersionsAreNotRead) {
  ChangedHive hive(SmallTree());
  std::string bytes = hive.bytes();
  HiveHeader header = *ReadHiveHeader(AsBytes(bytes));
  header.minor_version = 7;
  bytes.replace(0, kHiveHeaderBytes, BuildHiveHeader(header));
  EXPECT_THAT(ReadHive({.hive = bytes}), test::HasCode(StatusCode::kUnsupported));
}

bool IsOfBytes(StatusCode code) {
  return code == StatusCode::kCorrupt || code == StatusCode::kTruncated ||
         code == StatusCode::kUnsupported || code == StatusCode::kLimitExceeded;
}

// What was read of a damaged hive either can be written or says why not.
void ExpectReadOrRefused(std::string hive, uint64_t place) {
  const Result<HiveContents> read = ReadHive({.hive = std::move(hive)});
  if (!read.ok()) {
    ASSERT_TRUE(IsOfBytes(read.status().code())) << place << ": " << read.status().ToString();
    return;
  }
  const Result<std::string> built = BuildHive(read->root, read->description);
  if (!built.ok()) return;
  ASSERT_TRUE(Value(ReadHive({.hive = *built})).root == read->root) << place;
}

TEST(ReadHive, BitsThatAreFlipped) {
  const std::string hive = Value(BuildHive(test::OddTree(), {}));
  const uint64_t step = test::FullRun() ? 1 : test::Thinned(5);
  for (uint64_t bit = 0; bit < 8 * hive.size(); bit += step) {
    std::string flipped = hive;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ 1 << (bit % 8));
    ExpectReadOrRefused(std::move(flipped), bit);
  }
}

TEST(ReadHive, CutsAreTold) {
  const std::string hive = Value(BuildHive(test::OddTree(), {}));
  for (uint64_t cut = 0; cut < hive.size(); cut += test::FullRun() ? 1 : test::Thinned(3)) {
    const Result<HiveContents> read = ReadHive({.hive = hive.substr(0, cut)});
    ASSERT_FALSE(read.ok()) << cut;
    ASSERT_TRUE(IsOfBytes(read.status().code())) << cut;
  }
}

}  // namespace
}  // namespace tapir
