#pragma once

#include <cstdint>
#include <string>

#include "tapir/base/status.h"
#include "tapir/jobs/sis_form.h"

namespace tapir::cli {

/// The list of calls that an agent on Windows makes after SIS links were restored: one JSON object
/// for each, in order. One thread at a time.
class SisCallList {
 public:
  void Take(const SisCall& call);

  bool empty() const { return lines_.empty(); }
  /// Writes the file, at once.
  Status Write(const std::string& path) const;

 private:
  std::string lines_;
};

}  // namespace tapir::cli
