#include "tools/catalog/names.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>

namespace tapir::cli {

namespace {

using catalog::Inventory;
using catalog::Session;
using catalog::Volume;

/// As many as FindSet takes for the beginning of a UUID.
constexpr size_t kShortUuidDigits = 8;

std::string ShortUuid(const Inventory& inventory, const Volume& volume) {
  const std::string_view digits = std::string_view(volume.uuid).substr(0, kShortUuidDigits);
  const auto alike = std::ranges::count_if(
      inventory.volumes(), [&](const Volume& other) { return other.uuid.starts_with(digits); });
  return alike == 1 ? std::string(digits) : volume.uuid;
}

}  // namespace

VolumeNames::VolumeNames(const Inventory& inventory) {
  std::map<std::string_view, std::set<std::string_view>> sets_of_label;
  std::map<std::string_view, uint32_t> last_of_set;
  std::map<std::pair<std::string_view, uint32_t>, int> at_place;
  for (const Volume& volume : inventory.volumes()) {
    sets_of_label[volume.label].insert(volume.set_uuid);
    uint32_t& last = last_of_set[volume.set_uuid];
    last = std::max(last, volume.sequence);
    ++at_place[{volume.set_uuid, volume.sequence}];
  }
  for (const Volume& volume : inventory.volumes()) {
    // Copies of one volume have the same label and sequence.
    const bool alone = at_place[{volume.set_uuid, volume.sequence}] == 1;
    if (volume.label.empty() || !alone || sets_of_label[volume.label].size() > 1) {
      names_[volume.key] = ShortUuid(inventory, volume);
    } else if (last_of_set[volume.set_uuid] == 1) {
      names_[volume.key] = volume.label;
    } else {
      names_[volume.key] = fmt::format("{}#{}", volume.label, volume.sequence);
    }
  }
}

std::string VolumeNames::Of(const Session& session) const {
  return fmt::format("{}:{}", names_.at(session.volume), session.number);
}

std::string MissingVolumes(const Inventory& inventory, std::string_view set_uuid) {
  std::set<uint32_t> known;
  for (const Volume& volume : inventory.volumes()) {
    if (volume.set_uuid == set_uuid) known.insert(volume.sequence);
  }
  constexpr size_t kMostNamed = 20;
  std::vector<uint32_t> missing;
  uint32_t next = 1;
  for (uint32_t sequence : known) {
    for (; next < sequence && missing.size() <= kMostNamed; ++next) missing.push_back(next);
    next = sequence + 1;
  }
  if (missing.empty()) return {};
  const bool cut = missing.size() > kMostNamed;
  if (cut) missing.resize(kMostNamed);
  return fmt::format("{} {}{} of the set {} not in the catalogue",
                     missing.size() == 1 ? "volume" : "volumes", fmt::join(missing, ", "),
                     cut ? " and more" : "", missing.size() == 1 ? "is" : "are");
}

std::optional<std::pair<std::string_view, uint32_t>> SplitNumber(std::string_view name,
                                                                 char separator) {
  const size_t at = name.rfind(separator);
  if (at == std::string_view::npos || at == 0) return std::nullopt;
  uint32_t number = 0;
  const char* end = name.data() + name.size();
  const auto [rest, error] = std::from_chars(name.data() + at + 1, end, number);
  if (error != std::errc() || rest != end || number == 0) return std::nullopt;
  return std::pair(name.substr(0, at), number);
}

Result<std::vector<const Volume*>> FindNamedSet(const Inventory& inventory, std::string_view name) {
  auto whole = inventory.FindSet(name);
  if (whole.ok() || whole.status().code() != StatusCode::kNotFound) return whole;
  const auto split = SplitNumber(name, '#');
  if (!split) return whole;
  TAPIR_ASSIGN_OR_RETURN(std::vector<const Volume*> volumes, inventory.FindSet(split->first));
  std::erase_if(volumes, [&](const Volume* volume) { return volume->sequence != split->second; });
  if (volumes.empty()) return whole;
  return volumes;
}

Result<const Volume*> FindNamedVolume(const Inventory& inventory, std::string_view name) {
  auto whole = inventory.FindVolume(name);
  if (whole.ok() || whole.status().code() != StatusCode::kNotFound) return whole;
  TAPIR_ASSIGN_OR_RETURN(const std::vector<const Volume*> volumes, FindNamedSet(inventory, name));
  if (volumes.size() == 1) return volumes.front();
  return InvalidArgument(
      fmt::format("several volumes are called '{}'; their UUIDs tell them apart", name));
}

Result<std::vector<const Session*>> FindNamedSession(const Inventory& inventory,
                                                     std::string_view name) {
  const auto split = SplitNumber(name, ':');
  if (!split) {
    return InvalidArgument(fmt::format(
        "'{}' names no session; give volume or set, a colon and the number: photos:2", name));
  }
  TAPIR_ASSIGN_OR_RETURN(const std::vector<const Volume*> volumes,
                         FindNamedSet(inventory, split->first));
  std::vector<const Session*> sessions = inventory.SessionsOf(volumes);
  std::erase_if(sessions, [&](const Session* session) { return session->number != split->second; });
  if (sessions.empty()) {
    return NotFound(
        fmt::format("the catalogue has no session {} of '{}'", split->second, split->first));
  }
  return sessions;
}

}  // namespace tapir::cli
