#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "object/object_records.h"
#include "tapir/object/session_options.h"

namespace tapir {

/// What one rule of the policy left out.
struct LeftOutTotals {
  uint64_t objects = 0;
  uint64_t bytes = 0;
};

/// Sums over a session's objects.
struct PackTotals {
  uint64_t objects = 0;
  uint64_t content_bytes = 0;
  uint64_t flawed = 0;           ///< status not ok
  uint64_t left_out = 0;         ///< named and not stored
  uint64_t references = 0;       ///< stored as a reference to an equal content, wholly or in part
  uint64_t reference_bytes = 0;  ///< not stored again
  std::map<uint32_t, LeftOutTotals> excluded;  ///< by rule
};
void AddTotals(PackTotals& sum, const PackTotals& more);

/// What was found out about some objects while they were packed.
struct PackNews {
  PackTotals totals;
  std::vector<std::pair<std::string, std::string>> warnings;  ///< path, text
};
/// Tells the reporter and the progress of `options`, once the objects are on the medium.
void Tell(const PackNews& news, const SessionOptions& options);

/// Counts objects as they are packed and notes what went wrong with them.
class PackReport {
 public:
  void Stored(const Metadata& metadata, const ObjectEnd& end, const Reference* reference);
  void Excluded(const Metadata& metadata);
  void LeftOut(const std::string& path, const std::string& why);
  void Warn(const std::string& path, const std::string& text);
  /// What came since this was asked last.
  PackNews Take() { return std::exchange(news_, {}); }

 private:
  PackNews news_;
};

}  // namespace tapir
