#include "jobs/encrypted_check.h"

#include "object/foreign_form.h"

namespace tapir {

void EncryptedCheck::CheckMetadata(const Metadata& metadata) const {
  // A further name repeats what its first one has.
  if (!metadata.ntfs || metadata.type == ObjectType::kHardLink) return;
  if (metadata.ntfs->efs_metadata.empty()) return;
  const EfsMetadata parsed = ParseEfsMetadata(AsBytes(metadata.ntfs->efs_metadata));
  for (const Finding& finding : parsed.findings) take_(metadata, finding);
}

void EncryptedCheck::TakeData(const AssembledObject& object, uint32_t stream_number,
                              ByteSpan data) {
  if (stream_number != 0 || !HoldsRawExport(object.opaque_records)) return;
  if (!raw_export_) raw_export_.emplace();
  raw_export_->Feed(data);
}

void EncryptedCheck::End(const AssembledObject& object) {
  CheckMetadata(object.begin.metadata);
  if (!raw_export_) return;
  const EfsRawSummary summary = raw_export_->Finish();
  raw_export_.reset();
  // Of a part of a file nothing can be said.
  const bool whole = !object.begin.metadata.fragment_offset &&
                     object.end.status == ObjectStatus::kOk && !object.reference;
  if (!whole) return;
  for (const Finding& finding : summary.findings) take_(object.begin.metadata, finding);
}

}  // namespace tapir
