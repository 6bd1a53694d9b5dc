#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "bytes/checksum.h"
#include "bytes/cursor.h"
#include "tapir/windows/efs_metadata.h"
#include "tests/support/efs_samples.h"

namespace tapir {
namespace {

using namespace test;

constexpr size_t kFirstEntry = 88;

EfsMetadata ParsedEfs(const std::string& bytes) { return ParseEfsMetadata(AsBytes(bytes)); }

template <typename T>
std::string With(std::string bytes, size_t at, T value) {
  StoreLe(reinterpret_cast<std::byte*>(&bytes.at(at)), value);
  return bytes;
}

uint32_t FieldAt(const std::string& bytes, size_t at) {
  return LoadLe<uint32_t>(AsBytes(std::string_view(bytes).substr(at)).data());
}

void ExpectOne(const std::string& bytes, uint64_t place, Severity severity,
               const std::string& text) {
  const EfsMetadata metadata = ParsedEfs(bytes);
  EXPECT_THAT(metadata.findings, testing::ElementsAre(testing::AllOf(
                                     testing::Field(&Finding::offset, place),
                                     testing::Field(&Finding::severity, severity),
                                     testing::Field(&Finding::text, testing::HasSubstr(text)))));
  EXPECT_EQ(metadata.well_formed(), severity != Severity::kReject);
}

void ExpectAmong(const std::string& bytes, Severity severity, const std::string& text) {
  EXPECT_THAT(
      ParsedEfs(bytes).findings,
      testing::Contains(testing::AllOf(testing::Field(&Finding::severity, severity),
                                       testing::Field(&Finding::text, testing::HasSubstr(text)))))
      << text;
}

TEST(EfsMetadata, KeyLists) {
  for (const uint32_t version : {1u, 2u, 3u}) {
    const EfsMetadata metadata = ParsedEfs(KeyListMetadata(version, true));
    EXPECT_TRUE(metadata.findings.empty());
    EXPECT_EQ(metadata.layout, EfsLayout::kKeyLists);
    EXPECT_EQ(metadata.version, version);
    EXPECT_EQ(GuidText(metadata.efs_id), "33323130-3534-3736-3839-616263646566");
    EXPECT_EQ(metadata.algorithm, std::nullopt);
    ASSERT_EQ(metadata.keys.size(), 2u);
    const EfsKeyEntry& user = metadata.keys[0];
    EXPECT_EQ(user.list, EfsKeyList::kUsers);
    EXPECT_EQ(user.place, kFirstEntry);
    EXPECT_EQ(user.thumbprint, kUserThumbprint);
    EXPECT_EQ(user.sid, kSampleSid);
    EXPECT_EQ(user.display_name, "User \u00E9(user@example)");
    EXPECT_EQ(user.container_name, "container");
    EXPECT_EQ(user.provider_name, "provider");
    EXPECT_EQ(metadata.keys[1].list, EfsKeyList::kRecoveryAgents);
    EXPECT_EQ(metadata.keys[1].thumbprint, kAgentThumbprint);
  }
}

TEST(EfsMetadata, Protectors) {
  for (const uint32_t version : {4u, 5u}) {
    const EfsMetadata metadata = ParsedEfs(ProtectorMetadata(version));
    EXPECT_TRUE(metadata.findings.empty());
    EXPECT_EQ(metadata.layout, EfsLayout::kProtectors);
    EXPECT_EQ(metadata.version, version);
    EXPECT_EQ(metadata.algorithm, 0x6610u);
    ASSERT_EQ(metadata.keys.size(), version - 3);
    const EfsKeyEntry& user = metadata.keys[0];
    EXPECT_EQ(user.protector_type, 2);
    EXPECT_EQ(user.thumbprint, kUserThumbprint);
    EXPECT_EQ(user.sid, kSampleSid);
    EXPECT_EQ(user.display_name, "User name");
    EXPECT_EQ(user.container_name, "container");
    EXPECT_EQ(user.provider_name, "provider");
  }
  const EfsMetadata metadata = ParsedEfs(ProtectorMetadata(5));
  EXPECT_EQ(metadata.keys[1].protector_type, 3);
  EXPECT_EQ(metadata.keys[1].descriptor, "SID=S-1-1-0");
}

TEST(EfsMetadata, LayoutsThatAreNotRead) {
  std::string pfile = ".pfile";
  pfile.append(100, 'x');
  EXPECT_EQ(ParsedEfs(pfile).layout, EfsLayout::kPfile);
  EXPECT_EQ(ParsedEfs(pfile).version, 6u);
  EXPECT_TRUE(ParsedEfs(pfile).findings.empty());
  for (const uint32_t version : {0u, 6u}) {
    const std::string unknown = With(KeyListMetadata(2, true), 8, version);
    EXPECT_EQ(ParsedEfs(unknown).layout, EfsLayout::kUnknown);
    ExpectOne(unknown, 8, Severity::kWarning, "unknown version");
  }
}

TEST(EfsMetadata, Headers) {
  const auto reject = Severity::kReject;
  const std::string good = KeyListMetadata(2, true);
  const auto size = static_cast<uint32_t>(good.size());
  ExpectOne("", 0, reject, "metadata of 0 bytes");
  ExpectOne(good.substr(0, 31), 0, reject, "metadata of 31 bytes");
  ExpectOne(With(good.substr(0, 84), 0, uint32_t{84}), 0, reject, "metadata of 84 bytes");
  ExpectOne(With(ProtectorMetadata(4).substr(0, 40), 0, uint32_t{40}), 0, reject, "of 40 bytes");
  ExpectOne(With(good, 0, size - 1), 0, reject, "it says it has");
  for (const size_t at : {4u, 12u, 48u, 72u}) {
    ExpectOne(With(good, at, uint8_t{1}), at, Severity::kInfo, "a reserved field");
  }
  std::string long_one = good;
  long_one.resize(262145);
  ExpectAmong(With(long_one, 0, uint32_t{262145}), reject, "more than Windows takes");
  long_one.resize(262144);
  ExpectOne(With(long_one, 0, uint32_t{262144}), size, Severity::kWarning, "unused bytes");
}

TEST(EfsMetadata, TheHashOfVersionOne) {
  const std::string good = KeyListMetadata(1, true);
  const auto digest = ComputeMd5(AsBytes(good));
  ASSERT_TRUE(digest);
  EXPECT_EQ(ToHex(*ComputeMd5(AsBytes("abc"))), "900150983cd24fb0d6963f7d28e17f72");
  std::string hashed = good;
  hashed.replace(32, 16, AsText(*digest));
  EXPECT_TRUE(ParsedEfs(hashed).findings.empty());
  hashed[33] ^= 1;
  ExpectOne(hashed, 32, Severity::kWarning, "the hash differs");
  EXPECT_TRUE(ParsedEfs(With(hashed, 8, uint32_t{2})).findings.empty());
}

TEST(EfsMetadata, PlacesOfLists) {
  const auto reject = Severity::kReject;
  const std::string good = KeyListMetadata(2, true);
  const auto size = static_cast<uint32_t>(good.size());
  const uint32_t agents = FieldAt(good, 68);
  ExpectAmong(With(good, 64, uint32_t{0}), reject, "there is no list of users");
  ExpectAmong(With(good, 64, size - 3), reject, "a key list of 4 bytes");
  ExpectAmong(With(good, 68, uint32_t{84}), reject, "lies in what ends at");
  ExpectAmong(With(good, 64, uint32_t{80}), reject, "lies in what ends at 84");
  ExpectAmong(With(good, 68, uint32_t{0}), Severity::kWarning, "unused bytes");
  ExpectOne(With(good, 84, uint32_t{0})
                .erase(kFirstEntry, agents - kFirstEntry)
                .replace(68, 4, std::string("\x58\0\0\0", 4))
                .replace(0, 4, With("    ", 0, size - (agents - 88))),
            84, reject, "a key list without entries");
  std::string gap = With(good + std::string(8, '\0'), 0, size + 8);
  EXPECT_TRUE(ParsedEfs(gap).findings.empty());
  gap.back() = 'x';
  ExpectOne(gap, size, Severity::kWarning, "8 unused bytes");
  ExpectOne(With(good + std::string(9, '\0'), 0, size + 9), size, Severity::kWarning, "9 unused");
}

TEST(EfsMetadata, KeyEntries) {
  const auto reject = Severity::kReject;
  const std::string good = KeyListMetadata(2, false);
  const size_t entry = kFirstEntry;
  const size_t key = entry + 20;
  const size_t certificate = key + FieldAt(good, key + 16);
  ExpectAmong(With(good, 84, uint32_t{2}), reject, "a key entry of 20 bytes");
  ExpectAmong(With(good, entry, uint32_t{19}), reject, "a key entry says it has 19");
  ExpectAmong(With(good, entry, ~uint32_t{0}), reject, "a key entry of");
  ExpectOne(With(good, entry + 4, ~uint32_t{0}), entry, reject, "public key information of");
  ExpectOne(With(good, key, uint32_t{27}), key, reject, "information says it has 27");
  ExpectOne(With(good, entry + 12, ~uint32_t{0}), entry, reject, "an encrypted key of");
  ExpectOne(With(good, entry + 8, uint32_t{65}), entry, reject, "an encrypted key of 65");
  ExpectOne(With(good, entry + 16, uint32_t{2}), entry, Severity::kInfo, "flags 2");
  ExpectOne(With(good, key + 4, ~uint32_t{0}), key, reject, "an owner at");
  ExpectOne(With(good, key + 28, uint8_t{2}), key + 28, Severity::kWarning, "security identifier");
  ExpectOne(With(good, key + 29, uint8_t{16}), key + 28, Severity::kWarning, "identifier");
  ExpectOne(With(good, key + 8, uint32_t{2}), key, Severity::kWarning, "unknown form 2");
  ExpectOne(With(good, key + 12, ~uint32_t{0}), key, reject, "certificate data of");
  ExpectOne(With(good, key + 16, ~uint32_t{0}), key, reject, "certificate data of");
  ExpectOne(With(good, key + 12, uint32_t{19}), certificate, reject, "certificate data of 19");
  ExpectOne(With(good, certificate, ~uint32_t{0}), certificate, reject, "a thumbprint of");
  ExpectOne(With(good, certificate + 4, uint32_t{19}), certificate + 20, Severity::kWarning,
            "a thumbprint of 19 bytes");
  ExpectOne(With(good, certificate + 8, ~uint32_t{0}), certificate, reject, "a container name");
  ExpectOne(With(good, certificate + 12, ~uint32_t{0}), certificate, reject, "a provider name");
  ExpectOne(With(good, certificate + 16, ~uint32_t{0}), certificate, reject, "a display name");
  const size_t end = certificate + FieldAt(good, key + 12);
  ExpectOne(With(good, end - 2, uint16_t{'x'}), certificate + FieldAt(good, certificate + 16),
            Severity::kWarning, "a display name does not end in a NUL");
  const EfsMetadata absent =
      ParsedEfs(With(With(good, certificate + 16, uint32_t{0}), key + 4, uint32_t{0}));
  EXPECT_TRUE(absent.findings.empty());
  EXPECT_EQ(absent.keys.at(0).display_name + absent.keys.at(0).sid, "");
}

TEST(EfsMetadata, KeysOfTheContainerForm) {
  const std::string good = KeyListMetadata(2, false);
  const size_t key = kFirstEntry + 20;
  const uint32_t certificate = FieldAt(good, key + 16);
  const uint32_t container = certificate + FieldAt(good, key + certificate + 8);
  const uint32_t provider = certificate + FieldAt(good, key + certificate + 12);
  std::string bytes = With(good, key + 8, uint32_t{1});
  bytes = With(With(bytes, key + 12, container), key + 16, provider);
  bytes = With(With(bytes, key + 20, certificate), key + 24, uint32_t{4});
  const EfsMetadata metadata = ParsedEfs(bytes);
  EXPECT_TRUE(metadata.findings.empty());
  EXPECT_EQ(metadata.keys.at(0).container_name, "container");
  EXPECT_EQ(metadata.keys.at(0).provider_name, "provider");
  EXPECT_EQ(metadata.keys.at(0).thumbprint, "");
  ExpectOne(With(bytes, key + 24, ~uint32_t{0}), key, Severity::kReject, "a public key of");
}

TEST(EfsMetadata, ProtectorLists) {
  const auto reject = Severity::kReject;
  const auto warn = Severity::kWarning;
  const std::string good = ProtectorMetadata(5);
  const uint32_t list = FieldAt(good, 32);
  const size_t protector = list + 6;
  ExpectAmong(With(good, 32, uint32_t{0}), reject, "there is no list of users");
  ExpectAmong(With(good, 32, uint32_t{40}), reject, "lies in what ends at");
  ExpectAmong(With(good, 36, list), reject, "lies in what ends at");
  ExpectOne(With(good, list, uint32_t{5}), list, reject, "list says it has 5");
  ExpectOne(With(good, list, ~uint32_t{0}), 0, reject, "a protector list of");
  ExpectAmong(With(good, list + 4, uint16_t{0}), reject, "without protectors");
  ExpectAmong(With(good, list + 4, uint16_t{1}), warn, "behind its last");
  ExpectAmong(With(good, list + 4, uint16_t{3}), reject, "a datum of 8 bytes");
  ExpectAmong(With(good, protector, uint16_t{7}), reject, "a datum says it has 7");
  ExpectAmong(With(good, protector, uint16_t{0xFFFF}), reject, "a datum of 65535");
  ExpectOne(With(good, protector + 4, uint16_t{4}), protector, reject, "type 4 among protectors");
  ExpectOne(With(good, protector + 8, uint16_t{4}), protector, warn, "unknown type 4");
  ExpectOne(With(good, protector + 10, uint16_t{2}), protector, warn, "flags 2");
  ExpectOne(With(good, protector + 16, uint16_t{8}), protector + 12, warn, "unknown type 8");
  ExpectOne(With(good, protector + 12, uint16_t{0xFFFF}), protector + 12, reject, "of 65535");
  ExpectOne(With(good, 44, uint16_t{1}), 40, reject, "no information about the file's key");
  const size_t thumbprint = protector + 12 + 8;
  ExpectAmong(With(good, thumbprint, uint16_t{11}), reject, "a datum of type 1 in 11 bytes");
  ExpectAmong(With(good, thumbprint, uint16_t{31}), warn, "a thumbprint of 19 bytes");
}

TEST(EfsMetadata, DatumsNestedTooDeep) {
  std::string nested;
  for (int i = 0; i < 20; ++i) nested = Datum(0, 4, nested);
  std::string bytes = ProtectorMetadata(4);
  const auto list = static_cast<uint32_t>(bytes.size());
  const std::string protector = Datum(0, 3, std::string("\2\0\0\0", 4) + nested);
  bytes += With("    ", 0, static_cast<uint32_t>(6 + protector.size())) + std::string("\1\0", 2) +
           protector;
  bytes = With(With(bytes, 36, list), 0, static_cast<uint32_t>(bytes.size()));
  EXPECT_THAT(ParsedEfs(bytes).findings,
              testing::ElementsAre(testing::Field(&Finding::text, "datums are nested too deep")));
}

TEST(EfsMetadata, NoChangeOfAByteOrOfTheLengthDoesHarm) {
  for (const std::string& good : {KeyListMetadata(1, true), ProtectorMetadata(5)}) {
    for (size_t at = 0; at < good.size(); ++at) {
      EXPECT_FALSE(ParsedEfs(good.substr(0, at)).well_formed()) << at;
      for (const int bits : {0x01, 0x7F, 0x80, 0xFF}) {
        std::string changed = good;
        changed[at] = static_cast<char>(changed[at] ^ bits);
        const EfsMetadata metadata = ParsedEfs(changed);
        EXPECT_LE(metadata.keys.size(), 2u);
        for (const Finding& finding : metadata.findings) EXPECT_LE(finding.offset, good.size());
      }
    }
  }
}

}  // namespace
}  // namespace tapir
