#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tapir/base/status.h"
#include "tapir/catalog/inventory.h"
#include "tapir/catalog/records.h"

namespace tapir::cli {

/// What the volumes of a catalogue are called, each differently, in a way that the functions below
/// take back: "photos"; "photos#2", the second volume of a set; the beginning of the UUID if there
/// is no such label or several sets have it. Immutable.
class VolumeNames {
 public:
  explicit VolumeNames(const catalog::Inventory& inventory);

  /// Bytes as they are: escape them before they are shown.
  const std::string& Of(const catalog::Volume& volume) const { return names_.at(volume.key); }
  /// "photos#2:14", session 14 on that volume.
  std::string Of(const catalog::Session& session) const;

 private:
  std::map<catalog::VolumeKey, std::string> names_;
};

/// "volumes 1, 3 of the set are not in the catalogue"; empty if none before the last one is
/// missing.
std::string MissingVolumes(const catalog::Inventory& inventory, std::string_view set_uuid);

/// As Inventory::FindSet, and "NAME#2", volume 2 of the set.
Result<std::vector<const catalog::Volume*>> FindNamedSet(const catalog::Inventory& inventory,
                                                         std::string_view name);
/// As Inventory::FindVolume, and "NAME#2".
Result<const catalog::Volume*> FindNamedVolume(const catalog::Inventory& inventory,
                                               std::string_view name);

/// The parts of "NAME:14", a session of a volume or set: all of them that the catalogue has.
/// kInvalidArgument if it is not of this form; kNotFound.
Result<std::vector<const catalog::Session*>> FindNamedSession(const catalog::Inventory& inventory,
                                                              std::string_view name);

/// "photos", 14 of "photos:14" or "photos#14"; nothing if no number from 1 follows the last
/// `separator`, or nothing is before it.
std::optional<std::pair<std::string_view, uint32_t>> SplitNumber(std::string_view name,
                                                                 char separator);

}  // namespace tapir::cli
