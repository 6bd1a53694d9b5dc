#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace tapir {

/// Volume coherency information of the cartridge memory (attribute 080Ch, SSC): it holds as long as
/// the volume change reference is the one in it. Views.
struct Coherency {
  std::span<const std::byte> change_reference;
  uint64_t count = 0;
  std::span<const std::byte> note;  ///< application specific, behind this program's name
};

std::vector<std::byte> EncodeCoherency(const Coherency& coherency);
/// Nothing for what another program wrote, or what cannot be read. Views point into `value`.
std::optional<Coherency> DecodeCoherency(std::span<const std::byte> value);

}  // namespace tapir
