#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>

#include "bytes/cursor.h"
#include "fuzz/support/require.h"
#include "tapir/windows/efs_raw.h"
#include "tests/support/efs_samples.h"

namespace {

using namespace tapir;

// Takes what is imported. A hostile stream's place and size are only numbers.
class Volume final : public RawEncryptedVolume {
 public:
  explicit Volume(test::ArrivedFile& arrived) : arrived_(arrived) {}
  Result<std::unique_ptr<RawEncryptedSource>> OpenForExport(std::string_view) override {
    return NotFound("nothing to export");
  }
  Result<std::unique_ptr<RawEncryptedSink>> OpenForImport(std::string_view,
                                                          const RawImportOptions&) override {
    return std::unique_ptr<RawEncryptedSink>(std::make_unique<test::SampleSink>(arrived_));
  }

 private:
  test::ArrivedFile& arrived_;
};

bool Import(ByteSpan bytes, size_t piece, test::ArrivedFile& arrived) {
  Volume volume(arrived);
  Result<EncryptedFile> file = EncryptedFile::Open(volume, "f", kEfsCreateForImport);
  return file
      ->WriteRaw([&](std::span<std::byte> buffer, uint32_t& length) {
        const ByteSpan next = bytes.first(std::min({piece, buffer.size(), bytes.size()}));
        std::ranges::copy(next, buffer.begin());
        bytes = bytes.subspan(next.size());
        length = static_cast<uint32_t>(next.size());
        return 0u;
      })
      .ok();
}

}  // namespace

// A raw export: how it is cut into pieces changes nothing; what is well formed is what can be
// imported, except that the metadata are for the target to judge; and what arrives is what the
// summary says.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
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
  const bool taken = Import(bytes, 64 << 10, arrived);
  fuzz::Require(Import(bytes, piece, again) == taken, "the same outcome in pieces");
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
