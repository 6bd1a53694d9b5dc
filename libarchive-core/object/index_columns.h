#pragma once

#include <cstdint>

#include "tapir/object/entry.h"

namespace tapir {

/// Column types of a leaf page (format chapter 7.1).
enum class Column : uint16_t {
  kPath = 1,
  kType = 2,
  kFlags = 3,
  kMode = 4,
  kUid = 5,
  kGid = 6,
  kSize = 7,
  kMtime = 8,
  kChunk = 9,
  kChunkTable = 10,
  kRecord = 11,
  kRecordDigest = 12,
  kXxh128 = 13,
  kSha256 = 14,
  kLink = 15,
  kTarget = 16,
  kReferenceLength = 17,
  kFragment = 18,
  kFileAttributes = 19,
  kReparseTag = 20,
  kSis = 21,
  kSisFiles = 22,
  kExcludedBy = 23,
};
inline constexpr uint16_t kLastColumn = 23;
/// What only tells more of an entry: readers may leave it out.
inline constexpr uint16_t kFirstOptionalColumn = 19;
inline constexpr uint16_t kColumnFlagRequired = 1;

inline constexpr uint8_t kEntryStatusMask = 0x03;
inline constexpr uint8_t kEntryWtf8 = 0x04;
inline constexpr uint8_t kEntryMapDigest = 0x08;
inline constexpr uint8_t kEntryHasReference = 0x10;
inline constexpr uint8_t kEntryFurtherStreams = 0x20;
inline constexpr uint8_t kEntryWholeReference = 0x40;
inline constexpr uint8_t kEntryFragment = 0x80;

inline constexpr uint8_t kSisRoleMask = 0x0F;
inline constexpr unsigned kSisPairingShift = 4;

inline uint8_t SisByte(const SisMembership& sis) {
  return static_cast<uint8_t>(static_cast<unsigned>(sis.role) | static_cast<unsigned>(sis.pairing)
                                                                    << kSisPairingShift);
}
inline bool HasContents(const Entry& entry) { return entry.type == ObjectType::kRegular; }
inline bool HasFileAttributes(const Entry& entry) {
  return entry.path_encoding == PathEncoding::kWtf8;
}
inline bool HasLink(const Entry& entry) {
  return entry.type == ObjectType::kHardLink || entry.has_reference();
}

}  // namespace tapir
