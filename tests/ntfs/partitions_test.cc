#include "ntfs/partitions.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "bytes/cursor.h"
#include "tapir/ntfs/ntfs_source.h"
#include "tests/ntfs/ntfs_fixture.h"
#include "tests/support/ntfs_image.h"
#include "tests/support/status_matchers.h"

namespace tapir::test {
namespace {

constexpr uint64_t kPartitionBytes = uint64_t{2} << 20;
constexpr uint64_t kDiskBytes = uint64_t{16} << 20;
constexpr uint32_t kVolumeSectors = kPartitionBytes / 512;

struct Row {
  uint8_t type;
  uint32_t first;
  uint32_t count;
};

class NtfsPartitionsTest : public NtfsTest {
 protected:
  // A disk with nothing on it.
  void MakeDisk() {
    std::ofstream(At("disk"), std::ios::binary).close();
    std::filesystem::resize_file(At("disk"), kDiskBytes);
  }

  void PutAt(uint64_t offset, const std::string& bytes) {
    std::fstream disk(At("disk"), std::ios::binary | std::ios::in | std::ios::out);
    disk.seekp(static_cast<std::streamoff>(offset));
    disk << bytes;
  }

  void PutTable(uint64_t sector, const std::vector<Row>& rows) {
    std::string table;
    WriteCursor write(table);
    for (const Row& row : rows) {
      write.U32(0);
      write.U32(row.type);
      write.U32(row.first);
      write.U32(row.count);
    }
    table.resize(64);
    PutAt(sector * 512 + 446, table + "\x55\xAA");
  }

  void PutVolume(uint64_t offset, const std::string& label) {
    const std::string file = At(label);
    NtfsImage::Make(file, kPartitionBytes, 4096, label);
    NtfsImage(file).MakeFile(u"file", label);
    PutAt(offset, BytesOfFile(file));
  }

  // The GPT at its place for a sector size.
  void PutGpt(uint64_t sector_bytes, const std::vector<Row>& rows) {
    std::string header = "EFI PART";
    header.resize(72);
    WriteCursor write(header);
    write.U64(2);
    write.U32(static_cast<uint32_t>(rows.size()));
    write.U32(128);
    PutAt(sector_bytes, header);
    std::string table;
    WriteCursor put(table);
    for (const Row& row : rows) {
      put.U64(row.type);
      put.U64(row.type);
      put.Zeros(16);
      put.U64(row.first);
      put.U64(row.first + row.count - 1);
      put.Zeros(80);
    }
    PutAt(2 * sector_bytes, table);
  }

  Result<std::string> TryLabel(const std::string& suffix) {
    NtfsSourceOptions options;
    TAPIR_ASSIGN_OR_RETURN(options.address, ParseNtfsAddress(At("disk") + suffix));
    options.reporter = &reporter_;
    TAPIR_ASSIGN_OR_RETURN(const auto source, NtfsSource::Open(std::move(options)));
    return source->label();
  }

  std::string DeviceAt(const std::string& suffix) {
    return Value(MountedDeviceOf(Value(ParseNtfsAddress(At("disk") + suffix))));
  }

  std::string LabelAt(const std::string& suffix) { return Value(TryLabel(suffix)); }

