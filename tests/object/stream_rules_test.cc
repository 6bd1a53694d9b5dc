#include "object/stream_rules.h"

#include <gtest/gtest.h>

#include <memory>
#include <utility>
#include <vector>

#include "tests/support/status_matchers.h"

namespace tapir::test {
namespace {

constexpr uint64_t kSizeOfTwo = 9;

Metadata WithNtfsStream(ObjectType type, uint32_t number) {
  auto ntfs = std::make_shared<NtfsMetadata>();
  ntfs->streams = {
      {.number = number, .sparse = true, .size = kSizeOfTwo, .valid_bytes = kSizeOfTwo}};
  Metadata metadata;
  metadata.path = "p";
  metadata.type = type;
  metadata.primary_path = "first";
  metadata.further_streams = {{2, "two"}};
  metadata.ntfs = std::move(ntfs);
  return metadata;
}

TEST(StreamRules, NtfsStreamsAreThoseOfTheObject) {
  const auto code = [](ObjectType type, uint32_t number) {
    return DecodeObjectBegin(AsBytes(EncodeObjectBegin(5, WithNtfsStream(type, number))))
        .status()
        .code();
  };
  EXPECT_EQ(code(ObjectType::kRegular, 0), StatusCode::kOk);
  EXPECT_EQ(code(ObjectType::kRegular, 1), StatusCode::kCorrupt);
  EXPECT_EQ(code(ObjectType::kRegular, 2), StatusCode::kOk);
  EXPECT_EQ(code(ObjectType::kRegular, 3), StatusCode::kCorrupt);
  EXPECT_EQ(code(ObjectType::kHardLink, 0), StatusCode::kOk);
  EXPECT_EQ(code(ObjectType::kHardLink, 2), StatusCode::kOk);
  EXPECT_EQ(code(ObjectType::kDirectory, 0), StatusCode::kCorrupt);
  EXPECT_EQ(code(ObjectType::kDirectory, 2), StatusCode::kOk);
}

TEST(StreamRules, TheEndTellsTheStreamsThatWereDeclared) {
  const auto code = [](ObjectType type, std::vector<uint32_t> numbers, ObjectStatus status) {
    ObjectEnd end;
    end.status = status;
    for (const uint32_t number : numbers) {
      end.streams.push_back({.stream_number = number, .size = kSizeOfTwo});
    }
    return CheckStreams(WithNtfsStream(type, 2), end).code();
  };
  using enum ObjectType;
  EXPECT_EQ(code(kRegular, {0, 2}, ObjectStatus::kOk), StatusCode::kOk);
  EXPECT_EQ(code(kRegular, {0}, ObjectStatus::kOk), StatusCode::kCorrupt);
  EXPECT_EQ(code(kRegular, {0}, ObjectStatus::kShort), StatusCode::kCorrupt);
  EXPECT_EQ(code(kRegular, {0}, ObjectStatus::kUnreadable), StatusCode::kOk);
  EXPECT_EQ(code(kRegular, {0, 1}, ObjectStatus::kOk), StatusCode::kCorrupt);
  EXPECT_EQ(code(kDirectory, {2}, ObjectStatus::kOk), StatusCode::kOk);
  EXPECT_EQ(code(kDirectory, {0, 2}, ObjectStatus::kOk), StatusCode::kCorrupt);
  EXPECT_EQ(code(kHardLink, {}, ObjectStatus::kOk), StatusCode::kOk);
  EXPECT_EQ(code(kHardLink, {0}, ObjectStatus::kOk), StatusCode::kCorrupt);
  EXPECT_EQ(code(kFifo, {0}, ObjectStatus::kOk), StatusCode::kCorrupt);
}

TEST(StreamRules, SizesOfStreamsAreThoseOfTheVolume) {
  Metadata metadata = WithNtfsStream(ObjectType::kRegular, 2);
  ObjectEnd end;
  end.streams = {{.stream_number = 0, .size = 1}, {.stream_number = 2, .size = kSizeOfTwo - 1}};
  EXPECT_EQ(CheckStreams(metadata, end).code(), StatusCode::kCorrupt);
  end.status = ObjectStatus::kShort;
  Check(CheckStreams(metadata, end));
  end.status = ObjectStatus::kOk;
  metadata.fragment_offset = 1;
  Check(CheckStreams(metadata, end));
  metadata.fragment_offset.reset();
  auto encrypted = std::make_shared<NtfsMetadata>(*metadata.ntfs);
  encrypted->streams.front().encrypted = true;
  metadata.ntfs = std::move(encrypted);
  Check(CheckStreams(metadata, end));
}

}  // namespace
}  // namespace tapir::test
