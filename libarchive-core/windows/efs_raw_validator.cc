#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <unordered_set>
#include <utility>

#include "tapir/windows/efs_raw.h"
#include "windows/efs_raw_format.h"
#include "windows/efs_raw_reader.h"
#include "windows/finding_list.h"

namespace tapir {
namespace {

// Two names that differ in the case of other letters are for the volume to judge, whose table of
// upper case is not at hand.
std::string LowerAscii(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

}  // namespace

class EfsRawValidator::State final : public EfsRawVisitor {
 public:
  State() : reader_(*this) {}

  void Feed(ByteSpan bytes) {
    summary_.bytes += bytes.size();
    // What it fails for is among the findings.
    static_cast<void>(reader_.Feed(bytes).ok());
  }

  EfsRawSummary Finish() {
    static_cast<void>(reader_.Finish().ok());
    summary_.findings = findings_.Take();
    return std::move(summary_);
  }

 private:
  Status OnMetadata(uint64_t place, ByteSpan bytes) override {
    const uint64_t at = metadata_.size();
    if (pieces_.empty() || pieces_.back().second + (at - pieces_.back().first) != place) {
      pieces_.emplace_back(at, place);
    }
    metadata_.append(AsText(bytes));
    return OkStatus();
  }

  Status OnMetadataEnd() override {
    summary_.metadata = ParseEfsMetadata(AsBytes(metadata_));
    for (const Finding& finding : summary_.metadata.findings) {
      findings_.Add({PlaceInExport(finding.offset), finding.severity, "$EFS: " + finding.text});
    }
    return OkStatus();
  }

  Status OnStream(const EfsRawStreamHeader& stream) override {
    EfsRawStreamSummary summary;
    summary.place = stream.place;
    summary.name = efs::StreamNameText(stream.name);
    summary.encrypted = stream.encrypted;
    if (!EfsStreamNameOf(stream.name)) {
      findings_.Add({stream.place, Severity::kWarning, "a stream's name is not of the usual form"});
    }
    if (!names_.insert(LowerAscii(summary.name)).second) {
      findings_.Add({stream.place, Severity::kWarning, "a second stream of that name"});
    }
    summary_.streams.push_back(std::move(summary));
    return OkStatus();
  }

  Status OnSegment(const EfsRawSegment& segment) override {
    EfsRawStreamSummary& stream = summary_.streams.back();
    stream.size = std::max(stream.size, segment.offset + segment.bytes_in_size);
    if (segment.bytes_in_valid_data > 0) {
      stream.valid_data_length =
          std::max(stream.valid_data_length, segment.offset + segment.bytes_in_valid_data);
    }
    if (stream.encrypted) {
      stream.sparse = stream.sparse || segment.sparse;
      if (segment.cluster_shift >= efs::kMinClusterShift &&
          segment.cluster_shift <= efs::kMaxClusterShift) {
        stream.cluster_bytes = uint64_t{1} << segment.cluster_shift;
      }
    }
    return OkStatus();
  }

  Status OnData(uint64_t, ByteSpan bytes) override {
    summary_.streams.back().stored_bytes += bytes.size();
    return OkStatus();
  }

  Status OnStreamEnd() override { return OkStatus(); }

  Status OnFinding(Finding finding) override {
    findings_.Add(std::move(finding));
    return OkStatus();
  }

  uint64_t PlaceInExport(uint64_t offset) const {
    const auto after = std::ranges::upper_bound(pieces_, offset, {}, &Piece::first);
    if (after == pieces_.begin()) return efs::kRootBytes;
    const Piece& piece = *std::prev(after);
    return piece.second + (offset - piece.first);
  }

  using Piece = std::pair<uint64_t, uint64_t>;

  EfsRawReader reader_;
  EfsRawSummary summary_;
  FindingList findings_;
  std::string metadata_;
  std::vector<Piece> pieces_;  ///< offset in the metadata, place in the export
  std::unordered_set<std::string> names_;
};

EfsRawValidator::EfsRawValidator() : state_(std::make_unique<State>()) {}
EfsRawValidator::~EfsRawValidator() = default;
EfsRawValidator::EfsRawValidator(EfsRawValidator&&) noexcept = default;
EfsRawValidator& EfsRawValidator::operator=(EfsRawValidator&&) noexcept = default;

void EfsRawValidator::Feed(std::span<const std::byte> bytes) { state_->Feed(bytes); }
EfsRawSummary EfsRawValidator::Finish() { return state_->Finish(); }

EfsRawSummary ValidateEfsRaw(std::span<const std::byte> bytes) {
  EfsRawValidator validator;
  validator.Feed(bytes);
  return validator.Finish();
}

bool EfsRawSummary::well_formed() const {
  return std::ranges::none_of(
      findings, [](const Finding& finding) { return finding.severity == Severity::kReject; });
}

}  // namespace tapir
