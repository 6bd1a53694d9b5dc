#include "tools/session_json.h"

namespace tapir::cli {

Json SessionAsObject(const SessionInfo& session) {
  Json object = SessionFactsAsObject(session);
  object["end_readable"] = session.end_readable;
  object["supported"] = session.supported;
  object["policy"] = session.has_policy;
  return object;
}

Json VolumeAsObject(const VolumeInfo& volume) {
  Json object;
  PutName(object, "volume", volume.volume);
  object["uuid"] = volume.uuid;
  object["set_uuid"] = volume.set_uuid;
  PutName(object, "label", volume.label);
  object["volume_sequence"] = volume.volume_sequence;
  object["created"] = FormatUtcTime(volume.created);
  object["writer"] = volume.writer;
  object["max_block_bytes"] = volume.max_block_bytes;
  object["full_blocks"] = volume.full_blocks;
  object["label_damaged"] = volume.label_damaged;
  object["volume_bytes"] = volume.volume_bytes;
  object["read_features"] = volume.read_features;
  object["append_features"] = volume.append_features;
  object["torn"] = volume.torn;
  if (volume.torn) object["torn_first_unit"] = volume.torn_first_unit;
  if (!volume.being_written_by.empty()) object["being_written_by"] = volume.being_written_by;
  object["earlier_volumes"] = Json::array();
  for (const SetVolume& earlier : volume.earlier_volumes) {
    object["earlier_volumes"].push_back({{"sequence", earlier.sequence}, {"uuid", earlier.uuid}});
  }
  object["sessions"] = Json::array();
  for (const SessionInfo& session : volume.sessions) {
    object["sessions"].push_back(SessionAsObject(session));
  }
  return object;
}

}  // namespace tapir::cli