  // What one of several is called in the refusal to choose.
  void ExpectRefusal(const std::string& suffix, const std::string& text) {
    const Result<std::string> label = TryLabel(suffix);
    EXPECT_THAT(label, HasCode(StatusCode::kInvalidArgument)) << suffix;
    EXPECT_NE(StatusOf(label).message().find(text), std::string::npos)
        << StatusOf(label).ToString();
  }
};

TEST_F(NtfsPartitionsTest, PrimaryAndLogicalOnesOfAnMbr) {
  MakeDisk();
  // Number 1 holds something else, 3 is extended with 5 and 6 in it.
  PutTable(0, {{0x83, 64, 64}, {0x07, 2048, kVolumeSectors}, {0x0F, 10'000, 16'000}});
  PutTable(10'000, {{0x07, 48, kVolumeSectors}, {0x05, 8000, 6000}});
  PutTable(18'000, {{0x07, 240, kVolumeSectors}});
  PutVolume(2048 * 512, "primary");
  ASSERT_EQ(LabelAt(""), "primary");
  PutVolume(10'048 * 512, "logical");
  PutVolume(18'240 * 512, "last");
  EXPECT_EQ(LabelAt("#2"), "primary");
  EXPECT_EQ(LabelAt("#5"), "logical");
  EXPECT_EQ(LabelAt("#6"), "last");
  EXPECT_EQ(LabelAt("@" + std::to_string(10'048 * 512)), "logical");
  ExpectRefusal("", "#2 #5 #6");
  ExpectRefusal("#1", "partition 1 holds no NTFS volume");
  ExpectRefusal("#3", "no partition 3");
  ExpectRefusal("#7", "no partition 7");
  ExpectRefusal("@0", "no NTFS volume begins at byte 0");
  ExpectRefusal("#0", "from 1 on");
  ExpectRefusal("#x", "from 1 on");
  ExpectRefusal("@-1", "offset in bytes");
  ExpectRefusal("@99999999999999", "no NTFS volume begins");
}

TEST_F(NtfsPartitionsTest, GptOfEachSectorSize) {
  for (const uint64_t sector_bytes : {uint64_t{512}, uint64_t{4096}}) {
    MakeDisk();
    PutTable(0, {{0xEE, 1, 0xFFFFFFFF}});
    const auto sectors = static_cast<uint32_t>(kPartitionBytes / sector_bytes);
    const auto first = static_cast<uint32_t>((uint64_t{4} << 20) / sector_bytes);
    PutGpt(sector_bytes, {{0xA, 64, 8}, {0, 0, 0}, {0xB, first, sectors}});
    PutVolume(uint64_t{4} << 20, "third" + std::to_string(sector_bytes));
    EXPECT_EQ(LabelAt(""), "third" + std::to_string(sector_bytes));
    EXPECT_EQ(LabelAt("#3"), "third" + std::to_string(sector_bytes));
    ExpectRefusal("#2", "no partition 2");
    std::filesystem::remove(At("disk"));
  }
}

// As the registry of Windows names volumes.
TEST_F(NtfsPartitionsTest, NamesOfMountedDevices) {
  MakeDisk();
  PutTable(0, {{0x07, 2048, kVolumeSectors}});
  PutAt(440, "\x78\x56\x34\x12");
  PutVolume(2048 * 512, "first");
  std::string device = "\x78\x56\x34\x12";
  WriteCursor(device).U64(2048 * 512);
  EXPECT_EQ(DeviceAt(""), device);
  EXPECT_EQ(DeviceAt("#1"), device);
  EXPECT_EQ(DeviceAt("@" + std::to_string(2048 * 512)), device);
  EXPECT_EQ(DeviceAt("@" + std::to_string(1024 * 512)), "");
  EXPECT_THAT(MountedDeviceOf(Value(ParseNtfsAddress(At("disk") + "#2"))),
              HasCode(StatusCode::kInvalidArgument));
  PutTable(0, {{0xEE, 1, 0xFFFFFFFF}});
  PutGpt(512, {{0xA, 2048, kVolumeSectors}});
  const std::string guid = "0123456789abcdef";
  PutAt(2 * 512 + 16, guid);
  EXPECT_EQ(DeviceAt("#1"), "DMIO:ID:" + guid);
  NtfsImage::Make(At("bare"), kPartitionBytes, 4096, "bare");
  EXPECT_EQ(Value(MountedDeviceOf({.image = At("bare")})), "");
}

TEST_F(NtfsPartitionsTest, TablesThatLeadAstray) {
  MakeDisk();
  // Chains that come back to themselves, and rows that lie outside.
  PutTable(0, {{0x05, 100, 1000}, {0x07, 0xFFFFFFF0, 0xFFFFFFFF}, {0x07, 1, 0}});
  PutTable(100, {{0x07, 1, 1}, {0x05, 0, 1000}});
  ExpectRefusal("", "holds no NTFS volume");
  PutTable(0, {{0xEE, 1, 0xFFFFFFFF}});
  PutGpt(512, {{0xA, 0xFFFFFFFF, 0xFFFFFFFF}, {0xA, 5, 0}});
  ExpectRefusal("", "holds no NTFS volume");
  MakeDisk();
  ExpectRefusal("", "holds no NTFS volume");
}

TEST_F(NtfsPartitionsTest, APartitionIsATarget) {
  MakeDisk();
  PutTable(0, {{0x07, 2048, kVolumeSectors}, {0x07, 2048 + kVolumeSectors, kVolumeSectors}});
  PutVolume(2048 * 512, "first");
  PutVolume((2048 + kVolumeSectors) * 512, "second");
  ArchiveImage(At("disk") + "#1", At("volume"));
  EXPECT_EQ(RestoreImage(At("volume"), At("disk") + "#2", 0, true).failed, 0u);
  EXPECT_EQ(Notices(), "");
  EXPECT_EQ(LabelAt("#2"), "second");
  ArchiveImage(At("disk") + "#2", At("again"));
  NtfsImage::Make(At("whole"), kPartitionBytes);
  EXPECT_EQ(RestoreImage(At("again"), At("whole")).restored, 2u);
}

}  // namespace
}  // namespace tapir::test
