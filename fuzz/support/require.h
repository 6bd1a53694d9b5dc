#pragma once

#include <cstdio>
#include <cstdlib>
#include <string>

namespace tapir::fuzz {

/// Ends the process, as a finding, if something is not as it has to be.
inline void Require(bool fact, const std::string& what) {
  if (fact) return;
  std::fprintf(stderr, "fuzz: failed: %s\n", what.c_str());
  std::abort();
}

}  // namespace tapir::fuzz
