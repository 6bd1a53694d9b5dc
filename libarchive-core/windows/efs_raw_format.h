#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "bytes/cursor.h"
#include "tapir/base/limits.h"

namespace tapir::efs {

/// Constants of raw exports ([MS-EFSR] 2.2.3), sizes in bytes.

inline constexpr std::string_view kRootMagic{"\0\x01\0\0R\0O\0B\0S\0", 12};
inline constexpr std::string_view kStreamMagic{"N\0T\0F\0S\0", 8};
inline constexpr std::string_view kSegmentMagic{"G\0U\0R\0E\0", 8};
inline constexpr std::string_view kExtendedMagic = "EXTD";
inline constexpr std::string_view kMetadataName = "\x10\x19";
inline constexpr std::string_view kSwappedMetadataName = "\x19\x10";

inline constexpr size_t kRootBytes = 20;
inline constexpr size_t kMagicEnd = 12;  ///< of a length and the signature behind it
inline constexpr size_t kStreamHeaderBytes = 28;
inline constexpr size_t kSegmentHeaderBytes = 16;
inline constexpr size_t kEncryptionHeaderBytes = 28;
inline constexpr size_t kExtendedHeaderBytes = 16;

inline constexpr size_t kMaxNameBytes = 65536;
/// An attribute list, at most 256 KiB, has room for 8,192 streams with names of 255 characters.
inline constexpr size_t kMaxStreamHeaderBytes = 8u << 20;
/// The most block sizes that can be counted, with zero fill to the next unit.
inline constexpr size_t kMaxEncryptionHeaderBytes =
    RoundUp(kSegmentHeaderBytes + kEncryptionHeaderBytes + 4 * 0xFFFF + kExtendedHeaderBytes, 512) -
    kSegmentHeaderBytes;
inline constexpr unsigned kMaxUnitShift = 30;
inline constexpr unsigned kMinClusterShift = 9;
inline constexpr unsigned kMaxClusterShift = 21;
/// Ciphertext comes in multiples of this.
inline constexpr size_t kCipherUnit = 512;
inline constexpr uint64_t kMaxStreamBytes = limits::kMaxStreamBytes;

/// A stream's name in a raw export as WTF-8, without the NUL that may end it.
std::string StreamNameText(ByteSpan raw_name);

}  // namespace tapir::efs
