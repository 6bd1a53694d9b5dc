#pragma once

#include <memory>

#include "object/pack_report.h"

namespace tapir {

struct CutPoint;

/// What counts once a chunk is on the medium.
struct ChunkNotes {
  PackNews news;
  /// The open object may end here and go on on the next volume.
  std::shared_ptr<const CutPoint> cut;
};

}  // namespace tapir
