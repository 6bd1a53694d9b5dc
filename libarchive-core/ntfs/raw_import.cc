#include "ntfs/raw_import.h"

#include "bytes/cursor.h"
#include "ntfs/metadata_writer.h"
#include "tapir/windows/efs_raw.h"

namespace tapir::ntfs {
namespace {

// A fault of the export is none of the archive.
Status Refused(Status status) {
  const StatusCode code = status.code();
  const bool malformed = code == StatusCode::kCorrupt || code == StatusCode::kTruncated ||
                         code == StatusCode::kInvalidArgument;
  return malformed ? Unsupported("its raw export is malformed: " + status.message()) : status;
}

}  // namespace

Status RawImport::Feed(uint64_t offset_bytes, std::span<const std::byte> bytes) {
  if (offset_bytes != fed_bytes_) return Unsupported("parts of its raw export are missing");
  fed_bytes_ += bytes.size();
  return Refused(reader_.Feed(bytes));
}

Status RawImport::End(uint64_t size_bytes) {
  if (size_bytes != fed_bytes_) return Unsupported("parts of its raw export are missing");
  Status read = reader_.Finish();
  if (read.ok()) read = sink_.Finish();
  return Refused(std::move(read));
}

Status RawImport::Sink::Begin(std::span<const std::byte> metadata) {
  efs_metadata_ = AsText(metadata);
  if (EfsFits(writer_.volume(), efs_metadata_.size())) return OkStatus();
  return Unsupported("its $EFS of " + std::to_string(efs_metadata_.size()) +
                     " bytes is none that this volume takes");
}

Status RawImport::Sink::OpenObject() {
  if (inode_) return OkStatus();
  TAPIR_ASSIGN_OR_RETURN(inode_, OpenInode(writer_.volume(), placed_.reference));
  return OkStatus();
}

Status RawImport::Sink::BecomeDirectory() {
  Metadata directory;
  directory.path = placed_.path;
  directory.type = ObjectType::kDirectory;
  writer_.Discard(placed_);
  // Nothing stands under the name that could be discarded if this fails.
  placed_.path.clear();
  TAPIR_ASSIGN_OR_RETURN(placed_, writer_.Place(directory));
  if (placed_.taken_over) return Exists("'" + directory.path + "' is there");
  return OkStatus();
}

Status RawImport::Sink::BeginStream(std::span<const std::byte> raw_name, bool encrypted) {
  const std::optional<std::string> name = EfsStreamNameOf(raw_name);
  if (!name) return Unsupported("it has a stream that is no data stream");
  if (names_.empty() && !name->empty()) TAPIR_RETURN_IF_ERROR(BecomeDirectory());
  if (name->empty() && !names_.empty()) {
    return Unsupported("its contents stand behind another stream");
  }
  if (!names_.insert(*name).second) return Unsupported("it has two streams '" + *name + "'");
  TAPIR_RETURN_IF_ERROR(OpenObject());
  state_ = {.encrypted = encrypted};
  TAPIR_ASSIGN_OR_RETURN(stream_,
                         StreamWriter::Open(writer_.volume(), inode_.get(), *name, state_));
  return OkStatus();
}

Status RawImport::Sink::Write(uint64_t offset, std::span<const std::byte> bytes) {
  return stream_->Write(offset, bytes);
}

Status RawImport::Sink::EndStream(const StreamEnd& end) {
  state_.size = end.size;
  state_.valid_bytes = end.valid_data_length;
  state_.sparse = end.sparse;
  stream_->SetState(state_);
  std::string loss;
  TAPIR_RETURN_IF_ERROR(stream_->Finish(loss));
  if (!loss.empty()) losses_.push_back(std::move(loss));
  stream_.reset();
  return OkStatus();
}

Status RawImport::Sink::Finish() {
  if (names_.empty()) TAPIR_RETURN_IF_ERROR(BecomeDirectory());
  TAPIR_RETURN_IF_ERROR(OpenObject());
  return WriteEfs(inode_.get(), efs_metadata_);
}

}  // namespace tapir::ntfs
