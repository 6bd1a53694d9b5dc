#include "tapir/catalog/inventory.h"

#include <algorithm>
#include <set>
#include <utility>

namespace tapir::catalog {
namespace {

constexpr size_t kLeastUuidDigits = 8;

bool IsCalled(const Volume& volume, std::string_view name) {
  const bool is_begin = name.size() >= kLeastUuidDigits &&
                        (volume.uuid.starts_with(name) || volume.set_uuid.starts_with(name));
  return is_begin || (!name.empty() && (volume.label == name || volume.address == name));
}

std::string Named(const Volume& volume) {
  return "volume " + std::to_string(volume.sequence) + " '" + volume.label + "' " + volume.uuid;
}

}  // namespace

Result<Inventory> Inventory::Read(Store& store) {
  Inventory inventory;
  TAPIR_ASSIGN_OR_RETURN(inventory.volumes_, store.Volumes());
  TAPIR_ASSIGN_OR_RETURN(std::vector<Session> sessions, store.Sessions());
  for (size_t i = 0; i < inventory.volumes_.size(); ++i) {
    inventory.volume_places_.emplace(inventory.volumes_[i].key, i);
  }
  // One that came between the two readings belongs to a volume that is not here yet.
  std::erase_if(sessions, [&](const Session& session) {
    return !inventory.volume_places_.contains(session.volume);
  });
  inventory.sessions_ = std::move(sessions);
  for (size_t i = 0; i < inventory.sessions_.size(); ++i) {
    inventory.session_places_.emplace(inventory.sessions_[i].key, i);
  }
  return inventory;
}

const Volume* Inventory::volume(VolumeKey key) const {
  const auto place = volume_places_.find(key);
  return place == volume_places_.end() ? nullptr : &volumes_[place->second];
}

const Session* Inventory::session(SessionKey key) const {
  const auto place = session_places_.find(key);
  return place == session_places_.end() ? nullptr : &sessions_[place->second];
}

std::vector<const Session*> Inventory::SessionsOf(VolumeKey volume) const {
  std::vector<const Session*> found;
  for (const Session& session : sessions_) {
    if (session.volume == volume) found.push_back(&session);
  }
  return found;
}

Result<std::vector<const Volume*>> Inventory::FindSet(std::string_view name) const {
  std::vector<const Volume*> found;
  std::set<std::string_view> sets;
  for (const Volume& volume : volumes_) {
    if (!IsCalled(volume, name)) continue;
    found.push_back(&volume);
    sets.insert(volume.set_uuid);
  }
  if (found.empty()) {
    return NotFound("the catalogue has no volume or set called '" + std::string(name) + "'");
  }
  if (sets.size() > 1) {
    std::string text = "'" + std::string(name) + "' is what several are called; say which by UUID:";
    for (const Volume* volume : found) text += " " + Named(*volume) + ";";
    text.pop_back();
    return InvalidArgument(std::move(text));
  }
  std::ranges::sort(found, {}, [](const Volume* volume) { return volume->sequence; });
  return found;
}

Result<const Volume*> Inventory::FindVolume(std::string_view name) const {
  TAPIR_ASSIGN_OR_RETURN(const std::vector<const Volume*> found, FindSet(name));
  if (found.size() == 1) return found.front();
  std::string text = "'" + std::string(name) + "' is a set; say which of its volumes by UUID:";
  for (const Volume* volume : found) text += " " + Named(*volume) + ";";
  text.pop_back();
  return InvalidArgument(std::move(text));
}

std::vector<const Session*> Inventory::SessionsOf(const std::vector<const Volume*>& volumes) const {
  std::vector<std::pair<const Volume*, const Session*>> found;
  for (const Volume* volume : volumes) {
    for (const Session* session : SessionsOf(volume->key)) found.emplace_back(volume, session);
  }
  std::ranges::stable_sort(found, {}, [](const auto& one) {
    return std::pair(one.second->number, one.first->sequence);
  });
  std::vector<const Session*> sessions;
  for (const auto& [volume, session] : found) sessions.push_back(session);
  return sessions;
}

}  // namespace tapir::catalog
