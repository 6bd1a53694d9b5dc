#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "bytes/cursor.h"
#include "fuzz/support/require.h"
#include "tapir/windows/efs_raw.h"
#include "tests/support/efs_samples.h"

// A raw export: how it is cut into pieces changes nothing; what is well formed is what can be
// imported, except that the metadata are for the target to judge; and what arrives is what the
// summary says.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace tapir;
  const ByteSpan bytes = std::as_bytes(std::span(data, size));
  const size_t piece = size == 0 ? 1 : 1 + data[size - 1] % 67u;
  EfsRawValidator validator;
  for (size_t at = 0; at < size; at += piece) {
    validator.Feed(bytes.subspan(at, std::min(piece, size - at)));
  }
  const EfsRawSummary pieces = validator.Finish();
  const EfsRawSummary whole = ValidateEfsRaw(bytes);
  fuzz::Require(pieces.findings == whole.findings, "the same findings in pieces");
  test::ArrivedFile arrived;
  test::ArrivedFile again;
  const bool taken = test::ImportExport(AsText(bytes), 64 << 10, arrived).ok();
  fuzz::Require(test::ImportExport(AsText(bytes), piece, again).ok() == taken,
                "the same outcome in pieces");
  fuzz::Require(taken || !whole.well_formed(), "what is well formed is taken");
  fuzz::Require(arrived.finished == taken, "finished if taken");
  if (!taken) return 0;
  fuzz::Require(arrived == again, "the same file in pieces");
  fuzz::Require(arrived.streams.size() == whole.streams.size(), "the streams of the summary");
  for (size_t i = 0; i < arrived.streams.size(); ++i) {
    const EfsRawStreamSummary& summary = whole.streams[i];
    fuzz::Require(arrived.streams[i].size == summary.size &&
                      arrived.streams[i].valid_data_length == summary.valid_data_length &&
                      arrived.streams[i].sparse == summary.sparse,
                  "the stream of the summary");
  }
  return 0;
}
