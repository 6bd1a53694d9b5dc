#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace tapir::target {

/// Names paths by 64 bits: a polynomial over their bytes modulo 2^61 - 1 at a random point. Who
/// does not know the point (whoever made the volume) can do no better than chance, and two of
/// 10 million paths of 100 bytes meet with a probability of about 0.04 %; so the restored tree is
/// remembered without its names. Never 0. Immutable, thread-safe.
class PathHasher {
 public:
  /// With a random point of its own.
  PathHasher();

  /// "." and "" name the root.
  uint64_t Hash(std::string_view path) const;

  /// The hash of what is called `name` in the directory of this hash.
  uint64_t Extend(uint64_t directory_hash, std::string_view name) const;

  /// A beginning of a path that ends with a whole component.
  struct Prefix {
    size_t length_bytes = 0;
    uint64_t hash = 0;
  };

  /// From the root (length 0) to the path itself.
  std::vector<Prefix> Prefixes(std::string_view path) const;

 private:
  uint64_t point_;
};

}  // namespace tapir::target
