#pragma once

#include <cstddef>
#include <span>

#include "tapir/base/timestamp.h"

namespace tapir {

/// What a run takes from around it besides its input: the time and random identifiers. Replaced by
/// a fixed one, the same input gives the same bytes. Implementations must be thread-safe.
class Ambient {
 public:
  virtual ~Ambient() = default;
  virtual Timestamp Now() = 0;
  virtual void FillRandom(std::span<std::byte> out) = 0;

  /// The system's clock and random numbers; lives for ever.
  static Ambient& System();
};

}  // namespace tapir
