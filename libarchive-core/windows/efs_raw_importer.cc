#include "windows/efs_raw_importer.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "tapir/windows/efs_raw.h"

namespace tapir {

bool IsUnnamedEfsStream(ByteSpan raw_name) {
  const std::optional<std::string> name = EfsStreamNameOf(raw_name);
  return name && name->empty();
}

Status EfsRawImporter::OnMetadata(uint64_t, ByteSpan bytes) {
  metadata_.append(AsText(bytes));
  return OkStatus();
}

Status EfsRawImporter::OnStream(const EfsRawStreamHeader& stream) {
  const bool unnamed = IsUnnamedEfsStream(stream.name);
  if (unnamed && directory_) return InvalidArgument("a directory has no unnamed data stream");
  end_ = {};
  dropping_ = drop_named_ && !unnamed;
  return dropping_ ? OkStatus() : sink_.BeginStream(stream.name, stream.encrypted);
}

Status EfsRawImporter::OnSegment(const EfsRawSegment& segment) {
  end_.size = std::max(end_.size, segment.offset + segment.bytes_in_size);
  if (segment.bytes_in_valid_data > 0) {
    end_.valid_data_length =
        std::max(end_.valid_data_length, segment.offset + segment.bytes_in_valid_data);
  }
  end_.sparse = end_.sparse || segment.sparse;
  return OkStatus();
}

Status EfsRawImporter::OnData(uint64_t offset, ByteSpan bytes) {
  return dropping_ ? OkStatus() : sink_.Write(offset, bytes);
}

Status EfsRawImporter::OnFinding(Finding finding) {
  if (finding.severity != Severity::kReject) return OkStatus();
  return Corrupt(fmt::format("byte {}: {}", finding.offset, finding.text));
}

}  // namespace tapir
