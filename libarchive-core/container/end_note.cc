#include "container/end_note.h"

#include <algorithm>
#include <string>

namespace tapir {

std::vector<std::byte> EncodeEndNote(const EndNote& note) {
  std::string bytes;
  WriteCursor to(bytes);
  to.Bytes(note.volume_uuid);
  to.Bytes(note.session_id);
  to.U64(note.end_place.object);
  to.U64(note.end_place.unit);
  ByteSpan view = AsBytes(bytes);
  return {view.begin(), view.end()};
}

std::optional<EndNote> DecodeEndNote(ByteSpan bytes) {
  ReadCursor from(bytes);
  EndNote note;
  auto take = [&from](auto& field) {
    ByteSpan value = from.ReadBytes(field.size());
    std::copy(value.begin(), value.end(), field.begin());
  };
  take(note.volume_uuid);
  take(note.session_id);
  note.end_place.object = from.U64();
  note.end_place.unit = from.U64();
  bool whole = from.ok() && from.remaining() == 0;
  return whole ? std::optional(note) : std::nullopt;
}

}  // namespace tapir
