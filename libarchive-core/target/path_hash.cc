#include "target/path_hash.h"

#include <span>

#include "tapir/base/ambient.h"

namespace tapir::target {

namespace {

__extension__ typedef unsigned __int128 Wide;

constexpr uint64_t kPrime = (uint64_t{1} << 61) - 1;

uint64_t Step(uint64_t hash, uint64_t point, char byte) {
  const Wide product = Wide{hash} * point + static_cast<unsigned char>(byte) + 1;
  const uint64_t folded =
      static_cast<uint64_t>(product & kPrime) + static_cast<uint64_t>(product >> 61);
  return folded >= kPrime ? folded - kPrime : folded;
}

// Kept away from 0, which tables use for "empty".
uint64_t Finished(uint64_t hash) { return hash + 1; }

}  // namespace

PathHasher::PathHasher() : point_(0) {
  while (point_ < 256) {  // small ones would barely mix
    Ambient::System().FillRandom(std::as_writable_bytes(std::span(&point_, 1)));
    point_ %= kPrime;
  }
}

uint64_t PathHasher::Hash(std::string_view path) const {
  if (path == ".") path = {};
  uint64_t hash = 0;
  for (const char byte : path) hash = Step(hash, point_, byte);
  return Finished(hash);
}

std::vector<PathHasher::Prefix> PathHasher::Prefixes(std::string_view path) const {
  if (path == ".") path = {};
  std::vector<Prefix> prefixes = {{0, Finished(0)}};
  uint64_t hash = 0;
  for (size_t i = 0; i < path.size(); ++i) {
    if (path[i] == '/') prefixes.push_back({i, Finished(hash)});
    hash = Step(hash, point_, path[i]);
  }
  if (!path.empty()) prefixes.push_back({path.size(), Finished(hash)});
  return prefixes;
}

}  // namespace tapir::target
