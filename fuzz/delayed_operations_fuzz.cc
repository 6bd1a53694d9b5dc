#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "bytes/cursor.h"
#include "fuzz/support/require.h"
#include "tapir/windows/delayed_operations.h"

namespace {

using namespace tapir;
using fuzz::Require;

struct Outcome {
  std::vector<DelayedOperation> operations;
  std::vector<Finding> findings;

  bool rejected() const {
    for (const Finding& finding : findings) {
      if (finding.severity == Severity::kReject) return true;
    }
    return false;
  }
  bool operator==(const Outcome&) const = default;
};

Outcome ReadIn(ByteSpan bytes, size_t piece) {
  Outcome outcome;
  DelayedOperationsReader reader(
      [&](const DelayedOperation& operation) { outcome.operations.push_back(operation); },
      [&](const Finding& finding) { outcome.findings.push_back(finding); });
  for (size_t at = 0; at < bytes.size(); at += piece) {
    reader.Feed(bytes.subspan(at, std::min(piece, bytes.size() - at)));
  }
  reader.Finish();
  return outcome;
}

}  // namespace

// A file of operations that anybody may have written.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const ByteSpan bytes = std::as_bytes(std::span(data, size));
  const Outcome whole = ReadIn(bytes, bytes.size() + 1);
  Require(whole == ReadIn(bytes, 1), "pieces are read otherwise");
  for (const Finding& finding : whole.findings) {
    Require(finding.offset <= bytes.size(), "a finding outside");
  }
  if (whole.rejected()) return 0;
  const Result<std::string> built = BuildDelayedOperations(whole.operations);
  Require(built.ok(), "what was read cannot be written: " + built.status().ToString());
  Require(ReadIn(AsBytes(*built), 7).operations == whole.operations, "it comes back otherwise");
  const Result<std::vector<DelayedOperation>> ordered = OrderDelayedOperations(whole.operations);
  if (!ordered.ok()) return 0;
  Require(ordered->size() <= 2 * whole.operations.size(), "an order of more operations");
  const auto again = OrderDelayedOperations(*ordered);
  Require(again.ok(), "an order that has none: " + again.status().ToString());
  return 0;
}
