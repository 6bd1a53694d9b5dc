#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tapir/catalog/records.h"
#include "tools/catalog/place.h"
#include "tools/json.h"

namespace tapir::cli {

/// What a catalogue knows of a volume. Pointers into the catalogue that was opened.
struct VolumeFacts {
  const catalog::Volume* volume = nullptr;
  std::vector<const catalog::Session*> sessions;
  std::vector<catalog::Note> notes;
  std::vector<catalog::Verification> verifications;  ///< the last one last

  /// Nothing: not known.
  std::optional<uint64_t> FreeBytes() const;
  /// What verifications say: the verdict of the last one of the whole volume, or of a later one of
  /// a part that was not intact; "unverified" if there is none.
  std::string Health() const;
  /// That ended after the last verification of the whole volume, and so are not proven by it.
  uint64_t SessionsSince() const;

 private:
  const catalog::Verification* LastWhole() const;
};

/// Of all volumes, by set and sequence.
Result<std::vector<VolumeFacts>> ReadVolumeFacts(catalog::Store& store,
                                                 const catalog::Inventory& inventory);

/// The object of `catalog volumes --json`.
Json FactsAsObject(const VolumeFacts& facts, const OpenedCatalog& opened);

}  // namespace tapir::cli
