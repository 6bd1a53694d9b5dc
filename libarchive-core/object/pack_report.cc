#include "object/pack_report.h"

namespace tapir {

void PackReport::Warn(const std::string& path, const std::string& text) {
  options_.reporter->Report(NoticeKind::kWarning, path, text);
}

void PackReport::LeftOut(const std::string& path, const std::string& why) {
  Warn(path, why + "; left out");
  ++totals_.left_out;
}

void PackReport::Stored(const Metadata& metadata, const ObjectEnd& end,
                        const Reference* reference) {
  ++totals_.objects;
  for (const StreamEnd& stream : end.streams) totals_.content_bytes += stream.size;
  if (reference != nullptr) {
    ++totals_.references;
    totals_.reference_bytes += reference->length;
  }
  if (options_.progress != nullptr) {
    options_.progress->objects += 1;
    for (const StreamEnd& stream : end.streams) options_.progress->content_bytes += stream.size;
  }
  switch (end.status) {
    case ObjectStatus::kOk: return;
    case ObjectStatus::kChanged: Warn(metadata.path, "changed while it was read"); break;
    case ObjectStatus::kShort:
      Warn(metadata.path, "became shorter while it was read: " +
                              std::to_string(end.contents() ? end.contents()->size : 0) + " of " +
                              std::to_string(metadata.size) + " bytes are stored");
      break;
    case ObjectStatus::kUnreadable:
      Warn(metadata.path, "could not be read to its end; it is marked as unreadable");
      break;
  }
  ++totals_.flawed;
}

}  // namespace tapir
