#include "tapir/base/damage.h"

namespace tapir {

std::string_view DamageKindName(DamageKind kind) {
  switch (kind) {
    case DamageKind::kDevice: return "device";
    case DamageKind::kBlock: return "block";
    case DamageKind::kChunk: return "chunk";
    case DamageKind::kRecord: return "record";
    case DamageKind::kIndex: return "index";
    case DamageKind::kDigest: return "digest";
    case DamageKind::kReference: return "reference";
    case DamageKind::kSession: return "session";
    case DamageKind::kUnsupported: return "unsupported";
    case DamageKind::kUnusedTail: return "unused tail";
  }
  return "unknown";
}

}  // namespace tapir
