#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "bytes/cursor.h"
#include "tapir/windows/efs_raw.h"
#include "tests/support/efs_samples.h"
#include "tests/support/status_matchers.h"
#include "windows/efs_raw_writer.h"

namespace tapir {
namespace {

using namespace test;

void ExpectRoundTrip(const std::string& metadata, const std::vector<RawEncryptedStream>& streams) {
  const std::string bytes = ExportOf(metadata, streams);
  ArrivedFile arrived;
  EXPECT_THAT(ImportExport(bytes, 1000, arrived), IsOk());
  EXPECT_EQ(arrived, Expected(metadata, streams));
  const EfsRawSummary summary = ValidateEfsRaw(AsBytes(bytes));
  for (const Finding& finding : summary.findings) ADD_FAILURE() << finding.text;
  EXPECT_EQ(summary.bytes, bytes.size());
  ASSERT_EQ(summary.streams.size(), streams.size());
  for (size_t i = 0; i < streams.size(); ++i) {
    EXPECT_EQ(EfsRawStreamName(*EfsStreamNameOf(AsBytes(streams[i].raw_name))),
              streams[i].raw_name);
    EXPECT_EQ(summary.streams[i].size, streams[i].size);
    EXPECT_EQ(summary.streams[i].encrypted, streams[i].encrypted);
    uint64_t stored = 0;
    for (const auto& [offset, data] : arrived.streams.at(i).written) stored += data.size();
    EXPECT_EQ(summary.streams[i].stored_bytes, stored);
  }
}

TEST(EfsRaw, EverySizeNearABorderComesBack) {
  for (const uint64_t size :
       {0u, 1u, 511u, 512u, 513u, 4096u, 65535u, 65536u, 65537u, 131072u, 200001u}) {
    SCOPED_TRACE(size);
    ExpectRoundTrip(KeyListMetadata(2, true), {SolidStream("", size)});
  }
}

TEST(EfsRaw, EveryValidDataLengthComesBack) {
  const uint64_t size = 200001;
  for (const uint64_t valid :
       {0u, 1u, 511u, 512u, 513u, 65535u, 65536u, 65537u, 131071u, 131072u, 131073u, 200000u}) {
    SCOPED_TRACE(valid);
    RawEncryptedStream stream = SolidStream("", size);
    stream.valid_data_length = valid;
    ExpectRoundTrip(KeyListMetadata(2, true), {stream});
    stream.sparse = true;
    stream.extents = {{65536, 65536}, {196608, size - 196608}};
    ExpectRoundTrip(KeyListMetadata(2, true), {stream});
    stream.extents.clear();
    ExpectRoundTrip(KeyListMetadata(2, true), {stream});
  }
}

TEST(EfsRaw, SparseStreamsComeBackForEveryClusterSize) {
  for (uint8_t shift = 9; shift <= 21; ++shift) {
    SCOPED_TRACE(unsigned{shift});
    RawEncryptedStream stream = SolidStream("", 3u << 20);
    stream.sparse = true;
    stream.cluster_shift = shift;
    stream.extents = {{1u << 19, 1024}, {(1u << 19) + 2048, 100352}, {1u << 20, 65536}};
    ExpectRoundTrip(KeyListMetadata(2, false), {stream});
    const std::string bytes = ExportOf(KeyListMetadata(2, false), {stream});
    const EfsRawSummary summary = ValidateEfsRaw(AsBytes(bytes));
    EXPECT_TRUE(summary.streams.at(0).sparse);
    EXPECT_EQ(summary.streams.at(0).cluster_bytes, uint64_t{1} << shift);
  }
}

TEST(EfsRaw, HolesTakeNoSpaceWhateverTheirSize) {
  RawEncryptedStream stream = SolidStream("", (uint64_t{1} << 63) - 1);
  stream.sparse = true;
  stream.extents = {{uint64_t{1} << 62, 512}};
  ExpectRoundTrip(KeyListMetadata(2, true), {stream});
  EXPECT_LT(ExportOf(KeyListMetadata(2, true), {stream}).size(), 4096u);
}

TEST(EfsRaw, DirectoriesNamedAndPlainStreamsComeBack) {
  RawEncryptedStream plain = SolidStream("plain", 70000);
  plain.encrypted = false;
  RawEncryptedStream empty_plain = SolidStream("none", 0);
  empty_plain.encrypted = false;
  ExpectRoundTrip(KeyListMetadata(2, true), {});
  ExpectRoundTrip(KeyListMetadata(2, true), {SolidStream("on a directory", 100)});
  ExpectRoundTrip(KeyListMetadata(3, true), {SolidStream("", 600), SolidStream("a\xED\xA0\x80", 0),
                                             plain, empty_plain, SolidStream("z", 1)});
}

TEST(EfsRaw, LongMetadataComesBack) {
  for (const size_t gap : {65000u, 131072u}) {
    std::string metadata = KeyListMetadata(2, false);
    metadata.append(gap, 'x');
    StoreLe(reinterpret_cast<std::byte*>(metadata.data()), static_cast<uint32_t>(metadata.size()));
    ArrivedFile arrived;
    EXPECT_THAT(ImportExport(ExportOf(metadata, {}), 64 << 10, arrived), IsOk());
    EXPECT_EQ(arrived.metadata, metadata);
  }
}

TEST(EfsRaw, SegmentsHaveTheFormOfRealExports) {
  const std::string metadata = KeyListMetadata(2, false);
  const std::string bytes = ExportOf(metadata, {SolidStream("", 70000)});
  const std::string_view text = bytes;
  EXPECT_EQ(text.substr(0, 20), std::string_view("\0\1\0\0R\0O\0B\0S\0\0\0\0\0\0\0\0\0", 20));
  const size_t segment = 20 + 30 + 16 + metadata.size() + 28 + 16;
  const auto u32 = [&](size_t at) {
    return LoadLe<uint32_t>(AsBytes(text.substr(segment + at)).data());
  };
  EXPECT_EQ(u32(0), 0x10200u);
  EXPECT_EQ(u32(24), 0x1F0u);
  EXPECT_EQ(u32(28), 65536u);
  EXPECT_EQ(u32(32), 65536u);
  EXPECT_EQ(u32(36), 0x10100000u);
  EXPECT_EQ(u32(40), 0x0001010Cu);
  EXPECT_EQ(u32(44), 65536u);
  EXPECT_EQ(text.substr(segment + 48, 8), std::string_view("EXTD\x10\0\0\0", 8));
  EXPECT_EQ(u32(0x10200 + 28), 70000u - 65536u);
  EXPECT_EQ(u32(0x10200 + 36), 0x0D0D0000u);
  EXPECT_EQ(u32(0x10200 + 44), 4608u);
  EXPECT_EQ(bytes.size(), segment + 0x10200 + 512 + 4608);
}

TEST(EfsRaw, AnySplitGivesTheSame) {
  const std::string bytes = SmallExport();
  const EfsRawSummary whole = ValidateEfsRaw(AsBytes(bytes));
  ArrivedFile expected;
  ASSERT_THAT(ImportExport(bytes, bytes.size(), expected), IsOk());
  for (size_t split = 0; split <= bytes.size(); ++split) {
    EfsRawValidator validator;
    validator.Feed(AsBytes(bytes).first(split));
    validator.Feed(AsBytes(bytes).subspan(split));
    const EfsRawSummary summary = validator.Finish();
    ASSERT_EQ(summary.findings, whole.findings) << split;
    ASSERT_EQ(summary.streams.size(), whole.streams.size()) << split;
  }
  for (size_t piece = 1; piece < 70; ++piece) {
    ArrivedFile arrived;
    ASSERT_THAT(ImportExport(bytes, piece, arrived), IsOk());
    ASSERT_EQ(arrived, expected) << piece;
  }
}

TEST(EfsRaw, AnyReadSizeGivesTheSame) {
  const std::string expected = SmallExport();
  for (const size_t piece : {1u, 2u, 19u, 511u, 513u, 5000u}) {
    RawEncryptedStream sparse = SolidStream("", 9000);
    sparse.sparse = true;
    sparse.valid_data_length = 700;
    sparse.extents = {{512, 512}};
    RawEncryptedStream plain = SolidStream("plain", 9);
    plain.encrypted = false;
    SampleFile file("", {});
    EfsRawWriter writer = Value(
        EfsRawWriter::Make(KeyListMetadata(2, true), {sparse, SolidStream("named", 100), plain},
                           [&](size_t stream, uint64_t offset, std::span<std::byte> into) {
                             return file.Read(stream, offset, into);
                           }));
    std::string bytes;
    std::vector<std::byte> buffer(piece);
    while (const size_t filled = Value(writer.Read(buffer))) {
      bytes += AsText(std::span(buffer).first(filled));
    }
    EXPECT_EQ(bytes, expected) << piece;
  }
}

TEST(EfsRaw, TheWriterRefusesStreamsThatContradictThemselves) {
  const std::function<void(RawEncryptedStream&)> wrongs[] = {
      [](auto& s) { s.raw_name = "ab"; },
      [](auto& s) { s.raw_name = "abc"; },
      [](auto& s) { s.raw_name.assign(65538, 'x'); },
      [](auto& s) { s.valid_data_length = 1025; },
      [](auto& s) { s.size = uint64_t{1} << 63; },
      [](auto& s) { s.cluster_shift = 8; },
      [](auto& s) { s.cluster_shift = 22; },
      [](auto& s) {
        s.extents = {{256, 512}};
      },
      [](auto& s) {
        s.extents = {{0, 600}, {1024, 512}};
      },
      [](auto& s) {
        s.extents = {{512, 512}, {0, 512}};
      },
      [](auto& s) {
        s.extents = {{512, uint64_t{1} << 63}};
      },
  };
  for (size_t i = 0; i < std::size(wrongs); ++i) {
    RawEncryptedStream stream = SolidStream("", 1024);
    wrongs[i](stream);
    EXPECT_THAT(EfsRawWriter::Make("", {stream}, {}), HasCode(StatusCode::kInvalidArgument)) << i;
  }
  EXPECT_THAT(EfsRawWriter::Make(std::string(262145, 'x'), {}, {}),
              HasCode(StatusCode::kLimitExceeded));
  RawEncryptedStream long_name = SolidStream("", 0);
  long_name.raw_name.assign(65536, 'x');
  EXPECT_THAT(EfsRawWriter::Make("", std::vector(128, long_name), {}),
              HasCode(StatusCode::kLimitExceeded));
}

TEST(EfsRaw, FailuresOfAPullAreHandedOn) {
  EfsRawWriter writer = Value(EfsRawWriter::Make(
      "m", {SolidStream("", 10)},
      [](size_t, uint64_t, std::span<std::byte>) { return DeviceError("cannot read"); }));
  std::vector<std::byte> buffer(4096);
  EXPECT_THAT(writer.Read(buffer), HasCode(StatusCode::kDeviceError));
}

TEST(EfsRaw, NamesOfStreams) {
  EXPECT_EQ(EfsRawStreamName("")->size(), 16u);
  EXPECT_EQ(EfsRawStreamName("a:b"), std::nullopt);
  EXPECT_EQ(EfsRawStreamName("\xFF"), std::nullopt);
  const auto name_of = [](std::u16string_view text) {
    return EfsStreamNameOf(std::as_bytes(std::span(text)));
  };
  EXPECT_EQ(name_of(u"::$DATA"), "");
  EXPECT_EQ(name_of(std::u16string_view(u"::$DATA\0", 8)), "");
  EXPECT_EQ(name_of(u":\u00E9:$DATA"), "\u00E9");
  for (const auto* wrong : {u"", u":$DATA", u"x:$DATA", u":x:$EA", u":x:y:$DATA"}) {
    EXPECT_EQ(name_of(wrong), std::nullopt);
  }
  EXPECT_TRUE(LooksLikeEfsRaw(AsBytes(SmallExport()).first(12)));
  EXPECT_FALSE(LooksLikeEfsRaw(AsBytes(SmallExport()).first(11)));
}

}  // namespace
}  // namespace tapir
