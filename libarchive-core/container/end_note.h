#pragma once

#include <optional>
#include <vector>

#include "bytes/cursor.h"
#include "container/format.h"

namespace tapir {

/// Where the last session of a volume ended, as it is noted beside the medium (format chapter 1.6).
struct EndNote {
  Uuid volume_uuid{};
  SessionId session_id{};
  BlockPlace end_place;  ///< of the first copy
};

std::vector<std::byte> EncodeEndNote(const EndNote& note);
std::optional<EndNote> DecodeEndNote(ByteSpan bytes);

}  // namespace tapir
