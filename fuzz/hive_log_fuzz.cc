#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "bytes/cursor.h"
#include "fuzz/support/hive_parts.h"
#include "fuzz/support/require.h"
#include "tapir/windows/hive_log.h"

namespace {

using namespace tapir;
using fuzz::Require;

}  // namespace

// A hive and three logs that anybody may have written.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const fuzz::HiveParts parts = fuzz::SplitHiveParts(std::as_bytes(std::span(data, size)));
  const std::string hive(parts[0]);
  const HiveLogs logs{parts[1], parts[2], parts[3]};
  const HiveRecovery recovery = RecoverHive(hive, logs);
  Require(recovery.hive.size() >= hive.size() && recovery.hive.size() <= size,
          "a hive of more than its logs fill");
  for (const Finding& finding : recovery.findings) {
    Require(finding.offset <= size, "a finding outside");
  }
  const bool changed = !recovery.replayed.empty() || recovery.header_recovered;
  Require(recovery.was_dirty || !changed, "a hive that was not dirty was changed");
  if (!changed) {
    Require(recovery.hive == hive, "a hive was changed without a word");
    return 0;
  }
  const HiveRecovery again = RecoverHive(recovery.hive, logs);
  Require(!again.was_dirty && again.hive == recovery.hive, "it needs another replay");
  return 0;
}

// Changes something, and mostly makes checksums and hashes right again.
extern "C" size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t max_size);
extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t max_size,
                                          unsigned seed) {
  size = LLVMFuzzerMutate(data, size, max_size);
  if (seed % 8 != 0) fuzz::MendHiveParts(std::as_writable_bytes(std::span(data, size)));
  return size;
}
