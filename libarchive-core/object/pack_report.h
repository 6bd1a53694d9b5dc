#pragma once

#include <string>

#include "object/object_records.h"
#include "tapir/object/session_options.h"

namespace tapir {

/// Sums over a session's objects.
struct PackTotals {
  uint64_t objects = 0;
  uint64_t content_bytes = 0;
  uint64_t flawed = 0;           ///< status not ok
  uint64_t left_out = 0;         ///< named and not stored
  uint64_t references = 0;       ///< stored as a reference to an equal content, wholly or in part
  uint64_t reference_bytes = 0;  ///< not stored again
};

/// Counts objects as they are packed and names what went wrong with them.
class PackReport {
 public:
  explicit PackReport(const SessionOptions& options) : options_(options) {}

  void Stored(const Metadata& metadata, const ObjectEnd& end, const Reference* reference);
  void LeftOut(const std::string& path, const std::string& why);
  void Warn(const std::string& path, const std::string& text);
  const PackTotals& totals() const { return totals_; }

 private:
  const SessionOptions& options_;
  PackTotals totals_;
};

}  // namespace tapir
