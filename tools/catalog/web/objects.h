#pragma once

#include <memory>
#include <vector>

#include "tapir/catalog/find.h"
#include "tapir/catalog/inventory.h"
#include "tapir/catalog/reports.h"
#include "tools/catalog/facts.h"
#include "tools/catalog/names.h"
#include "tools/catalog/picture.h"
#include "tools/json.h"

namespace tapir::cli {

// What the page gets to see. Names are in the form in which they are shown (Escaped); an "id" is
// the bytes of a path, as EncodeId has them. Times are seconds since 1970.

/// A catalogue as of one moment.
struct CatalogView {
  catalog::Inventory inventory;
  VolumeNames names;
  std::vector<VolumeFacts> facts;  ///< of all volumes, by label; point into `inventory`

  /// On the heap, because of what points into it.
  static Result<std::unique_ptr<const CatalogView>> Read(catalog::Store& store);
};

/// The line of a volume in the list of volumes.
Json VolumeLine(const CatalogView& view, const VolumeFacts& facts);
Json SessionLine(const catalog::Session& session);
Json VerificationObject(const catalog::Verification& verification);
Json PictureObject(const VolumePicture& picture);
Json VersionObject(const CatalogView& view, const catalog::Version& version);
/// "word" of a volume is its address as a word of a command line.
Json NeedsObject(const CatalogView& view, const catalog::Needs& needs);

}  // namespace tapir::cli
