#pragma once

#include "tapir/jobs/volume_info.h"
#include "tools/json.h"
#include "tools/time_text.h"

namespace tapir::cli {

/// What is said of a session by a volume (SessionInfo) and by a catalogue (catalog::Session).
template <typename AnySession>
Json SessionFactsAsObject(const AnySession& session) {
  Json object{{"number", session.number},
              {"id", session.id},
              {"kind", session.kind},
              {"status", session.status},
              {"start", FormatUtcTime(session.start)},
              {"end", FormatUtcTime(session.end)},
              {"objects", session.object_count},
              {"content_bytes", session.content_bytes},
              {"first_unit", session.first_unit},
              {"digests", session.digests},
              {"options", session.options},
              {"writer", session.writer},
              {"end_digest", session.end_digest}};
  if (!session.begins_on.empty()) object["begins_on"] = session.begins_on;
  return object;
}

Json SessionAsObject(const SessionInfo& session);
Json VolumeAsObject(const VolumeInfo& volume);

}  // namespace tapir::cli
