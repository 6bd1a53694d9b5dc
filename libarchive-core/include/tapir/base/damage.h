#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tapir {

/// Kinds of damage (format chapter 8.3).
enum class DamageKind {
  kDevice,
  kBlock,
  kChunk,
  kRecord,
  kIndex,
  kDigest,
  kReference,
  kSession,
  kUnsupported,  ///< not damage: something a newer reader knows
  kUnusedTail,   ///< not damage: the remains of a session that never ended, or zeros at the end
};

/// "block", "stream digest", ... for messages and JSON.
std::string_view DamageKindName(DamageKind kind);

/// One thing found wrong, and where.
struct Damage {
  DamageKind kind = DamageKind::kBlock;
  uint64_t object = 0;          ///< object number of the block (blocks and marks before it)
  uint64_t unit = 0;            ///< its unit number (bytes before it / 4,096)
  uint64_t length_bytes = 0;    ///< of the range concerned, 0 if it is a place
  uint32_t session_number = 0;  ///< 0: not known, or none
  std::string text;
  std::string path;  ///< the object concerned, if it is a single one
};

}  // namespace tapir
