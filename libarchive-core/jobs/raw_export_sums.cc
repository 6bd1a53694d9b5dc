#include "jobs/raw_export_sums.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <utility>

#include "tapir/windows/efs_raw.h"

namespace tapir {
namespace {

constexpr uint64_t kCipherUnitBytes = 512;
constexpr size_t kSumStepBytes = 256u << 10;

// As far as something is stored.
uint64_t StoredEnd(const RawExportSums::Stream& stream) {
  return stream.encrypted ? RoundUp(stream.valid_bytes, kCipherUnitBytes) : stream.valid_bytes;
}

std::string StreamInWords(const std::string& name) {
  return name.empty() ? "the contents" : fmt::format("stream '{}'", name);
}

Result<RawExportSums::Stream> SumStream(SourceObject& object, const SourceStream& stream,
                                        const NtfsStream& state,
                                        const std::function<Status(uint64_t)>& advance) {
  RawExportSums::Stream sum = {.encrypted = state.encrypted,
                               .sparse = state.sparse,
                               .size = state.size,
                               .valid_bytes = state.valid_bytes};
  TAPIR_ASSIGN_OR_RETURN(const std::vector<Extent> extents,
                         object.StreamExtents(stream.number, stream.size));
  RangeDigester digester;
  std::vector<std::byte> buffer(kSumStepBytes);
  for (const Extent& extent : extents) {
    const uint64_t end = std::min(extent.offset_bytes + extent.length_bytes, StoredEnd(sum));
    for (uint64_t at = extent.offset_bytes; at < end;) {
      const auto wanted = static_cast<size_t>(std::min<uint64_t>(buffer.size(), end - at));
      TAPIR_ASSIGN_OR_RETURN(
          const size_t got,
          object.ReadStreamAt(stream.number, at, std::span(buffer).first(wanted)));
      if (got == 0) return Truncated("a stream ends too early");
      digester.Data(at, ByteSpan(buffer).first(got));
      at += got;
      TAPIR_RETURN_IF_ERROR(advance(got));
    }
  }
  sum.stored = digester.Finish();
  return sum;
}

}  // namespace

void RangeDigester::Data(uint64_t offset_bytes, ByteSpan bytes) {
  if (bytes.empty()) return;
  if (offset_bytes != end_) {
    CloseRange();
    begin_ = offset_bytes;
  }
  digester_.Update(bytes);
  end_ = offset_bytes + bytes.size();
}

void RangeDigester::CloseRange() {
  if (begin_ == end_) return;
  std::string place;
  WriteCursor to(place);
  to.U64(begin_);
  to.U64(end_);
  digester_.Update(AsBytes(place));
}

Digest128 RangeDigester::Finish() {
  CloseRange();
  return digester_.Finish().xxh128;
}

RangeDigester RangeDigester::Fork() const {
  RangeDigester fork;
  fork.digester_ = digester_.Fork();
  fork.begin_ = begin_;
  fork.end_ = end_;
  return fork;
}

std::optional<RawExportSums> RawExportSummer::Finish() {
  if (failed_ || !reader_.Finish().ok()) return std::nullopt;
  return std::move(sums_);
}

Status RawExportSummer::OnMetadata(uint64_t, ByteSpan bytes) {
  sums_.efs_metadata.append(AsText(bytes));
  return OkStatus();
}

Status RawExportSummer::OnStream(const EfsRawStreamHeader& stream) {
  const std::optional<std::string> name = EfsStreamNameOf(stream.name);
  if (!name) return Corrupt("a stream that is no data stream");
  name_ = *name;
  stream_ = {.encrypted = stream.encrypted};
  valid_ = RangeDigester();
  beyond_.reset();
  return OkStatus();
}

Status RawExportSummer::OnSegment(const EfsRawSegment& segment) {
  const uint64_t end = segment.offset + segment.bytes_in_valid_data;
  stream_.size = std::max(stream_.size, segment.offset + segment.bytes_in_size);
  stream_.sparse |= segment.sparse;
  if (segment.bytes_in_valid_data == 0 || end <= stream_.valid_bytes) return OkStatus();
  stream_.valid_bytes = end;
  if (beyond_) valid_ = *std::exchange(beyond_, std::nullopt);
  return OkStatus();
}

Status RawExportSummer::OnData(uint64_t offset, ByteSpan bytes) {
  const uint64_t end = StoredEnd(stream_);
  const auto counted =
      static_cast<size_t>(std::min<uint64_t>(bytes.size(), end - std::min(end, offset)));
  stream_.sparse |= counted > 0 && offset > valid_.end_bytes();
  valid_.Data(offset, bytes.first(counted));
  if (counted == bytes.size()) return OkStatus();
  if (!beyond_) beyond_ = valid_.Fork();
  beyond_->Data(offset + counted, bytes.subspan(counted));
  return OkStatus();
}

Status RawExportSummer::OnStreamEnd() {
  stream_.sparse |= valid_.end_bytes() < StoredEnd(stream_);
  stream_.stored = valid_.Finish();
  sums_.streams.insert_or_assign(name_, stream_);
  return OkStatus();
}

Status RawExportSummer::OnFinding(Finding finding) {
  return finding.severity == Severity::kReject ? Corrupt(finding.text) : OkStatus();
}

Result<RawExportSums> SumEncrypted(SourceObject& object, const Metadata& metadata,
                                   const std::function<Status(uint64_t)>& advance) {
  RawExportSums sums;
  if (metadata.ntfs) sums.efs_metadata = metadata.ntfs->efs_metadata;
  for (const SourceStream& stream : object.Streams()) {
    NtfsStream state{.number = stream.number, .size = stream.size, .valid_bytes = stream.size};
    const NtfsStream* known = metadata.ntfs ? metadata.ntfs->stream(stream.number) : nullptr;
    if (known != nullptr) state = *known;
    std::string name;
    for (const FurtherStream& further : metadata.further_streams) {
      if (further.number == stream.number) name = further.name;
    }
    TAPIR_ASSIGN_OR_RETURN(sums.streams[name], SumStream(object, stream, state, advance));
  }
  return sums;
}

void CompareSums(const RawExportSums& archived, const RawExportSums& live, const std::string& path,
                 std::vector<Difference>& out) {
  const auto add = [&](DifferenceKind kind, std::string text) {
    out.push_back({kind, path, std::move(text)});
  };
  if (archived.efs_metadata != live.efs_metadata) {
    add(DifferenceKind::kEncryption, "its encryption metadata are not those of the raw export");
  }
  for (const auto& [name, then] : archived.streams) {
    const auto found = live.streams.find(name);
    const std::string what = StreamInWords(name);
    if (found == live.streams.end()) {
      add(DifferenceKind::kStream, what + " of the raw export is not there");
      continue;
    }
    const RawExportSums::Stream& now = found->second;
    if (then.size != now.size) {
      add(DifferenceKind::kSize,
          fmt::format("{} of {} bytes has {} now", what, then.size, now.size));
    }
    const bool same_state = then.encrypted == now.encrypted && then.sparse == now.sparse &&
                            then.size - then.valid_bytes == now.size - now.valid_bytes;
    if (!same_state) {
      add(DifferenceKind::kStream,
          what + " is encrypted, sparse or valid in another way than in the raw export");
    }
    if (then.stored != now.stored) {
      add(DifferenceKind::kContent, what + " has another ciphertext than the raw export");
    }
  }
  for (const auto& [name, now] : live.streams) {
    if (!archived.streams.contains(name)) {
      add(DifferenceKind::kStream, StreamInWords(name) + " is not in the raw export");
    }
  }
}

}  // namespace tapir
