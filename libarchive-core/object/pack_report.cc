#include "object/pack_report.h"

namespace tapir {

void AddTotals(PackTotals& sum, const PackTotals& more) {
  sum.objects += more.objects;
  sum.content_bytes += more.content_bytes;
  sum.flawed += more.flawed;
  sum.left_out += more.left_out;
  sum.references += more.references;
  sum.reference_bytes += more.reference_bytes;
  for (const auto& [rule, totals] : more.excluded) {
    sum.excluded[rule].objects += totals.objects;
    sum.excluded[rule].bytes += totals.bytes;
  }
}

void Tell(const PackNews& news, const SessionOptions& options) {
  for (const auto& [path, text] : news.warnings) {
    options.reporter->Report(NoticeKind::kWarning, path, text);
  }
  if (options.progress == nullptr) return;
  options.progress->objects += news.totals.objects;
  options.progress->content_bytes += news.totals.content_bytes;
}

void PackReport::Warn(const std::string& path, const std::string& text) {
  news_.warnings.emplace_back(path, text);
}

void PackReport::Excluded(const Metadata& metadata) {
  LeftOutTotals& totals = news_.totals.excluded[*metadata.excluded_by];
  ++totals.objects;
  totals.bytes += metadata.size;
}

void PackReport::LeftOut(const std::string& path, const std::string& why) {
  Warn(path, why + "; left out");
  ++news_.totals.left_out;
}

void PackReport::Stored(const Metadata& metadata, const ObjectEnd& end,
                        const Reference* reference) {
  PackTotals& totals = news_.totals;
  ++totals.objects;
  for (const StreamEnd& stream : end.streams) totals.content_bytes += stream.size;
  if (reference != nullptr) {
    ++totals.references;
    totals.reference_bytes += reference->length;
  }
  switch (end.status) {
    case ObjectStatus::kOk:
    case ObjectStatus::kContinued: return;
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
  ++totals.flawed;
}

}  // namespace tapir
