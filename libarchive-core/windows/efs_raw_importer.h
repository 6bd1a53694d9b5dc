#pragma once

#include <string>

#include "tapir/windows/encrypted_file.h"
#include "windows/efs_raw_reader.h"

namespace tapir {

/// Hands on to a sink what a reader meets, all but RawEncryptedSink::Finish. Holds the metadata.
/// kInvalidArgument if a directory is given an unnamed data stream, kCorrupt for a fault of the
/// export that the reader could have gone on behind. Single-thread.
class EfsRawImporter final : public EfsRawVisitor {
 public:
  /// The sink must outlive it.
  EfsRawImporter(RawEncryptedSink& sink, bool directory, bool drop_named)
      : sink_(sink), directory_(directory), drop_named_(drop_named) {}

  Status OnMetadata(uint64_t place, ByteSpan bytes) override;
  Status OnMetadataEnd() override { return sink_.Begin(AsBytes(metadata_)); }
  Status OnStream(const EfsRawStreamHeader& stream) override;
  Status OnSegment(const EfsRawSegment& segment) override;
  Status OnData(uint64_t offset, ByteSpan bytes) override;
  Status OnStreamEnd() override { return dropping_ ? OkStatus() : sink_.EndStream(end_); }
  Status OnFinding(Finding finding) override;

 private:
  RawEncryptedSink& sink_;
  const bool directory_;
  const bool drop_named_;
  std::string metadata_;
  RawEncryptedSink::StreamEnd end_;
  bool dropping_ = false;
};

/// A name of another form is not that of the unnamed stream.
bool IsUnnamedEfsStream(ByteSpan raw_name);

}  // namespace tapir
