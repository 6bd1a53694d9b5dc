#include "tapir/windows/backup_stream_writer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "bytes/cursor.h"
#include "tapir/windows/reparse_data.h"
#include "tests/support/status_matchers.h"
#include "tests/support/windows_samples.h"
#include "tests/windows/backup_stream_log.h"

namespace tapir {
namespace {

using test::BackupStreamLog;
using test::HasCode;
using test::IsOk;
using test::SampleBackupFile;
using test::SampleContents;
using test::StreamBytes;
using test::Value;
using test::WriteSample;

using Id = BackupStreamId;

BackupStreamLog ReadAll(const std::string& bytes) {
  BackupStreamLog log;
  BackupStreamReader reader(log);
  test::Check(reader.Push(AsBytes(bytes)));
  test::Check(reader.Finish());
  return log;
}

Status PullSample(size_t stream, uint64_t offset, std::span<std::byte> into) {
  const std::string bytes = SampleContents(stream, offset, into.size());
  std::ranges::copy(AsBytes(bytes), into.begin());
  return OkStatus();
}

std::string NamedHead(std::u16string_view name, uint32_t attributes, uint64_t size) {
  return EncodeBackupStreamHeader({.id = Id::kAlternateData,
                                   .attributes = attributes,
                                   .size_bytes = size,
                                   .name = test::StreamName(name)});
}

std::string BlockOf(size_t stream, uint64_t offset, size_t size) {
  return StreamBytes({.id = Id::kSparseBlock,
                      .attributes = kStreamSparse,
                      .size_bytes = 8 + size,
                      .block_offset = offset},
                     SampleContents(stream, offset, size));
}

std::string PayloadOf(Id id, const std::string& payload, uint32_t attributes = 0) {
  return StreamBytes({.id = id, .attributes = attributes, .size_bytes = payload.size()}, payload);
}

TEST(BackupStreamWriter, CanonicalOrderAndSparseRules) {
  const BackupFile file = SampleBackupFile();
  const std::string wanted =
      PayloadOf(Id::kSecurityData, *file.security, kStreamContainsSecurity) +
      PayloadOf(Id::kEaData, *file.ea) + PayloadOf(Id::kObjectId, *file.object_id) +
      PayloadOf(Id::kData, "", kStreamSparse | kStreamContainsGhostedExtents) +
      BlockOf(0, 65536, 70) + BlockOf(0, 131072, 9) + BlockOf(0, 300000, 0) +
      PayloadOf(Id::kGhostedFileExtents, *file.ghosted) + NamedHead(u"a", kStreamSparse, 0) +
      BlockOf(2, 400, 0) + NamedHead(u"b", 0, 11) + SampleContents(1, 0, 11) +
      NamedHead(u"changing", kStreamModifiedWhenRead, 3) + SampleContents(5, 0, 3) +
      NamedHead(u"empty", 0, 0) + NamedHead(u"full", kStreamSparse, 50) + SampleContents(3, 0, 50);
  EXPECT_EQ(WriteSample(file), wanted);
  EXPECT_EQ(CheckBackupStream(AsBytes(wanted), BackupStreamMode::kStrict), std::vector<Finding>());
}

TEST(BackupStreamWriter, UnnamedStreams) {
  const auto write = [](const BackupDataStream& stream) {
    BackupFile file;
    file.streams = {stream};
    return WriteSample(file);
  };
  EXPECT_EQ(write({}), "");
  EXPECT_EQ(write({.size_bytes = 4}), PayloadOf(Id::kData, SampleContents(0, 0, 4)));
  EXPECT_EQ(write({.is_sparse = true}), PayloadOf(Id::kData, "", kStreamSparse));
  EXPECT_EQ(write({.size_bytes = 9, .is_sparse = true}),
            PayloadOf(Id::kData, "", kStreamSparse) + BlockOf(0, 9, 0));
  EXPECT_EQ(write({.size_bytes = 9, .is_sparse = true, .allocated = {{0, 9}}}),
            PayloadOf(Id::kData, SampleContents(0, 0, 9), kStreamSparse));
  EXPECT_EQ(write({.size_bytes = 9, .is_sparse = true, .allocated = {{0, 8}}}),
            PayloadOf(Id::kData, "", kStreamSparse) + BlockOf(0, 0, 8) + BlockOf(0, 9, 0));
  EXPECT_EQ(write({.size_bytes = 9, .is_sparse = true, .allocated = {{0, 4}, {4, 5}}}),
            PayloadOf(Id::kData, "", kStreamSparse) + BlockOf(0, 0, 4) + BlockOf(0, 4, 5) +
                BlockOf(0, 9, 0));
}

TEST(BackupStreamWriter, ReparseDataComeBeforeTheObjectId) {
  BackupFile file;
  file.object_id = std::string(64, 'o');
  file.reparse = test::SampleSisReparse(1);
  EXPECT_EQ(WriteSample(file),
            PayloadOf(Id::kReparseData, *file.reparse) + PayloadOf(Id::kObjectId, *file.object_id));
}

TEST(BackupStreamWriter, RefusesWhatCannotBeSaid) {
  const auto expect_refused = [](const BackupFile& file) {
    EXPECT_THAT(CanonicalBackupParts(file), HasCode(StatusCode::kInvalidArgument));
  };
  expect_refused({.reparse = "x"});
  expect_refused({.object_id = std::string(63, 'o')});
  const std::vector<std::vector<BackupDataStream>> wrong = {
      {{.name = "a"}, {.name = "a"}},
      {{}, {}},
      {{.name = "\xFF"}},
      {{.name = "a:b"}},
      {{.name = "x:$DATA"}},
      {{.name = std::string(256, 'n')}},
      {{.size_bytes = 1, .allocated = {{0, 1}}}},
      {{.size_bytes = 1ULL << 63}},
      {{.size_bytes = 5, .is_sparse = true, .allocated = {{0, 0}}}},
      {{.size_bytes = 5, .is_sparse = true, .allocated = {{0, 6}}}},
      {{.size_bytes = 5, .is_sparse = true, .allocated = {{0, 3}, {2, 3}}}},
      {{.size_bytes = 5, .is_sparse = true, .allocated = {{6, 1}}}},
      {{.size_bytes = 5, .is_sparse = true, .allocated = {{1, UINT64_MAX}}}},
      {{.name = "a", .size_bytes = kMaxBackupStreamBytes}, {.name = "b", .size_bytes = 1}},
  };
  for (const std::vector<BackupDataStream>& streams : wrong) expect_refused({.streams = streams});
}

TEST(BackupStreamWriter, AnySizeOfPieceGivesTheSame) {
  const std::string whole = WriteSample(SampleBackupFile());
  for (size_t piece = 1; piece <= whole.size() + 1; ++piece) {
    BackupStreamWriter writer(Value(CanonicalBackupParts(SampleBackupFile())), PullSample);
    EXPECT_EQ(writer.size_bytes(), whole.size());
    std::string got;
    for (std::string part(piece, '\0'); !part.empty();) {
      part.resize(Value(writer.Read(std::as_writable_bytes(std::span(part)))));
      got += part;
      if (part.size() < piece) break;
    }
    ASSERT_EQ(got, whole) << piece;
  }
}

TEST(BackupStreamWriter, KeptOrderComesBackByteForByte) {
  const std::string odd =
      PayloadOf(Id::kData, "abc") + PayloadOf(Id::kLink, "opaque") +
      StreamBytes({.id = static_cast<Id>(77), .attributes = 0xF0, .size_bytes = 2, .name = "odd"},
                  "..") +
      PayloadOf(Id::kData, "again") + BlockOf(0, 1, 4) +
      PayloadOf(Id::kSecurityData, test::SampleSecurity(), kStreamContainsSecurity);
  for (const std::string& dump : {odd, WriteSample(SampleBackupFile()), std::string()}) {
    BackupPartCollector collector;
    BackupStreamReader reader(collector, BackupStreamMode::kLenient);
    ASSERT_THAT(reader.Push(AsBytes(dump)), IsOk());
    ASSERT_THAT(reader.Finish(), IsOk());
    BackupStreamWriter writer(
        collector.parts(), [&](size_t stream, uint64_t offset, std::span<std::byte> into) {
          EXPECT_EQ(stream, 0U);
          std::ranges::copy(AsBytes(dump).subspan(offset, into.size()), into.begin());
          return OkStatus();
        });
    std::string again(dump.size() + 1, '\0');
    again.resize(Value(writer.Read(std::as_writable_bytes(std::span(again)))));
    EXPECT_EQ(again, dump);
  }
}

TEST(BackupStreamWriter, PartsAreLimited) {
  BackupPartCollector collector;
  Status status;
  size_t taken = 0;
  const BackupStreamHeader large = {.id = static_cast<Id>(99), .name = std::string(65536, 'n')};
  for (; status.ok(); ++taken) status = collector.OnHeader(large);
  EXPECT_THAT(status, HasCode(StatusCode::kLimitExceeded));
  EXPECT_EQ(taken - 1, BackupPartCollector::kMaxHeaderBytes / (65536 + 20));
}

TEST(BackupStreamWriter, SeekGoesForwardToTheNextHeaderAtMost) {
  const std::string whole = WriteSample(SampleBackupFile());
  const BackupStreamLog log = ReadAll(whole);
  // For each place the next header, or the place itself inside one.
  std::vector<uint64_t> stop(whole.size() + 1);
  for (size_t i = 0; i < log.streams.size(); ++i) {
    const uint64_t start = log.streams[i].header.offset;
    const uint64_t data = start + EncodeBackupStreamHeader(log.streams[i].header).size();
    const uint64_t end =
        i + 1 < log.streams.size() ? log.streams[i + 1].header.offset : whole.size();
    for (uint64_t at = start; at < end; ++at) stop[at] = at < data ? at : end;
  }
  stop[whole.size()] = whole.size();
  for (size_t at = 0; at <= whole.size(); ++at) {
    for (const uint64_t distance : {uint64_t{1}, uint64_t{3}, UINT64_MAX}) {
      BackupStreamWriter writer(Value(CanonicalBackupParts(SampleBackupFile())), PullSample);
      std::string before(at, '\0');
      ASSERT_EQ(Value(writer.Read(std::as_writable_bytes(std::span(before)))), at);
      const uint64_t moved = writer.Seek(distance);
      ASSERT_EQ(moved, std::min(distance, stop[at] - at)) << at;
      std::string after(whole.size(), '\0');
      after.resize(Value(writer.Read(std::as_writable_bytes(std::span(after)))));
      ASSERT_EQ(after, whole.substr(at + moved)) << at;
    }
  }
}

TEST(BackupStreamWriter, AFailedPullCanBeRepeated) {
  bool fails = true;
  BackupFile file;
  file.streams = {{.size_bytes = 10}};
  BackupStreamWriter writer(Value(CanonicalBackupParts(file)),
                            [&](size_t stream, uint64_t offset, std::span<std::byte> into) {
                              return fails ? DeviceError("no") : PullSample(stream, offset, into);
                            });
  std::string bytes(100, '\0');
  EXPECT_EQ(Value(writer.Read(std::as_writable_bytes(std::span(bytes)))), 20U);
  EXPECT_THAT(writer.Read(std::as_writable_bytes(std::span(bytes))),
              HasCode(StatusCode::kDeviceError));
  fails = false;
  EXPECT_EQ(Value(writer.Read(std::as_writable_bytes(std::span(bytes)))), 10U);
  EXPECT_EQ(bytes.substr(0, 10), SampleContents(0, 0, 10));
}

}  // namespace
}  // namespace tapir
