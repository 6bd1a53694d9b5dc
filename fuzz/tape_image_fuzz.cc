#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "fuzz/support/memory_file.h"
#include "fuzz/support/require.h"
#include "tapir/device/virtual_tape.h"
#include "tapir/jobs/list_job.h"
#include "tapir/jobs/verify_job.h"

namespace {

using namespace tapir;
using fuzz::Require;

// Passes all objects forward by reading and backward by spacing; each way meets as many.
void ReadThrough(VirtualTape& tape) {
  std::vector<std::byte> buffer(1u << 20);
  Require(tape.SetTapePosition(TapePositioning::kRewind, 0, 0, false).ok(), "cannot rewind");
  uint64_t objects = 0;
  for (;; ++objects) {
    Result<TapeRead> read = tape.Read(buffer);
    if (read.ok() && read->kind == TapeReadKind::kEndOfData) break;
    Result<TapePosition> position = tape.GetTapePosition(TapePositionType::kLogical);
    Require(position.ok() && position->block == objects + 1, "an object is not passed by reading");
  }
  uint64_t back = 0;
  for (;;) {
    Status spaced = tape.SetTapePosition(TapePositioning::kRelativeBlocks, 0, -1, false);
    if (TapeErrorOf(spaced) == TapeError::kBeginningOfMedia) break;
    ++back;
    Require(spaced.ok() || TapeErrorOf(spaced) == TapeError::kFilemarkDetected,
            "spacing back stopped: " + spaced.ToString());
  }
  Require(back == objects, "forward and backward differ");
}

}  // namespace

// A tape image that anybody may have written: as a drive, and as a volume through verifying and
// listing, which agree on whether there is one.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static fuzz::MemoryFile file;
  file.Set({data, size});
  {
    Result<std::unique_ptr<VirtualTape>> tape =
        VirtualTape::Open(file.path(), VirtualTape::Mode::kExisting);
    if (!tape.ok()) return 0;
    ReadThrough(**tape);
  }
  VerifyRequest request;
  request.volume = "vtape:" + file.path();
  request.threads = 1;
  Result<VerifyReport> verified = VerifyVolume(request, {});
  Result<ListReport> listed =
      ListObjects(request.volume, {}, [](const ListedEntry&) { return OkStatus(); });
  if (!verified.ok()) {
    Require(
        listed.status().code() == verified.status().code(),
        "verifying: " + verified.status().ToString() + ", listing: " + listed.status().ToString());
    return 0;
  }
  bool lists_none = listed.status().code() == StatusCode::kForeign;
  Require(lists_none == (verified->verdict == Verdict::kForeign), "a volume for one of two only");
  if (verified->verdict == Verdict::kIntact) {
    Require(listed.ok() && listed->damages.empty(), "intact, but listing meets damage");
  }
  return 0;
}

extern "C" size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t max_size);
extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t max_size,
                                          unsigned /*seed*/) {
  return LLVMFuzzerMutate(data, size, max_size);
}
