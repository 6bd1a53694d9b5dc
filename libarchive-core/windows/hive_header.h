#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "bytes/cursor.h"
#include "tapir/windows/hive_writer.h"

namespace tapir {

/// The head of a hive and of its logs. Source: Windows registry file format specification, Maxim
/// Suhanov (github.com/msuhanov/regf). Offsets in a hive count from behind its head.

inline constexpr size_t kHiveHeaderBytes = 4096;
inline constexpr size_t kHivePageBytes = 4096;        ///< bins are multiples of it
inline constexpr size_t kHiveSectorBytes = 512;       ///< what the checksum stands in
inline constexpr uint32_t kNoCell = 0xFFFFFFFF;       ///< in place of an offset
inline constexpr uint32_t kMostHiveBytes = 1u << 31;  ///< the upper half is of keys in memory
inline constexpr std::string_view kBinMagic = "hbin";
inline constexpr size_t kBinHeaderBytes = 32;
inline constexpr size_t kBinTimeAt = 20;        ///< of the first bin: a copy of last_written
inline constexpr size_t kSegmentBytes = 16344;  ///< of big data
inline constexpr uint32_t kFirstMinorVersion = 3;
inline constexpr uint32_t kLastMinorVersion = 6;
inline constexpr uint32_t kBigDataVersion = 4;   ///< the first minor version that has such
inline constexpr uint32_t kHashLeafVersion = 5;  ///< the first that finds subkeys by a hash
inline constexpr uint32_t kInlineData = 0x80000000;
inline constexpr uint32_t kMostInlineBytes = 4;  ///< that stand in the place of an offset
inline constexpr size_t kMostHiveLevels = 512;

/// Flags of key cells that follow from the key, and of value cells.
inline constexpr uint16_t kKeyIsRoot = 0x0004;
inline constexpr uint16_t kKeyStays = 0x0008;
inline constexpr uint16_t kKeyNameIsLatin1 = 0x0020;
inline constexpr uint16_t kValueNameIsLatin1 = 0x0001;

/// Types of files that begin with such a head.
inline constexpr uint32_t kHiveFile = 0;
inline constexpr uint32_t kLogFile = 1;
inline constexpr uint32_t kOldLogFile = 2;      ///< of Windows 2000
inline constexpr uint32_t kEntriesLogFile = 6;  ///< since Windows 8.1

struct HiveHeader {
  uint32_t sequence_begun = 0;
  uint32_t sequence_done = 0;
  uint64_t last_written = 0;
  uint32_t major_version = 1;
  uint32_t minor_version = 5;
  uint32_t type = kHiveFile;
  uint32_t root = 0;
  uint32_t bins_bytes = 0;
  uint32_t sectors = 1;  ///< of 512 bytes that make one of the disk
  std::u16string file_name;
  uint32_t flags = 0;
  bool is_sound = false;  ///< its signature and checksum are right
};

/// Bits of HiveHeader::flags.
inline constexpr uint32_t kHiveHasTransactions = 1;
inline constexpr uint32_t kHiveHasLayers = 2;

/// What the first sector says. Nothing: there is no whole sector.
std::optional<HiveHeader> ReadHiveHeader(ByteSpan bytes);

/// A whole head, which gets its checksum.
std::string BuildHiveHeader(const HiveHeader& header);

/// Puts these fields of the header into the bytes of one, with the checksum.
void UpdateHiveHeader(const HiveHeader& header, std::span<std::byte> bytes);

}  // namespace tapir
