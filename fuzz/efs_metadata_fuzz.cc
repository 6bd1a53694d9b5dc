#include <cstddef>
#include <cstdint>

#include "bytes/cursor.h"
#include "fuzz/support/require.h"
#include "tapir/windows/efs_metadata.h"

// $EFS metadata: places lie inside, and what is named is in proportion to the bytes.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace tapir;
  const EfsMetadata metadata = ParseEfsMetadata(std::as_bytes(std::span(data, size)));
  size_t text_bytes = 0;
  for (const EfsKeyEntry& key : metadata.keys) {
    fuzz::Require(key.place < size, "a key entry lies inside");
    text_bytes += key.thumbprint.size() + key.sid.size() + key.display_name.size() +
                  key.container_name.size() + key.provider_name.size() + key.descriptor.size();
  }
  // An identifier of 8 bytes makes the most text of one byte; four fields may share theirs.
  fuzz::Require(metadata.keys.size() * 8 <= size && text_bytes <= size * 32, "a bounded result");
  for (const Finding& finding : metadata.findings) {
    fuzz::Require(finding.offset <= size && !finding.text.empty(), "a finding lies inside");
  }
  return 0;
}
