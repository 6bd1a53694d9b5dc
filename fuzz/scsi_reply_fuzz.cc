#include <cstddef>
#include <cstdint>
#include <memory>

#include "device/scsi/sense.h"
#include "fuzz/support/require.h"
#include "fuzz/support/scsi_script.h"

// What a drive answers, to a fixed list of calls, and sense data: nothing that comes makes a call
// read or write past a buffer, go on for ever or take memory without bound.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace tapir;
  ByteSpan input = std::as_bytes(std::span(data, size));
  scsi::Sense sense = scsi::DecodeSense(input);
  fuzz::Require(sense.key <= 0xF && !scsi::RuleFor(sense).words.empty(), "a rule for each sense");
  fuzz::CallEverything(std::make_unique<fuzz::ScriptTransport>(input));
  return 0;
}
