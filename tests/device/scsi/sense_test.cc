#include "device/scsi/sense.h"

#include <gtest/gtest.h>

#include <vector>

#include "tests/support/test_bytes.h"

namespace tapir::scsi {
namespace {

std::vector<std::byte> Raw(std::initializer_list<int> values) {
  std::vector<std::byte> bytes;
  for (int value : values) bytes.push_back(static_cast<std::byte>(value));
  return bytes;
}

TEST(Sense, FixedFormat) {
  Sense sense = DecodeSense(
      Raw({0xF0, 0, 0x20, 0xFF, 0xFF, 0xFF, 0xFE, 10, 0, 0, 0, 0, 0x11, 0x22, 0, 0, 0, 0}));
  EXPECT_TRUE(sense.present);
  EXPECT_FALSE(sense.deferred);
  EXPECT_TRUE(sense.ili);
  EXPECT_FALSE(sense.filemark || sense.eom);
  EXPECT_TRUE(sense.information_valid);
  EXPECT_EQ(sense.information, -2);
  EXPECT_TRUE(sense.Is(0, 0x11, 0x22));
}

TEST(Sense, DescriptorFormat) {
  Sense sense = DecodeSense(Raw({0x73, 0x0D, 0x00, 0x02, 0,    0, 0, 20,              //
                                 0x00, 10,   0x80, 0,    0,    0, 0, 1,  0, 0, 0, 2,  //
                                 0x04, 2,    0,    0xC0, 0x80, 2, 1, 1}));
  EXPECT_TRUE(sense.deferred);
  EXPECT_TRUE(sense.filemark && sense.eom && !sense.ili);
  EXPECT_TRUE(sense.information_valid);
  EXPECT_EQ(sense.information, (int64_t{1} << 32) | 2);
  EXPECT_EQ(SenseText(sense), "sense d/00/02");
}

TEST(Sense, ProgressIsToldByDrivesThatAreNotReady) {
  std::vector<std::byte> fixed =
      Raw({0x70, 0, 0x02, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0x04, 0x01, 0, 0x80, 0x40, 0x01});
  EXPECT_EQ(DecodeSense(fixed).progress, 0x4001);
  fixed[15] = std::byte{0};
  EXPECT_FALSE(DecodeSense(fixed).progress.has_value());
  fixed[15] = std::byte{0x80};
  fixed[2] = std::byte{0x05};
  EXPECT_FALSE(DecodeSense(fixed).progress.has_value()) << "a field pointer";
  fixed[2] = std::byte{0x02};
  fixed[7] = std::byte{9};
  EXPECT_FALSE(DecodeSense(fixed).progress.has_value()) << "cut off";
  EXPECT_EQ(
      DecodeSense(Raw({0x72, 2, 4, 1, 0, 0, 0, 8, 0x02, 6, 0, 0, 0x80, 0x12, 0x34, 0})).progress,
      0x1234);
}

TEST(Sense, TruncatedBytesGiveWhatIsThere) {
  EXPECT_FALSE(DecodeSense({}).present);
  EXPECT_FALSE(DecodeSense(Raw({0x70})).present);
  EXPECT_FALSE(DecodeSense(Raw({0x7F, 0, 3, 0, 0, 0, 0, 10})).present);
  Sense short_fixed = DecodeSense(Raw({0xF0, 0, 0x83, 1, 2}));
  EXPECT_TRUE(short_fixed.present && short_fixed.filemark);
  EXPECT_FALSE(short_fixed.information_valid);
  EXPECT_EQ(short_fixed.key, 3);
  EXPECT_EQ(short_fixed.asc, 0);
  // A length that ends before the additional code leaves that out.
  Sense cut = DecodeSense(Raw({0x70, 0, 3, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0x11, 0x00}));
  EXPECT_EQ(cut.asc, 0);
  // Descriptors of lengths 0 and far too long.
  Sense odd = DecodeSense(Raw({0x72, 0x03, 0x11, 0, 0, 0, 0, 255, 0x01, 0, 0x04, 255, 0, 0x80}));
  EXPECT_TRUE(odd.Is(3, 0x11, 0));
  EXPECT_TRUE(odd.filemark);
}

TEST(Sense, AnyBytesAreDecoded) {
  for (uint64_t seed = 0; seed < 3000; ++seed) {
    std::string bytes = test::RandomBytes(seed % 64, seed);
    if (!bytes.empty()) bytes[0] = static_cast<char>(0x70 + seed % 4);
    Sense sense = DecodeSense(AsBytes(bytes));
    EXPECT_LE(sense.key, 15);
    EXPECT_FALSE(RuleFor(sense).words.empty());
  }
}

Sense Made(uint8_t key, uint8_t asc, uint8_t ascq, uint8_t flags = 0) {
  Sense sense;
  sense.present = true;
  sense.key = key;
  sense.asc = asc;
  sense.ascq = ascq;
  sense.filemark = (flags & kSenseFilemark) != 0;
  sense.eom = (flags & kSenseEom) != 0;
  sense.ili = (flags & kSenseIli) != 0;
  return sense;
}

TEST(SenseRules, EveryRowIsReached) {
  // -1 is tried with a value that no row names.
  for (const SenseRule& rule : SenseRules()) {
    Sense sense = Made(static_cast<uint8_t>(rule.key < 0 ? 0xE : rule.key),
                       static_cast<uint8_t>(rule.asc < 0 ? 0xEE : rule.asc),
                       static_cast<uint8_t>(rule.ascq < 0 ? 0xEE : rule.ascq), rule.flags);
    EXPECT_EQ(&RuleFor(sense), &rule) << rule.words;
  }
}

TEST(SenseRules, MoreSpecificRowsComeFirst) {
  EXPECT_EQ(RuleFor(Made(0, 0, 2, kSenseEom)).error, TapeError::kEndOfMedia);
  EXPECT_EQ(RuleFor(Made(0, 0, 7, kSenseEom)).error, TapeError::kNone);
  EXPECT_EQ(RuleFor(Made(0, 0, 4, kSenseEom)).error, TapeError::kBeginningOfMedia);
  EXPECT_EQ(RuleFor(Made(2, 4, 1)).next, NextStep::kWait);
  EXPECT_EQ(RuleFor(Made(6, 0x29, 3)).next, NextStep::kReestablish);
  EXPECT_EQ(RuleFor(Made(8, 0, 0, kSenseEom)).error, TapeError::kNoDataDetected);
  EXPECT_EQ(RuleFor(Sense{}).error, TapeError::kIoDevice);
}

}  // namespace
}  // namespace tapir::scsi
