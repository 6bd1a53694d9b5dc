#include "tapir/device/tape_profile.h"

namespace tapir {

// Rates, capacities, tracks and times of full-height drives as their vendors publish them. The
// slowest streaming rate and the back-hitch time of LTO-10 are taken over from LTO-9.
const std::vector<TapeProfile>& TapeProfiles() {
  static const std::vector<TapeProfile> kProfiles = {
      {"lto-9", "LTO-9", 18'000'000'000'000, 0x60, 4, false, 400, 177, 1ull << 30, 16, 56, 65, 62,
       3.0, 280},
      {"lto-8", "LTO-8", 12'000'000'000'000, 0x5E, 4, false, 360, 112, 1ull << 30, 15, 24, 59, 59,
       3.0, 208},
      {"lto-10", "LTO-10", 30'000'000'000'000, 0, 4, false, 400, 177, 1ull << 30, 16, 56, 65, 62,
       3.0, 472},
      {"dds-4", "DDS-4", 20'000'000'000, 0x26, 2, true, 2.75, 1, 8ull << 20, 15, 12, 50, 50, 2.0,
       1},
  };
  return kProfiles;
}

const TapeProfile* FindTapeProfile(std::string_view name) {
  for (const TapeProfile& profile : TapeProfiles()) {
    if (profile.name == name) return &profile;
  }
  return nullptr;
}

}  // namespace tapir
