#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "bytes/cursor.h"
#include "fuzz/support/require.h"
#include "tapir/windows/backup_stream_writer.h"

namespace {

using namespace tapir;
using fuzz::Require;

// All that a reader says, as text; data of a stream in one piece.
class Transcript : public BackupPartCollector {
 public:
  Status OnHeader(const BackupStreamHeader& header) override {
    text += "H" + std::to_string(header.offset) + EncodeBackupStreamHeader(header);
    return BackupPartCollector::OnHeader(header);
  }
  Status OnData(const BackupStreamHeader& header, uint64_t place, ByteSpan bytes) override {
    if (!in_data_) text += "D" + std::to_string(place);
    in_data_ = true;
    text += AsText(bytes);
    return BackupPartCollector::OnData(header, place, bytes);
  }
  Status OnEnd(const BackupStreamHeader& header) override {
    in_data_ = false;
    text += "E";
    return BackupPartCollector::OnEnd(header);
  }
  void OnFinding(const Finding& finding) override {
    text += "F" + std::to_string(finding.offset) + finding.text;
    rejected = rejected || finding.severity == Severity::kReject;
  }

  std::string text;
  bool rejected = false;

 private:
  bool in_data_ = false;
};

Status ReadWhole(Transcript& transcript, ByteSpan bytes, BackupStreamMode mode) {
  BackupStreamReader reader(transcript, mode);
  TAPIR_RETURN_IF_ERROR(reader.Push(bytes));
  return reader.Finish();
}

// Places to split at depend on the input alone.
Status ReadSplit(Transcript& transcript, ByteSpan bytes, BackupStreamMode mode) {
  std::minstd_rand random(static_cast<unsigned>(bytes.size() + 1));
  BackupStreamReader reader(transcript, mode);
  while (!bytes.empty()) {
    const size_t piece = std::min<size_t>(bytes.size(), random() % 4 == 0 ? 1 : random() % 50);
    TAPIR_RETURN_IF_ERROR(reader.Push(bytes.first(piece)));
    bytes = bytes.subspan(piece);
  }
  return reader.Finish();
}

// The same streams, met by passing over all data.
void Walk(ByteSpan bytes, BackupStreamMode mode, size_t streams) {
  Transcript transcript;
  BackupStreamReader reader(transcript, mode);
  while (reader.position() < bytes.size()) {
    uint64_t moved = 0;
    const Status sought = reader.Seek(bytes.size() - reader.position(), moved);
    if (moved > 0) Require(sought.ok(), "data cannot be passed over");
    if (moved == 0) {
      const auto at = static_cast<size_t>(reader.position());
      Require(reader.Push(bytes.subspan(at, 1)).ok(), "sound streams are refused");
    }
  }
  Require(reader.at_header() && transcript.parts().size() == streams, "passing over loses streams");
}

void Rewrite(ByteSpan bytes, const std::vector<BackupPart>& parts) {
  BackupStreamWriter writer(parts, [&](size_t, uint64_t offset, std::span<std::byte> into) {
    Require(offset + into.size() <= bytes.size(), "data from outside");
    std::ranges::copy(bytes.subspan(static_cast<size_t>(offset), into.size()), into.begin());
    return OkStatus();
  });
  std::string again(bytes.size() + 1, '\0');
  const Result<size_t> size = writer.Read(std::as_writable_bytes(std::span(again)));
  Require(size.ok() && *size == bytes.size() && again.starts_with(AsText(bytes)),
          "streams come back otherwise");
}

}  // namespace

// Backup streams that anybody may have written: however they are split, the same is said of them;
// what is sound comes back byte for byte.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const ByteSpan bytes = std::as_bytes(std::span(data, size));
  bool strict_ok = false;
  for (const BackupStreamMode mode : {BackupStreamMode::kStrict, BackupStreamMode::kLenient}) {
    Transcript whole;
    Transcript split;
    const Status status = ReadWhole(whole, bytes, mode);
    const Status again = ReadSplit(split, bytes, mode);
    Require(status.code() == again.code() && status.message() == again.message(),
            "a split changes the outcome");
    Require(whole.text == split.text, "a split changes what is read");
    Require(whole.parts() == split.parts(), "a split changes the parts");
    Require(status.ok() || whole.rejected, "refused without a finding");
    if (mode == BackupStreamMode::kStrict) strict_ok = status.ok();
    Require(status.ok() || !strict_ok, "the lenient mode refuses what the strict takes");
    if (!status.ok()) continue;
    Walk(bytes, mode, whole.parts().size());
    Rewrite(bytes, whole.parts());
  }
  return 0;
}

extern "C" size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t max_size);
extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t max_size,
                                          unsigned /*seed*/) {
  return LLVMFuzzerMutate(data, size, max_size);
}
