#pragma once

#include <string>
#include <vector>

#include "tapir/catalog/reports.h"
#include "tools/catalog/web/objects.h"

namespace tapir::cli {

/// Contents that stand under several paths, counted.
struct DuplicateSummary {
  uint64_t contents = 0;
  uint64_t copies = 0;                         ///< the paths beyond the first of each
  uint64_t copied_bytes = 0;                   ///< what these hold
  std::vector<catalog::ContentGroup> largest;  ///< by what the further ones hold
};

/// What a page about a catalogue shows.
struct CatalogPage {
  std::string catalog;  ///< its name
  Timestamp made;
  const CatalogView* view = nullptr;
  std::vector<VolumePicture> pictures;  ///< in the order of view->facts
  DuplicateSummary duplicates;
};

/// One page of HTML that needs nothing but itself, and no script.
std::string PageAsHtml(const CatalogPage& page);

}  // namespace tapir::cli
