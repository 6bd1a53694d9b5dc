#pragma once

#include <memory>
#include <string>

#include "object/session_writer.h"
#include "tapir/jobs/archive_job.h"

namespace tapir {

/// The volume on which a session goes on.
struct NextVolume {
  std::string name;
  std::unique_ptr<BlockDevice> device;
  AppendPoint point;
};

/// Asks for volumes until one can be taken: blank, or labelled and without sessions. It gets the
/// number `sequence` in the set of `last`. `refused` is why the volume before was none, or empty.
/// Fails as asking does.
Result<NextVolume> TakeNextVolume(const ArchiveRequest& request, const AppendPoint& last,
                                  std::string refused);

}  // namespace tapir
