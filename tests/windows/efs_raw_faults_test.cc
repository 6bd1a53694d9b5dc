#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "bytes/cursor.h"
#include "tapir/windows/efs_raw.h"
#include "tests/support/efs_samples.h"
#include "tests/support/status_matchers.h"

namespace tapir {
namespace {

using namespace test;

// Places in an export of one encrypted stream of 70,000 bytes: two segments.
struct Places {
  size_t metadata_header = 20;
  size_t metadata_segment = 50;
  size_t stream_header = 0;
  size_t first_segment = 0;
  size_t second_segment = 0;
};

struct EfsBuilt {
  std::string bytes;
  Places at;
};

EfsBuilt BuildExport(const std::string& metadata = KeyListMetadata(2, true)) {
  EfsBuilt built;
  built.bytes = ExportOf(metadata, {SolidStream("", 70000)});
  built.at.stream_header = 66 + metadata.size();
  built.at.first_segment = built.at.stream_header + 28 + 16;
  built.at.second_segment = built.at.first_segment + 0x10200;
  return built;
}

template <typename T>
void Set(EfsBuilt& built, size_t at, T value) {
  StoreLe(reinterpret_cast<std::byte*>(&built.bytes[at]), value);
}

// The one finding there is.
void ExpectFinding(const EfsBuilt& built, size_t place, Severity severity, std::string_view text) {
  const EfsRawSummary summary = ValidateEfsRaw(AsBytes(built.bytes));
  const std::string wanted(text);
  EXPECT_THAT(summary.findings, testing::ElementsAre(testing::AllOf(
                                    testing::Field(&Finding::offset, place),
                                    testing::Field(&Finding::severity, severity),
                                    testing::Field(&Finding::text, testing::HasSubstr(wanted)))));
  EXPECT_EQ(summary.well_formed(), severity != Severity::kReject);
}

TEST(EfsRawFaults, AnExportWithoutFaultsHasNoFindings) {
  EXPECT_TRUE(ValidateEfsRaw(AsBytes(BuildExport().bytes)).findings.empty());
}

TEST(EfsRawFaults, RootAndStreamHeaders) {
  for (size_t at = 0; at < 12; ++at) {
    EfsBuilt built = BuildExport();
    built.bytes[at] ^= 1;
    ExpectFinding(built, 0, Severity::kReject, "not the header of a raw export");
  }
  const EfsBuilt good = BuildExport();
  const auto with = [&](size_t at, auto value) {
    EfsBuilt built = good;
    Set(built, at, value);
    return built;
  };
  const size_t metadata = good.at.metadata_header;
  const size_t stream = good.at.stream_header;
  ExpectFinding(with(metadata + 28, uint16_t{0x1019}), metadata, Severity::kWarning, "swapped");
  ExpectFinding(with(metadata + 28, uint16_t{0x1018}), metadata, Severity::kReject, "another name");
  ExpectFinding(with(metadata + 4, uint32_t{0}), metadata, Severity::kReject, "neither");
  ExpectFinding(with(stream, uint32_t{45}), stream, Severity::kReject, "header of 45 bytes");
  for (const uint32_t bytes : {0u, 1u, 17u, 65538u}) {
    ExpectFinding(with(stream + 24, bytes), stream, Severity::kReject, "a stream's name of");
  }
  ExpectFinding(with(stream + 12, uint32_t{2}), stream, Severity::kReject, "flag 2");
  ExpectFinding(with(stream + 28, uint16_t{'x'}), stream, Severity::kWarning, "usual form");
  // Reserved fields are not looked at, nor is the flag of the metadata.
  EfsBuilt ignored = good;
  Set(ignored, 12, ~uint64_t{0});
  Set(ignored, metadata + 12, ~uint32_t{0});
  Set(ignored, metadata + 16, ~uint64_t{0});
  Set(ignored, stream + 16, ~uint64_t{0});
  Set(ignored, good.at.first_segment + 12, ~uint32_t{0});
  EXPECT_TRUE(ValidateEfsRaw(AsBytes(ignored.bytes)).findings.empty());
}

TEST(EfsRawFaults, TheOrderOfStreams) {
  const EfsBuilt good = BuildExport();
  const std::string_view text = good.bytes;
  const std::string_view root = text.substr(0, 20);
  const std::string_view metadata = text.substr(20, good.at.stream_header - 20);
  const std::string_view stream = text.substr(good.at.stream_header);
  const auto join = [](auto... parts) {
    EfsBuilt built;
    (built.bytes.append(parts), ...);
    return built;
  };
  const size_t end = good.bytes.size();
  ExpectFinding(join(root), 20, Severity::kReject, "there is no metadata stream");
  ExpectFinding(join(root, stream), 20, Severity::kReject, "first stream is not the metadata");
  ExpectFinding(join(root, metadata.substr(30)), 20, Severity::kReject, "without a stream");
  ExpectFinding(join(text, metadata), end, Severity::kReject, "a second metadata stream");
  ExpectFinding(join(text, stream), end, Severity::kWarning, "a second stream of that name");
  std::string shouted(stream);
  std::ranges::transform(shouted.begin() + 28, shouted.begin() + 44, shouted.begin() + 28,
                         [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
  const EfsRawSummary summary = ValidateEfsRaw(AsBytes(join(text, shouted).bytes));
  EXPECT_EQ(std::ranges::count(summary.findings, "a second stream of that name", &Finding::text),
            1);
}

TEST(EfsRawFaults, Segments) {
  const EfsBuilt good = BuildExport();
  const size_t first = good.at.first_segment;
  const size_t second = good.at.second_segment;
  const auto with = [&](size_t at, auto value) {
    EfsBuilt built = good;
    Set(built, at, value);
    return built;
  };
  const auto reject = Severity::kReject;
  const auto warn = Severity::kWarning;
  ExpectFinding(with(first, uint32_t{43}), first, reject, "a segment of 43 bytes");
  ExpectFinding(with(50, uint32_t{15}), 50, reject, "a segment of 15 bytes");
  ExpectFinding(with(first + 4, uint32_t{0}), first, reject, "neither");
  const EfsRawSummary huge = ValidateEfsRaw(AsBytes(with(second, ~uint32_t{0}).bytes));
  EXPECT_EQ(huge.findings.back().offset, good.bytes.size());
  EXPECT_THAT(huge.findings.back().text, testing::HasSubstr("ends inside"));
  for (const uint32_t bytes : {0u, 31u, 66033u, 300000u, ~0u}) {
    ExpectFinding(with(first + 24, bytes), first, reject, "an encryption header of");
  }
  ExpectFinding(with(first + 24, uint32_t{47}), first, reject, "an extended header that is cut");
  ExpectFinding(with(first + 36, uint16_t{1}), first, warn, "fixed fields are 1 and 1");
  ExpectFinding(with(first + 41, uint8_t{2}), first, warn, "fixed fields are 0 and 2");
  ExpectFinding(with(first + 38, uint8_t{9}), first, warn, "data unit shift 9, chunk shift 16");
  ExpectFinding(with(first + 38, uint16_t{0x1F1F}), first, warn, "shift 31");
  ExpectFinding(with(first + 40, uint8_t{8}), first, warn, "cluster shift 8");
  ExpectFinding(with(first + 40, uint8_t{22}), first, warn, "cluster shift 22");
  ExpectFinding(with(first + 44, uint32_t{65024}), first, warn, "blocks of 65024 bytes");
  ExpectFinding(with(first + 52, uint32_t{15}), first, warn, "an extended header of 15 bytes");
  ExpectFinding(with(first + 56, uint32_t{2}), first, warn, "with flags 0x2");
  ExpectFinding(with(second + 32, uint32_t{4465}), second, warn, "more bytes within the valid");
  ExpectFinding(with(first + 16, ~uint64_t{511}), first, reject, "passes the largest size");
  ExpectFinding(with(first + 16, (uint64_t{1} << 63) - 65536), first, reject, "passes");
  ExpectFinding(with(second + 16, uint64_t{65024}), second, reject, "behind one up to 65536");
  ExpectFinding(with(second + 16, uint64_t{65537}), second, warn, "begins inside a unit");
  // No more of a stream is valid than it has.
  const EfsRawSummary valid = ValidateEfsRaw(AsBytes(with(second + 32, uint32_t{9999}).bytes));
  EXPECT_EQ(valid.streams.at(0).valid_data_length, 70000u);
  EfsBuilt odd = good;
  Set(odd, first + 42, uint16_t{2});
  Set(odd, first + 44, uint32_t{65535});
  Set(odd, first + 48, uint32_t{1});
  ExpectFinding(odd, first, warn, "not a multiple of 512");
  EfsBuilt little = good;
  Set(little, first + 28, uint64_t{0});
  ExpectFinding(little, first, warn, "65536 bytes are stored for 0");
}

TEST(EfsRawFaults, BlocksOfASegmentLieADataUnitApart) {
  RawEncryptedStream stream = SolidStream("", 131072);
  stream.sparse = true;
  stream.extents = {{0, 65536}};
  stream.valid_data_length = 65536;
  EfsBuilt built = BuildExport();
  built.bytes = ExportOf(KeyListMetadata(2, true), {stream});
  const size_t first = built.at.first_segment;
  built.bytes.resize(built.at.second_segment);
  Set(built, first + 28, uint32_t{131072});
  Set(built, first + 42, uint16_t{2});
  Set(built, first + 44, uint32_t{1024});
  const std::string extended = built.bytes.substr(first + 48, 16);
  Set(built, first + 48, uint32_t{64512});
  built.bytes.replace(first + 52, 16, extended);
  EXPECT_TRUE(ValidateEfsRaw(AsBytes(built.bytes)).findings.empty());
  ArrivedFile arrived;
  EXPECT_THAT(ImportExport(built.bytes, 1000, arrived), IsOk());
  const std::string data = built.bytes.substr(first + 512);
  EXPECT_THAT(arrived.streams.at(0).written,
              testing::ElementsAre(testing::Pair(0, data.substr(0, 1024)),
                                   testing::Pair(65536, data.substr(1024))));
}

TEST(EfsRawFaults, MetadataHasALimit) {
  std::string metadata(262144, 'x');
  std::string bytes = ExportOf(metadata, {});
  const auto limits = [](const EfsRawSummary& summary) {
    return std::ranges::count(summary.findings, "more metadata than Windows takes", &Finding::text);
  };
  EXPECT_EQ(limits(ValidateEfsRaw(AsBytes(bytes))), 0);
  const std::string one_more(std::string_view(bytes).substr(50, 17));
  bytes += one_more;
  StoreLe(reinterpret_cast<std::byte*>(&bytes[bytes.size() - 17]), uint32_t{17});
  EXPECT_EQ(limits(ValidateEfsRaw(AsBytes(bytes))), 1);
}

TEST(EfsRawFaults, ManyStreamsHaveALimit) {
  RawEncryptedStream stream = SolidStream("", 0);
  stream.raw_name.assign(65536, 'x');
  const std::string with_one = ExportOf("", {stream});
  std::string bytes = with_one;
  for (int i = 0; i < 127; ++i) bytes += std::string_view(with_one).substr(50);
  const EfsRawSummary summary = ValidateEfsRaw(AsBytes(bytes));
  ASSERT_FALSE(summary.findings.empty());
  EXPECT_EQ(summary.findings.back().text, "more streams than a file can have");
}

TEST(EfsRawFaults, FindingsHaveALimitThatHidesNoGraveOnes) {
  const EfsBuilt good = BuildExport();
  std::string segment = ExportOf("", {SolidStream("", 1)}).substr(50 + 28 + 16);
  segment[36] = 1;
  std::string bytes = good.bytes.substr(0, good.at.first_segment);
  for (int i = 0; i < 1500; ++i) bytes += segment;
  const EfsRawSummary summary = ValidateEfsRaw(AsBytes(bytes));
  EXPECT_EQ(std::ranges::count(summary.findings, Severity::kWarning, &Finding::severity), 1000);
  EXPECT_EQ(std::ranges::count(summary.findings, Severity::kReject, &Finding::severity), 1000);
}

TEST(EfsRawFaults, FindingsOfTheMetadataHaveTheirPlaceInTheExport) {
  std::string metadata = KeyListMetadata(2, true);
  metadata[0] = static_cast<char>(metadata[0] + 1);
  ExpectFinding(BuildExport(metadata), 66, Severity::kReject, "$EFS: it says it has");
}

// Ends that a part may have are those behind a stream header or a segment.
TEST(EfsRawFaults, TruncationIsFoundEverywhereButAtEndsOfParts) {
  const std::string bytes = SmallExport();
  std::set<size_t> ends = {bytes.size()};
  for (size_t at = 20; at < bytes.size();) {
    ends.insert(at);
    at += LoadLe<uint32_t>(AsBytes(std::string_view(bytes).substr(at)).data());
  }
  const size_t metadata_end = *std::next(ends.begin(), 2);
  size_t not_found = 0;
  for (size_t size = 0; size < bytes.size(); ++size) {
    const bool found = !ValidateEfsRaw(AsBytes(bytes).first(size)).well_formed();
    EXPECT_EQ(found, !ends.contains(size) || size < metadata_end) << size;
    not_found += found ? 0 : 1;
  }
  EXPECT_GE(not_found, 5u);
}

// Whatever a changed byte does: it is found, or it stands in what nobody reads, or in payload.
TEST(EfsRawFaults, AChangedByteIsFoundOrHarmless) {
  const std::string bytes = SmallExport();
  const EfsRawSummary good = ValidateEfsRaw(AsBytes(bytes));
  ASSERT_TRUE(good.findings.empty());
  size_t found = 0;
  for (size_t at = 0; at < bytes.size(); ++at) {
    for (const int bits : {0x01, 0x80, 0xFF}) {
      std::string changed = bytes;
      changed[at] = static_cast<char>(changed[at] ^ bits);
      const EfsRawSummary summary = ValidateEfsRaw(AsBytes(changed));
      EXPECT_EQ(summary.bytes, bytes.size());
      if (!summary.findings.empty()) {
        ++found;
        for (const Finding& finding : summary.findings) EXPECT_LE(finding.offset, bytes.size());
        continue;
      }
      EXPECT_EQ(summary.streams.size(), good.streams.size()) << at;
      EXPECT_EQ(summary.metadata.keys.size(), good.metadata.keys.size()) << at;
    }
  }
  EXPECT_GT(found, 800u);
}

}  // namespace
}  // namespace tapir
