#pragma once

#include <string>
#include <vector>

#include "jobs/open_volume.h"
#include "jobs/session_choice.h"

namespace tapir {

/// Volumes of one set that are read together, in their order.
using OpenedSet = std::vector<OpenedVolume>;

/// Opens a volume and those that follow it in its set. kInvalidArgument naming the one that does
/// not belong there: of another set, out of order, or not the one on which the session before it
/// went on. Without `next` the only one may be a stream.
/// Damage is no reason to refuse one: what is left is read.
Result<OpenedSet> OpenSetToRead(const std::string& volume, const std::vector<std::string>& next);

/// kInvalidArgument, in words, if this is not the label of that volume of the set.
Status CheckIsOfSet(const Label& label, const std::string& set_uuid, uint32_t sequence);

/// What is not at hand of these sessions, in words: parts on volumes of the set that were not
/// given, and ends that were never written. Empty if nothing is missing.
std::string MissingVolumes(OpenedSet& volumes, const std::vector<SessionPlace>& sessions);

}  // namespace tapir
