#include "ntfs/restored_object.h"

#include <algorithm>

#include "ntfs/metadata_writer.h"
#include "object/foreign_form.h"

namespace tapir::ntfs {
namespace {

constexpr char kMoreThanExport[] = "it has streams beside its raw export";

}  // namespace

RestoredObject::RestoredObject(VolumeWriter& writer, Placed placed, const Metadata& metadata)
    : writer_(writer),
      placed_(std::move(placed)),
      further_(metadata.further_streams),
      ntfs_(metadata.ntfs ? metadata.ntfs
                          : std::make_shared<const NtfsMetadata>(PlainMetadata(metadata))) {}

RestoredObject::~RestoredObject() {
  const auto lock = writer_.volume().Lock();
  streams_.clear();
  import_.reset();
  inode_.reset();
  if (!placed_.path.empty()) writer_.Discard(placed_);
}

void RestoredObject::TakeRecords(const std::vector<OpaqueRecord>& records) {
  if (HoldsRawExport(records)) import_ = std::make_unique<RawImport>(writer_, placed_);
}

// The stream written last is the only one that is open.
Status RestoredObject::OpenStream(uint32_t number) {
  if (!streams_.empty() && streams_.back().first == number) return OkStatus();
  if (!inode_) {
    TAPIR_ASSIGN_OR_RETURN(inode_, OpenInode(writer_.volume(), placed_.reference));
  }
  std::string name;
  for (const FurtherStream& stream : further_) {
    if (stream.number == number) name = stream.name;
  }
  NtfsStream state;
  state.number = number;
  if (const NtfsStream* known = ntfs_->stream(number)) state = *known;
  TAPIR_ASSIGN_OR_RETURN(StreamWriter stream,
                         StreamWriter::Open(writer_.volume(), inode_.get(), name, state));
  streams_.emplace_back(number, std::move(stream));
  return OkStatus();
}

Status RestoredObject::WriteStreamAt(uint32_t number, uint64_t offset_bytes,
                                     std::span<const std::byte> data) {
  if (!writes()) return OkStatus();
  const auto lock = writer_.volume().Lock();
  return writer_.volume().Judge(WriteLocked(number, offset_bytes, data));
}

Status RestoredObject::WriteLocked(uint32_t number, uint64_t offset_bytes,
                                   std::span<const std::byte> data) {
  if (import_ && number != 0) return Unsupported(kMoreThanExport);
  if (import_) return import_->Feed(offset_bytes, data);
  TAPIR_RETURN_IF_ERROR(OpenStream(number));
  return streams_.back().second.Write(offset_bytes, data);
}

Status RestoredObject::FinishStream(uint32_t number, uint64_t size_bytes) {
  auto found = std::find_if(streams_.begin(), streams_.end(),
                            [&](const auto& stream) { return stream.first == number; });
  if (found == streams_.end()) {
    TAPIR_RETURN_IF_ERROR(OpenStream(number));
    found = std::prev(streams_.end());
  }
  if (ntfs_->stream(number) == nullptr) found->second.SetLength(size_bytes);
  std::string loss;
  TAPIR_RETURN_IF_ERROR(found->second.Finish(loss));
  if (!loss.empty()) losses_.push_back(std::move(loss));
  streams_.erase(found);
  return OkStatus();
}

Status RestoredObject::EndStream(uint32_t number, uint64_t size_bytes) {
  if (!writes()) return OkStatus();
  if (import_) return Unsupported(kMoreThanExport);
  const auto lock = writer_.volume().Lock();
  return writer_.volume().Judge(FinishStream(number, size_bytes));
}

Status RestoredObject::FinishContents(const Metadata& metadata, uint64_t size_bytes) {
  if (import_) {
    TAPIR_RETURN_IF_ERROR(import_->End(size_bytes));
    losses_ = import_->losses();
    inode_ = import_->TakeInode();
    return OkStatus();
  }
  if (HoldsRawExport(metadata.opaque_records)) {
    return Unsupported("that it holds a raw export is not told before its contents");
  }
  return metadata.type == ObjectType::kRegular ? FinishStream(0, size_bytes) : OkStatus();
}

Status RestoredObject::Commit(const Metadata& metadata, uint64_t size_bytes) {
  const auto lock = writer_.volume().Lock();
  return writer_.volume().Judge(CommitLocked(metadata, size_bytes));
}

Status RestoredObject::CommitLocked(const Metadata& metadata, uint64_t size_bytes) {
  TAPIR_RETURN_IF_ERROR(FinishContents(metadata, size_bytes));
  if (!inode_) {
    TAPIR_ASSIGN_OR_RETURN(inode_, OpenInode(writer_.volume(), placed_.reference));
  }
  if (writes()) WriteMetadata(writer_.volume(), inode_.get(), *ntfs_, losses_);
  if (!writes() && !further_.empty()) {
    losses_.push_back("its streams, since the directory was there already (--overwrite)");
  }
  if (ntfs_inode_close(inode_.release()) != 0) return LastError("it cannot be written");
  Status settled = writer_.Settle(placed_, *ntfs_);
  if (!settled.ok()) return settled;
  writer_.TellLosses(placed_.path, losses_);
  placed_.path.clear();
  return OkStatus();
}

Status RestoredObject::KeepPartial(const Metadata& metadata, uint64_t size_bytes) {
  const auto lock = writer_.volume().Lock();
  return writer_.volume().Judge(KeepLocked(metadata, size_bytes));
}

Status RestoredObject::KeepLocked(const Metadata& metadata, uint64_t size_bytes) {
  if (import_) return Unsupported("a part of a raw export makes no encrypted file");
  if (metadata.type == ObjectType::kRegular) TAPIR_RETURN_IF_ERROR(FinishStream(0, size_bytes));
  streams_.clear();
  inode_.reset();
  const std::string& now = placed_.temporary_path.empty() ? placed_.path : placed_.temporary_path;
  TAPIR_RETURN_IF_ERROR(writer_.Rename(now, placed_.path + ".tapir-partial"));
  placed_.path.clear();
  return OkStatus();
}

}  // namespace tapir::ntfs
