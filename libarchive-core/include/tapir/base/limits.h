#pragma once

#include <cstddef>
#include <cstdint>

namespace tapir {

/// Limits of the format (chapter 9). What is over one of them is refused before memory is taken.
namespace limits {

inline constexpr uint32_t kUnitBytes = 4096;
inline constexpr uint32_t kMinMaxBlockBytes = 64u << 10;
inline constexpr uint32_t kMaxBlockBytes = 8u << 20;
inline constexpr uint32_t kDefaultBlockBytes = 1u << 20;
inline constexpr uint32_t kMaxChunkRawBytes = 16u << 20;
inline constexpr size_t kMaxPathBytes = 1u << 20;
inline constexpr size_t kMaxComponentBytes = 4096;
inline constexpr size_t kMaxAttributeBytes = 8u << 20;  ///< of one object, together
inline constexpr size_t kMaxXattrValueBytes = 64u << 10;
inline constexpr uint32_t kMaxStreams = 65536;
inline constexpr size_t kMaxLeafPathBytes = 64u << 20;  ///< paths of one leaf, expanded
inline constexpr uint32_t kMaxIndexLevels = 8;
inline constexpr uint32_t kMaxSessions = 100000;
inline constexpr uint32_t kMaxIndexCopies = 16384;  ///< named by one END
inline constexpr uint32_t kMaxVolumes = 65536;      ///< of a set
inline constexpr uint64_t kMaxStreamBytes = (uint64_t{1} << 63) - 1;
inline constexpr uint64_t kMaxObjects = uint64_t{1} << 40;
inline constexpr size_t kMaxLabelNameBytes = 255;
inline constexpr size_t kMaxPolicyBytes = 8u << 20;  ///< of one manifest
inline constexpr uint32_t kMaxPolicyRules = 65536;
inline constexpr uint32_t kMaxPolicyProfiles = 4096;
inline constexpr uint32_t kMaxPolicyDrives = 4096;

}  // namespace limits
}  // namespace tapir
