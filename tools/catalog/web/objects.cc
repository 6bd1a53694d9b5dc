#include "tools/catalog/web/objects.h"

#include <algorithm>
#include <utility>

#include "tools/catalog/health.h"
#include "tools/catalog/web/parameters.h"
#include "tools/damage_text.h"
#include "tools/entry_text.h"
#include "tools/escape.h"
#include "tools/shell_word.h"

namespace tapir::cli {

namespace {

std::string_view ObjectStatusName(ObjectStatus status) {
  switch (status) {
    case ObjectStatus::kOk: return "";
    case ObjectStatus::kChanged: return "changed while it was archived";
    case ObjectStatus::kShort: return "shorter than it had been";
    case ObjectStatus::kUnreadable: return "unreadable when it was archived";
    case ObjectStatus::kContinued: return "goes on on the next volume";
  }
  return "";
}

Json PlaceOf(const CatalogView& view, const catalog::Volume& volume) {
  return Json{{"uuid", volume.uuid},
              {"name", Escaped(view.names.Of(volume))},
              {"location", Escaped(volume.location)}};
}

}  // namespace

Result<std::unique_ptr<const CatalogView>> CatalogView::Read(catalog::Store& store) {
  TAPIR_ASSIGN_OR_RETURN(catalog::Inventory inventory, catalog::Inventory::Read(store));
  VolumeNames names(inventory);
  auto view = std::make_unique<CatalogView>(
      CatalogView{.inventory = std::move(inventory), .names = std::move(names), .facts = {}});
  TAPIR_ASSIGN_OR_RETURN(view->facts, ReadVolumeFacts(store, view->inventory));
  return std::unique_ptr<const CatalogView>(std::move(view));
}

Json VolumeLine(const CatalogView& view, const VolumeFacts& facts) {
  const catalog::Volume& volume = *facts.volume;
  uint64_t objects = 0;
  uint64_t content_bytes = 0;
  for (const catalog::Session* session : facts.sessions) {
    objects += session->object_count;
    content_bytes += session->content_bytes;
  }
  const CatalogHealth health = HealthOf(facts);
  Json line{{"uuid", volume.uuid},
            {"set", volume.set_uuid},
            {"name", Escaped(view.names.Of(volume))},
            {"sequence", volume.sequence},
            {"location", Escaped(volume.location)},
            {"address", Escaped(volume.address)},
            {"created", volume.created.seconds},
            {"updated", volume.updated.seconds},
            {"writer", Escaped(volume.writer)},
            {"used_bytes", volume.used_bytes},
            {"sessions", facts.sessions.size()},
            {"objects", objects},
            {"content_bytes", content_bytes},
            {"health", HealthLevelName(health.level)},
            {"health_text", Escaped(health.text)}};
  if (volume.capacity_bytes) line["capacity_bytes"] = *volume.capacity_bytes;
  if (const auto free = facts.FreeBytes()) line["free_bytes"] = *free;
  if (!facts.verifications.empty()) {
    line["verified"] = facts.verifications.back().time.seconds;
  }
  return line;
}

Json SessionLine(const catalog::Session& session) {
  return Json{{"number", session.number},
              {"kind", Escaped(session.kind)},
              {"status", Escaped(session.status)},
              {"start", session.start.seconds},
              {"end", session.end.seconds},
              {"objects", session.object_count},
              {"content_bytes", session.content_bytes},
              {"digests", Escaped(session.digests)},
              {"options", Escaped(session.options)},
              {"writer", Escaped(session.writer)},
              {"from_records", session.from_records}};
}

Json VerificationObject(const catalog::Verification& verification) {
  constexpr size_t kMostShown = 100;
  Json damages = Json::array();
  for (const Damage& damage : verification.damages) {
    if (damages.size() == kMostShown) break;
    std::string text = DamageAsText(damage);
    if (!damage.path.empty()) text += " (" + Quoted(damage.path) + ")";
    damages.push_back(SafeText(text));
  }
  return Json{{"time", verification.time.seconds},
              {"verdict", Escaped(verification.verdict)},
              {"text", Escaped(VerificationText(verification))},
              {"damage_count", verification.damage_count},
              {"damages", damages}};
}

Json PictureObject(const VolumePicture& picture) {
  Json shapes = Json::array();
  for (const PictureShape& shape : ShapesOf(picture)) {
    shapes.push_back(Json{{"class", shape.style_class}, {"path", shape.path}});
  }
  // [cells, look, session, damaged]
  Json runs = Json::array();
  for (size_t at = 0; at < picture.cells.size();) {
    const VolumePicture::Cell& cell = picture.cells[at];
    size_t end = at + 1;
    while (end < picture.cells.size() && picture.cells[end] == cell) ++end;
    runs.push_back(Json::array({end - at, LookName(cell.look), cell.session, cell.damaged}));
    at = end;
  }
  Json rows = Json::array();
  for (const VolumePicture::Row& row : picture.rows) {
    rows.push_back(Json{{"session", row.session},
                        {"first_unit", row.first_unit},
                        {"data", row.data},
                        {"shared", row.shared},
                        {"index", row.index},
                        {"other", row.other}});
  }
  return Json{{"columns", VolumePicture::kColumns},
              {"lines", picture.lines()},
              {"units", picture.units},
              {"units_per_cell", picture.units_per_cell},
              {"shapes", shapes},
              {"runs", runs},
              {"rows", rows}};
}

Json VersionObject(const CatalogView& view, const catalog::Version& version) {
  const Entry& entry = version.entry;
  Json object{{"path", Escaped(entry.path)},
              {"id", EncodeId(entry.path)},
              {"type", TypeName(entry.type)},
              {"size", entry.size},
              {"mtime", entry.mtime.seconds},
              {"uid", entry.uid},
              {"gid", entry.gid}};
  if (!entry.link_target.empty()) object["target"] = Escaped(entry.link_target);
  if (entry.status != ObjectStatus::kOk) object["status"] = ObjectStatusName(entry.status);
  // A directory that only stands in paths is in no session.
  if (version.session == nullptr) return object;
  object["session"] = version.session->number;
  const catalog::Volume& volume = view.inventory.VolumeOf(*version.session);
  object["set"] = volume.set_uuid;
  Json volumes = Json::array();
  for (const catalog::Session* session : version.earlier_parts) {
    volumes.push_back(PlaceOf(view, view.inventory.VolumeOf(*session)));
  }
  volumes.push_back(PlaceOf(view, volume));
  object["volumes"] = volumes;
  return object;
}

Json NeedsObject(const CatalogView& view, const catalog::Needs& needs) {
  Json volumes = Json::array();
  for (const catalog::NeededVolume& needed : needs.volumes) {
    volumes.push_back(Json{{"uuid", needed.volume->uuid},
                           {"name", Escaped(view.names.Of(*needed.volume))},
                           {"sequence", needed.volume->sequence},
                           {"location", Escaped(needed.volume->location)},
                           {"word", ShellWord(needed.volume->address)},
                           {"sessions", needed.sessions},
                           {"objects", needed.objects},
                           {"content_bytes", needed.content_bytes}});
  }
  Json unmatched = Json::array();
  for (const std::string& pattern : needs.unmatched_patterns) unmatched.push_back(Escaped(pattern));
  Json missing = Json::array();
  for (const std::string& text : needs.missing) missing.push_back(SafeText(text));
  return Json{{"volumes", volumes},
              {"objects", needs.objects},
              {"content_bytes", needs.content_bytes},
              {"unmatched", unmatched},
              {"missing", missing}};
}

}  // namespace tapir::cli
