#include "target/path_hash.h"

#include <algorithm>
#include <cstring>
#include <span>

#include "tapir/base/ambient.h"

namespace tapir::target {

namespace {

__extension__ typedef unsigned __int128 Wide;

constexpr uint64_t kPrime = (uint64_t{1} << 61) - 1;
constexpr uint64_t kRootHash = 1;  // 0 is what tables use for "empty"

uint64_t Step(uint64_t hash, uint64_t point, uint64_t word) {
  const Wide product = Wide{hash} * point + word;
  const uint64_t folded =
      static_cast<uint64_t>(product & kPrime) + static_cast<uint64_t>(product >> 61);
  return folded >= kPrime ? folded - kPrime : folded;
}

}  // namespace

PathHasher::PathHasher() : point_(0) {
  constexpr uint64_t kLeast = uint64_t{1} << 32;  // small ones would barely mix
  while (point_ < kLeast) {
    Ambient::System().FillRandom(std::as_writable_bytes(std::span(&point_, 1)));
    point_ %= kPrime;
  }
}

// Seven bytes and their number make a coefficient below the prime. One with fewer bytes, none at
// the least, ends the component, so no two paths have the same coefficients.
uint64_t PathHasher::Extend(uint64_t directory_hash, std::string_view name) const {
  constexpr size_t kWordBytes = 7;
  uint64_t hash = directory_hash - 1;
  for (size_t taken = kWordBytes; taken == kWordBytes; name.remove_prefix(taken)) {
    taken = std::min(name.size(), kWordBytes);
    uint64_t word = 0;
    std::memcpy(&word, name.data(), taken);
    hash = Step(hash, point_, word | (uint64_t{taken} << 56));
  }
  return hash + 1;
}

uint64_t PathHasher::Hash(std::string_view path) const {
  if (path == ".") path = {};
  uint64_t hash = kRootHash + 1;
  while (!path.empty()) {
    const size_t end = std::min(path.find('/'), path.size());
    hash = Extend(hash, path.substr(0, end));
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  return hash;
}

std::vector<PathHasher::Prefix> PathHasher::Prefixes(std::string_view path) const {
  if (path == ".") path = {};
  std::vector<Prefix> prefixes = {{0, Hash({})}};
  for (size_t begin = 0; begin < path.size();) {
    const size_t end = std::min(path.find('/', begin), path.size());
    prefixes.push_back({end, Extend(prefixes.back().hash, path.substr(begin, end - begin))});
    begin = end + 1;
  }
  return prefixes;
}

}  // namespace tapir::target
