#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "bytes/cursor.h"

/// Numbers of the format: chapters 2 to 6 and registry.md.
namespace tapir {

inline constexpr uint8_t kFramingMajor = 0;
inline constexpr uint8_t kFramingMinor = 1;
inline constexpr uint32_t kBlockHeaderBytes = 128;
inline constexpr uint32_t kChunkHeaderBytes = 64;
inline constexpr uint32_t kChunkAlignBytes = 8;
/// Where the payload of an ALIGNED block begins.
inline constexpr uint32_t kAlignedDataOffset = 4096;

enum class BlockType : uint8_t { kLabel = 1, kStart = 2, kData = 3, kIndex = 4, kEnd = 5 };
inline constexpr uint8_t kAncillaryBlockBit = 0x80;
inline constexpr uint8_t kBlockFlagAligned = 0x01;

enum class ChunkKind : uint8_t {
  kRecords = 1,
  kData = 2,
  kLeaf = 3,
  kInner = 4,
  kStart = 5,
  kEnd = 6,
  kLabel = 7,
  kPolicy = 8,
  kLeafCopy = 0x83,
  kInnerCopy = 0x84,
};
inline constexpr uint8_t kAncillaryChunkBit = 0x80;
inline constexpr uint16_t kChunkFlagAligned = 0x0001;

enum class ItemType : uint16_t {
  kLabel = 0x0001,
  kStart = 0x0002,
  kEnd = 0x0003,
  kObjectBegin = 0x0010,
  kData = 0x0011,
  kObjectEnd = 0x0012,
  kTombstone = 0x0013,
  kExcluded = 0x0014,
  kReference = 0x0015,
  kWhole = 0x0016,
  kContents = 0x0017,
  kSisReference = 0x0020,
  kRawEncryptedStream = 0x0021,
  kPolicyManifest = 0x0022,
  kBackupStreams = 0x0023,
  kLabelName = 0x0101,
  kWriter = 0x0102,
  kOptions = 0x0103,
  kContinues = 0x0104,
  kSessionEntry = 0x0110,
  kLabelCopy = 0x0120,
  kVolumeDependency = 0x0121,
  kIndexCopy = 0x0122,
  kStartCopy = 0x0123,
  kLeftOut = 0x0124,
  kPath = 0x0201,
  kLinkTarget = 0x0202,
  kOwnerName = 0x0203,
  kGroupName = 0x0204,
  kXattr = 0x0205,
  kHardLink = 0x0206,
  kAccessTime = 0x0207,
  kOtherName = 0x0208,
  kStream = 0x0209,
  kEarlierName = 0x020A,
  kFragment = 0x020B,
  kExcludedBy = 0x020C,
  kStreamEnd = 0x0210,
  kWholeStream = 0x0211,
  kNtfs = 0x0220,
  kShortName = 0x0221,
  kSecurityDescriptor = 0x0222,
  kObjectId = 0x0223,
  kExtendedAttributes = 0x0224,
  kReparseData = 0x0225,
  kEfsMetadata = 0x0226,
  kNtfsStream = 0x0227,
  kSis = 0x0228,
  kPolicyMatching = 0x0301,
  kPolicyInput = 0x0302,
  kPolicyValue = 0x0303,
  kPolicyRule = 0x0304,
  kPolicyVariable = 0x0305,
  kPolicyProfile = 0x0306,
  kPolicyDrive = 0x0307,
  kPolicyWriter = 0x0308,
  kPolicyWarning = 0x0309,
};
inline constexpr uint16_t kItemFlagRequired = 0x0001;

enum class SessionKind : uint8_t { kFull = 1, kAdditive = 2, kIncremental = 3 };
enum class SessionStatus : uint8_t { kComplete = 1, kInterrupted = 2, kContinued = 3 };
/// In END and SESSION_ENTRY: the session has a POLICY_MANIFEST.
inline constexpr uint8_t kSessionFlagPolicy = 0x01;

/// Feature bits this version understands (chapter 6.5): none are defined yet.
inline constexpr uint64_t kKnownReadFeatures = 0;
inline constexpr uint64_t kKnownAppendFeatures = 0;

using Uuid = std::array<std::byte, 16>;
using SessionId = std::array<std::byte, 8>;

/// "8-4-4-4-12" lower-case hexadecimal.
std::string FormatUuid(const Uuid& uuid);
std::string FormatSessionId(const SessionId& id);
std::string_view BlockTypeName(uint8_t type);
std::string_view ChunkKindName(uint8_t kind);
/// The registry's name, or "unknown".
std::string_view ItemTypeName(uint16_t type);

/// Where a block begins on its volume. Both numbers 0 mean: nowhere.
struct BlockPlace {
  uint64_t object = 0;  ///< blocks and marks before it
  uint64_t unit = 0;    ///< bytes before it / 4,096
  friend auto operator<=>(const BlockPlace&, const BlockPlace&) = default;
};

/// Where a chunk header stands.
struct Locator {
  BlockPlace block;
  uint32_t offset_bytes = 0;  ///< in the block
  friend auto operator<=>(const Locator&, const Locator&) = default;
};

}  // namespace tapir
