#include "tapir/windows/hive_writer.h"

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>

#include "tests/support/hive_samples.h"
#include "tests/support/status_matchers.h"
#include "windows/hive_header.h"

namespace tapir {
namespace {

using test::Value;

uint32_t HiveFieldAt(const std::string& hive, size_t at) {
  return LoadLe<uint32_t>(AsBytes(hive).data() + at);
}

// Of what the cell at an offset holds.
uint32_t CellField(const std::string& hive, uint32_t cell, size_t at) {
  return HiveFieldAt(hive, kHiveHeaderBytes + cell + sizeof(int32_t) + at);
}

TEST(HiveWriter, TheHeadSaysWhatItWasTold) {
  const HiveDescription description = test::SampleHiveDescription();
  const std::string hive = Value(BuildHive(test::SampleTree(), description));
  const std::optional<HiveHeader> header = ReadHiveHeader(AsBytes(hive));
  ASSERT_TRUE(header);
  EXPECT_TRUE(header->is_sound);
  EXPECT_EQ(header->sequence_begun, description.sequence);
  EXPECT_EQ(header->sequence_done, description.sequence);
  EXPECT_EQ(header->last_written, description.last_written);
  EXPECT_EQ(header->major_version, 1u);
  EXPECT_EQ(header->minor_version, description.minor_version);
  EXPECT_EQ(header->type, kHiveFile);
  EXPECT_EQ(header->file_name, description.file_name);
  EXPECT_EQ(header->bins_bytes, hive.size() - kHiveHeaderBytes);
  EXPECT_EQ(header->flags, 0u);
  EXPECT_EQ(hive, Value(BuildHive(test::SampleTree(), description)));
}

TEST(HiveWriter, TheEndOfALongFileNameIsKept) {
  HiveDescription description;
  description.file_name = u"\\??\\C:\\Windows\\System32\\config\\SYSTEM";
  description.has_layers = true;
  const std::string hive = Value(BuildHive(RegistryKey(u"r"), description));
  const std::optional<HiveHeader> header = ReadHiveHeader(AsBytes(hive));
  EXPECT_EQ(header->file_name, u"\\Windows\\System32\\config\\SYSTEM");
  EXPECT_EQ(header->flags, kHiveHasLayers);
}

TEST(HiveWriter, BinsAreFilledWithCellsWithoutGaps) {
  const std::string hive = Value(BuildHive(test::RandomTree(5, 500), {}));
  size_t at = kHiveHeaderBytes;
  size_t free_bytes = 0;
  while (at < hive.size()) {
    ASSERT_EQ(hive.substr(at, 4), "hbin");
    EXPECT_EQ(HiveFieldAt(hive, at + 4), at - kHiveHeaderBytes);
    const size_t end = at + HiveFieldAt(hive, at + 8);
    ASSERT_LE(end, hive.size());
    EXPECT_EQ(end % kHivePageBytes, 0u);
    for (at += kBinHeaderBytes; at < end;) {
      const auto cell = static_cast<int32_t>(HiveFieldAt(hive, at));
      ASSERT_NE(cell, 0);
      ASSERT_EQ(cell % 8, 0);
      if (cell > 0) free_bytes += static_cast<size_t>(cell);
      at += static_cast<size_t>(std::abs(cell));
    }
    ASSERT_EQ(at, end);
  }
  EXPECT_LT(free_bytes, hive.size() / 20);
}

TEST(HiveWriter, KeysKnowTheLargestOfWhatTheyHold) {
  RegistryKey root(u"r");
  root.Make(u"ControlSet001").class_name = u"class";
  root.SetValue({u"name", 3, std::string(17, 'x')});
  root.control_flags = 0x1234;
  const std::string hive = Value(BuildHive(root, {}));
  const uint32_t cell = HiveFieldAt(hive, 36);
  EXPECT_EQ(CellField(hive, cell, 52), 0x12340000u + 26);
  EXPECT_EQ(CellField(hive, cell, 56), 10u);
  EXPECT_EQ(CellField(hive, cell, 60), 8u);
  EXPECT_EQ(CellField(hive, cell, 64), 17u);
}

// The hash is that of hives which Windows made.
TEST(HiveWriter, SubkeysAreFoundByHashOrFirstCharacters) {
  RegistryKey root(u"r");
  root.Make(u"ControlSet001");
  root.Make(u"\x439");
  for (const uint32_t version : {4u, 5u}) {
    const std::string hive = Value(BuildHive(root, {.minor_version = version}));
    const uint32_t list = CellField(hive, HiveFieldAt(hive, 36), 28);
    const bool hashes = version == 5;
    EXPECT_EQ(CellField(hive, list, 0), hashes ? 0x2686Cu : 0x2666Cu);  // "lh" or "lf", two of them
    EXPECT_EQ(CellField(hive, list, 8), hashes ? 2403051938u : 0x746E6F43u);
    EXPECT_EQ(CellField(hive, list, 16), hashes ? 0x419u : 0u);
  }
}

TEST(HiveWriter, DescriptorsAreSharedInARing) {
  const std::string hive = Value(BuildHive(test::SampleTree(), {}));
  constexpr size_t kSecurityAt = 44;
  const uint32_t first = CellField(hive, HiveFieldAt(hive, 36), kSecurityAt);
  EXPECT_EQ(CellField(hive, first, 0) & 0xFFFF, 0x6B73u);  // "sk"
  EXPECT_EQ(CellField(hive, first, 12), 7u) << "keys that are made have that of the root";
  const uint32_t second = CellField(hive, first, 4);
  ASSERT_NE(second, first);
  EXPECT_EQ(CellField(hive, first, 8), second);
  EXPECT_EQ(CellField(hive, second, 4), first);
  EXPECT_EQ(CellField(hive, second, 8), first);
  EXPECT_EQ(CellField(hive, second, 12), 1u);
}

TEST(HiveWriter, ManySubkeysStaySmall) {
  EXPECT_EQ(Value(BuildHive(RegistryKey(u"r"), {})).size(), 8192u);
  EXPECT_LT(Value(BuildHive(test::WideTree(3000), {})).size(), 120u * 3000);
}

TEST(HiveWriter, SegmentsAreOfVersionsThatHaveThem) {
  RegistryKey root(u"r");
  root.SetValue({u"v", 3, std::string(20000, 'x')});
  for (uint32_t version = 3; version <= 6; ++version) {
    HiveDescription description;
    description.minor_version = version;
    const std::string hive = Value(BuildHive(root, description));
    EXPECT_EQ(hive.find(std::string(20000, 'x')) != std::string::npos, version == 3);
  }
}

// Some programs take them in this order, whatever the list says.
TEST(HiveWriter, SegmentsStandInTheirOrder) {
  RegistryKey root(u"r");
  for (const char16_t* name : {u"a", u"b"}) {
    root.SetValue({name, 3, std::string(kSegmentBytes, 'x') + "the end of it"});
  }
  const std::string hive = Value(BuildHive(root, {}));
  const size_t first_end = hive.find("the end of it");
  EXPECT_GT(first_end, hive.find("xxxx"));
  EXPECT_GT(hive.find("the end of it", first_end + 1), hive.find("xxxx", first_end));
}

TEST(HiveWriter, WhatNoHiveHoldsIsRefusedByName) {
  const auto refused = [](const std::function<void(RegistryKey&)>& change) {
    RegistryKey root(u"r");
    change(root.Make(u"some\\key"));
    const Result<std::string> built = BuildHive(root, {});
    EXPECT_THAT(built, test::HasCode(StatusCode::kInvalidArgument));
    return built.status().message();
  };
  const std::string key = "key 'some\\key': ";
  const auto change_name = [](size_t units) {
    return [units](RegistryKey& one) { one.subkeys.emplace_back(std::u16string(units, u'n')); };
  };
  EXPECT_EQ(refused(change_name(256)),
            "key 'some\\key\\" + std::string(256, 'n') + "': a name of more than 255 characters");
  EXPECT_EQ(refused(change_name(0)), "key 'some\\key\\': a key without a name");
  EXPECT_EQ(refused([](RegistryKey& one) { one.subkeys.emplace_back(u"a\\b"); }),
            "key 'some\\key\\a\\b': a name with a backslash");
  EXPECT_EQ(refused([](RegistryKey& one) {
              one.SetValue({std::u16string(16384, u'v'), 0, ""});
            }),
            key + "value '" + std::string(255, 'v') + "': a name of more than 16,383 characters");
  EXPECT_EQ(refused([](RegistryKey& one) { one.class_name.resize(32768); }),
            key + "a class name that is too long");
  EXPECT_EQ(refused([](RegistryKey& one) {
              one.security = std::make_shared<const std::string>(65536, 's');
            }),
            key + "a security descriptor of more than 65,535 bytes");
  EXPECT_EQ(refused([](RegistryKey& one) {
              one.subkeys.emplace_back(u"b");
              one.subkeys.emplace_back(u"B");
            }),
            key + "the subkey 'B' is not behind the one before it");
  EXPECT_EQ(refused([](RegistryKey& one) {
              one.SetValue({u"v", 0, "x", kValueIsTombstone});
            }),
            key + "value 'v': data of a value that is none");
  EXPECT_EQ(refused([](RegistryKey& one) {
              one.flags = kKeyHasHandle;
              one.SetValue({u"v", 0, ""});
            }),
            key + "values of a key that is a predefined handle");
}

TEST(HiveWriter, LimitsCanBeReached) {
  RegistryKey root(u"r");
  root.Make(std::u16string(255, u'\x439')).SetValue({std::u16string(16383, u'\x439'), 0, ""});
  root.class_name.resize(32767);
  root.security = std::make_shared<const std::string>(65535, 's');
  std::u16string path = u"d";
  for (int level = 3; level <= 512; ++level) path += u"\\d";
  root.Make(path);
  EXPECT_THAT(BuildHive(root, {}), test::IsOk());
  root.Make(path + u"\\d");
  EXPECT_THAT(BuildHive(root, {}), test::HasCode(StatusCode::kInvalidArgument));
  HiveDescription description;
  description.minor_version = 2;
  EXPECT_THAT(BuildHive(RegistryKey(), description), test::HasCode(StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace tapir
