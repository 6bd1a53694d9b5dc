#include "ntfs/partitions.h"

#include <algorithm>
#include <array>

#include "bytes/cursor.h"

namespace tapir::ntfs {
namespace {

constexpr uint64_t kTableSectorBytes = 512;
constexpr size_t kSignatureOffset = 440;
constexpr size_t kTableOffset = 446;
constexpr std::string_view kGptDevice = "DMIO:ID:";
constexpr size_t kRowBytes = 16;
constexpr uint32_t kFirstLogical = 5;
constexpr uint32_t kMostLogical = 128;
constexpr uint32_t kMostGptRows = 1024;

using Sector = std::array<std::byte, kTableSectorBytes>;

struct MbrRow {
  uint8_t type = 0;
  uint32_t first = 0;  // sectors
  uint32_t count = 0;

  bool is_extended() const { return type == 0x05 || type == 0x0F || type == 0x85; }
};

// The four rows, or none without its signature.
Result<std::vector<MbrRow>> ReadMbr(Image& disk, uint64_t sector) {
  std::vector<MbrRow> rows;
  if ((sector + 1) * kTableSectorBytes > disk.size_bytes()) return rows;
  Sector bytes;
  TAPIR_RETURN_IF_ERROR(disk.ReadAt(sector * kTableSectorBytes, bytes));
  if (LoadLe<uint16_t>(&bytes[510]) != 0xAA55) return rows;
  for (size_t i = 0; i < 4; ++i) {
    const std::byte* row = &bytes[kTableOffset + i * kRowBytes];
    rows.push_back(
        {LoadLe<uint8_t>(row + 4), LoadLe<uint32_t>(row + 8), LoadLe<uint32_t>(row + 12)});
  }
  return rows;
}

void Add(std::vector<Partition>& partitions, uint32_t number, uint64_t first, uint64_t count,
         uint64_t sector_bytes, const Image& disk) {
  const uint64_t sectors = disk.size_bytes() / sector_bytes;
  if (count == 0 || first >= sectors) return;
  count = std::min(count, sectors - first);
  partitions.push_back({number, first * sector_bytes, count * sector_bytes, {}});
}

// Each logical partition has a table of its own, which names itself and the next table.
Status AddLogical(Image& disk, uint64_t extended, std::vector<Partition>& partitions) {
  uint64_t table = extended;
  for (uint32_t number = kFirstLogical; number < kFirstLogical + kMostLogical; ++number) {
    TAPIR_ASSIGN_OR_RETURN(std::vector<MbrRow> rows, ReadMbr(disk, table));
    if (rows.empty() || rows[0].type == 0) return OkStatus();
    Add(partitions, number, table + rows[0].first, rows[0].count, kTableSectorBytes, disk);
    if (!rows[1].is_extended()) return OkStatus();
    table = extended + rows[1].first;
  }
  return OkStatus();
}

Result<std::vector<Partition>> ReadGpt(Image& disk, uint64_t sector_bytes) {
  std::vector<Partition> partitions;
  if (2 * sector_bytes + kTableSectorBytes > disk.size_bytes()) return partitions;
  Sector header;
  TAPIR_RETURN_IF_ERROR(disk.ReadAt(sector_bytes, header));
  if (AsText(ByteSpan(header).first(8)) != "EFI PART") return partitions;
  const auto table = LoadLe<uint64_t>(&header[72]);
  const uint32_t count = std::min(LoadLe<uint32_t>(&header[80]), kMostGptRows);
  const auto row_bytes = LoadLe<uint32_t>(&header[84]);
  if (row_bytes < 128 || row_bytes > kTableSectorBytes ||
      table > disk.size_bytes() / sector_bytes) {
    return Corrupt("the GPT is damaged");
  }
  for (uint32_t i = 0; i < count; ++i) {
    Sector row;
    const uint64_t at = table * sector_bytes + uint64_t{i} * row_bytes;
    TAPIR_RETURN_IF_ERROR(disk.ReadAt(at, std::span(row).first(128)));
    const bool unused = LoadLe<uint64_t>(&row[0]) == 0 && LoadLe<uint64_t>(&row[8]) == 0;
    const auto first = LoadLe<uint64_t>(&row[32]);
    const auto last = LoadLe<uint64_t>(&row[40]);
    if (!unused && first <= last && last < UINT64_MAX) {
      Add(partitions, i + 1, first, last - first + 1, sector_bytes, disk);
      const bool added = !partitions.empty() && partitions.back().number == i + 1;
      if (added) {
        partitions.back().mounted_device =
            std::string(kGptDevice) + std::string(AsText(ByteSpan(row).subspan(16, 16)));
      }
    }
  }
  return partitions;
}

Status NameByDisk(Image& disk, std::vector<Partition>& partitions) {
  if (partitions.empty()) return OkStatus();
  std::array<std::byte, sizeof(uint32_t)> signature;
  TAPIR_RETURN_IF_ERROR(disk.ReadAt(kSignatureOffset, signature));
  for (Partition& partition : partitions) {
    WriteCursor to(partition.mounted_device);
    to.Bytes(signature);
    to.U64(partition.offset_bytes);
  }
  return OkStatus();
}

}  // namespace

Result<std::vector<Partition>> ReadPartitions(Image& disk) {
  for (const uint64_t sector_bytes : {uint64_t{512}, uint64_t{4096}}) {
    TAPIR_ASSIGN_OR_RETURN(std::vector<Partition> partitions, ReadGpt(disk, sector_bytes));
    if (!partitions.empty()) return partitions;
  }
  std::vector<Partition> partitions;
  TAPIR_ASSIGN_OR_RETURN(std::vector<MbrRow> rows, ReadMbr(disk, 0));
  for (uint32_t i = 0; i < rows.size(); ++i) {
    if (rows[i].is_extended()) {
      TAPIR_RETURN_IF_ERROR(AddLogical(disk, rows[i].first, partitions));
    } else if (rows[i].type != 0) {
      Add(partitions, i + 1, rows[i].first, rows[i].count, kTableSectorBytes, disk);
    }
  }
  TAPIR_RETURN_IF_ERROR(NameByDisk(disk, partitions));
  return partitions;
}

bool HoldsNtfs(Image& disk, uint64_t offset_bytes) {
  Sector boot;
  const bool fits = disk.size_bytes() >= kTableSectorBytes &&
                    offset_bytes <= disk.size_bytes() - kTableSectorBytes;
  return fits && disk.ReadAt(offset_bytes, boot).ok() &&
         AsText(ByteSpan(boot).subspan(3, 8)) == "NTFS    ";
}

}  // namespace tapir::ntfs
