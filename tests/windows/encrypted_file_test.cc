#include "tapir/windows/encrypted_file.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bytes/cursor.h"
#include "tests/support/efs_samples.h"
#include "tests/support/status_matchers.h"

namespace tapir {
namespace {

using namespace test;

class EncryptedFileTest : public testing::Test, public RawEncryptedVolume {
 public:
  Result<std::unique_ptr<RawEncryptedSource>> OpenForExport(std::string_view path) override {
    if (path != "there") return NotFound("no such file");
    return std::unique_ptr<RawEncryptedSource>(std::make_unique<SampleFile>(metadata_, streams_));
  }
  Result<std::unique_ptr<RawEncryptedSink>> OpenForImport(
      std::string_view, const RawImportOptions& options) override {
    options_ = options;
    return std::unique_ptr<RawEncryptedSink>(std::make_unique<SampleSink>(arrived_));
  }

 protected:
  EncryptedFile Open(uint32_t flags) { return Value(EncryptedFile::Open(*this, "there", flags)); }

  std::string Export(uint32_t flags) {
    std::string bytes;
    Check(Open(flags).ReadRaw([&](std::span<const std::byte> piece) {
      bytes += AsText(piece);
      return 0u;
    }));
    return bytes;
  }

  Status Import(uint32_t flags, std::string_view bytes) {
    arrived_ = {};
    return Open(flags).WriteRaw([&](std::span<std::byte> buffer, uint32_t& length) {
      length = static_cast<uint32_t>(std::min(buffer.size(), bytes.size()));
      std::memcpy(buffer.data(), bytes.data(), length);
      bytes.remove_prefix(length);
      return 0u;
    });
  }

  std::string metadata_ = KeyListMetadata(2, true);
  std::vector<RawEncryptedStream> streams_ = {SolidStream("", 70000), SolidStream("named", 10)};
  ArrivedFile arrived_;
  RawImportOptions options_;
};

TEST_F(EncryptedFileTest, WhatIsReadCanBeWritten) {
  EXPECT_THAT(Import(kEfsCreateForImport, Export(0)), IsOk());
  EXPECT_EQ(arrived_, Expected(metadata_, streams_));
  EXPECT_FALSE(options_.directory);
  EXPECT_FALSE(options_.overwrite_hidden);
}

TEST_F(EncryptedFileTest, FlagsReachTheVolume) {
  EXPECT_THAT(Import(kEfsCreateForImport | kEfsOverwriteHidden, Export(0)), IsOk());
  EXPECT_TRUE(options_.overwrite_hidden);
  for (const uint32_t flags : {2u, 8u, 0x20u, 0x12u, 0x80000001u}) {
    EXPECT_THAT(EncryptedFile::Open(*this, "there", flags).status(),
                HasCode(StatusCode::kInvalidArgument));
  }
  EXPECT_THAT(EncryptedFile::Open(*this, "not there", 0).status(), HasCode(StatusCode::kNotFound));
}

TEST_F(EncryptedFileTest, DirectoriesHaveNoUnnamedStream) {
  const uint32_t flags = kEfsCreateForImport | kEfsCreateForDirectory;
  const std::string of_a_file = Export(0);
  EXPECT_THAT(Import(flags, of_a_file), HasCode(StatusCode::kInvalidArgument));
  EXPECT_FALSE(arrived_.finished);
  streams_.erase(streams_.begin());
  EXPECT_THAT(Import(flags, Export(0)), IsOk());
  EXPECT_TRUE(options_.directory);
  EXPECT_TRUE(arrived_.finished);
  EXPECT_EQ(arrived_.streams.size(), 1u);
}

TEST_F(EncryptedFileTest, NamedStreamsAreDroppedEitherWay) {
  streams_.insert(streams_.begin(), SolidStream("first", 600));
  const std::string all = Export(0);
  const std::string one = Export(kEfsDropAlternateStreams);
  EXPECT_LT(one.size(), all.size());
  EXPECT_THAT(Import(kEfsCreateForImport, one), IsOk());
  const ArrivedFile of_export = arrived_;
  EXPECT_THAT(Import(kEfsCreateForImport | kEfsDropAlternateStreams, all), IsOk());
  EXPECT_EQ(arrived_, of_export);
  ASSERT_EQ(arrived_.streams.size(), 1u);
  EXPECT_EQ(arrived_.streams[0], Expected(metadata_, streams_).streams[1]);
}

TEST_F(EncryptedFileTest, CallbacksAbort) {
  EncryptedFile from = Open(0);
  int calls = 0;
  Status status = from.ReadRaw([&](std::span<const std::byte>) { return ++calls == 2 ? 5u : 0u; });
  EXPECT_THAT(status, HasCode(StatusCode::kCancelled));
  EXPECT_EQ(status.reason(), 5);
  EXPECT_EQ(calls, 2);
  EncryptedFile to = Open(kEfsCreateForImport);
  status = to.WriteRaw([](std::span<std::byte>, uint32_t& length) {
    length = 0;
    return 0xC0000022u;
  });
  EXPECT_THAT(status, HasCode(StatusCode::kCancelled));
  EXPECT_EQ(static_cast<uint32_t>(status.reason()), 0xC0000022u);
  EXPECT_FALSE(arrived_.finished);
}

TEST_F(EncryptedFileTest, CallsThatDoNotFit) {
  const auto fill = [](std::span<std::byte> buffer, uint32_t& length) {
    length = static_cast<uint32_t>(buffer.size()) + 1;
    return 0u;
  };
  EXPECT_THAT(Open(kEfsCreateForImport).WriteRaw(fill), HasCode(StatusCode::kInvalidArgument));
  EXPECT_THAT(Open(0).WriteRaw(fill), HasCode(StatusCode::kInvalidArgument));
  const auto take = [](std::span<const std::byte>) { return 0u; };
  EXPECT_THAT(Open(kEfsCreateForImport).ReadRaw(take), HasCode(StatusCode::kInvalidArgument));
  EncryptedFile closed = Open(0);
  closed.Close();
  closed.Close();
  EXPECT_THAT(closed.ReadRaw(take), HasCode(StatusCode::kInvalidArgument));
  EncryptedFile once = Open(kEfsCreateForImport);
  EXPECT_THAT(once.WriteRaw(fill), HasCode(StatusCode::kInvalidArgument));
  EXPECT_EQ(once.WriteRaw(fill).message(), "not open for import");
}

TEST_F(EncryptedFileTest, MalformedExportsLeaveNothing) {
  const std::string good = Export(0);
  for (const size_t size : {size_t{0}, size_t{19}, size_t{20}, size_t{60}, good.size() - 1}) {
    const StatusCode code = size == 20 ? StatusCode::kCorrupt : StatusCode::kTruncated;
    EXPECT_THAT(Import(kEfsCreateForImport, good.substr(0, size)), HasCode(code)) << size;
    EXPECT_FALSE(arrived_.finished);
  }
  // Its second segment at the place of the first: that can be followed, but not restored.
  std::string changed = good;
  const size_t second = 66 + metadata_.size() + 44 + 0x10200;
  StoreLe(reinterpret_cast<std::byte*>(&changed[second + 16]), uint64_t{0});
  EXPECT_THAT(Import(kEfsCreateForImport, changed), HasCode(StatusCode::kCorrupt));
  EXPECT_FALSE(arrived_.finished);
}

}  // namespace
}  // namespace tapir
