#pragma once

#include <string>
#include <string_view>

#include "tools/catalog/facts.h"

namespace tapir::cli {

/// What is known of the state of a volume, for people.
struct CatalogHealth {
  enum class Level { kUnknown, kGood, kDoubtful, kBad };
  Level level = Level::kUnknown;
  std::string text;  ///< "intact", "damaged: 3 places", "never verified"
};

/// "unknown", "good", "doubtful", "bad": for JSON and styles.
std::string_view HealthLevelName(CatalogHealth::Level level);

CatalogHealth HealthOf(const VolumeFacts& facts);

/// Level, coverage and what was found: "content of volume: intact, 1.2 GiB proven".
std::string VerificationText(const catalog::Verification& verification);

}  // namespace tapir::cli
