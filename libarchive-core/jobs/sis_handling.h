#pragma once

#include <optional>

#include "jobs/sis_copies.h"
#include "jobs/sis_links.h"

namespace tapir {

/// What a restore makes of SIS links: one of the two, or neither.
struct SisHandling {
  std::optional<SisLinks> links;
  std::optional<SisCopies> copies;
};

}  // namespace tapir
