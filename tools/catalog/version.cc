#include "tools/catalog/version.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "tools/escape.h"

namespace tapir::cli {

namespace {

using catalog::Version;
using catalog::Volume;

/// Names of volumes that are longer push what follows to the right.
constexpr size_t kWidestName = 24;

}  // namespace

ListedEntry ListedOf(const Version& version, const catalog::Inventory& inventory) {
  if (version.session == nullptr) return ListedEntry{0, 0, 0, false, version.entry};
  const uint32_t last = inventory.VolumeOf(*version.session).sequence;
  const uint32_t first = version.earlier_parts.empty()
                             ? last
                             : inventory.VolumeOf(*version.earlier_parts.front()).sequence;
  return ListedEntry{version.session->number, first, last, false, version.entry};
}

Json VersionAsObject(const Version& version, const OpenedCatalog& opened) {
  if (version.session == nullptr) {
    Json object;
    PutName(object, "path", version.entry.path);
    object["type"] = TypeName(version.entry.type);
    return object;
  }
  const Volume& volume = opened.inventory.VolumeOf(*version.session);
  Json object = EntryAsObject(ListedOf(version, opened.inventory), {});
  object.erase("last_volume");
  PutName(object, "volume", opened.names.Of(volume));
  object["volume_uuid"] = volume.uuid;
  object["volume_sequence"] = volume.sequence;
  if (!volume.location.empty()) PutName(object, "location", volume.location);
  object["block"] = version.entry.block_object;
  object["unit"] = version.entry.block_unit;
  if (!version.earlier_parts.empty()) {
    Json parts = Json::array();
    for (const catalog::Session* part : version.earlier_parts) {
      Json place;
      PutName(place, "volume", opened.names.Of(opened.inventory.VolumeOf(*part)));
      place["volume_uuid"] = opened.inventory.VolumeOf(*part).uuid;
      place["session"] = part->number;
      parts.push_back(std::move(place));
    }
    object["earlier_parts"] = std::move(parts);
  }
  return object;
}

VersionLines::VersionLines(const OpenedCatalog& opened, Form form, bool escape)
    : opened_(opened), form_(form), escape_(escape), long_lines_(escape, false) {
  for (const catalog::Session& session : opened.inventory.sessions()) {
    name_width_ = std::max(name_width_, CharacterCount(Escaped(opened.names.Of(session))));
  }
  name_width_ = std::min(name_width_, kWidestName);
}

void VersionLines::Append(std::string& out, const Version& version) {
  const std::string name =
      version.session == nullptr ? "" : Escaped(opened_.names.Of(*version.session));
  fmt::format_to(std::back_inserter(out), "{:<{}}  ", name, name_width_);
  if (form_ == Form::kLong && version.session != nullptr) {
    long_lines_.Append(out, ListedOf(version, opened_.inventory), {});
  } else if (escape_) {
    AppendEscaped(out, version.entry.path);
  } else {
    out += version.entry.path;
  }
}

}  // namespace tapir::cli
