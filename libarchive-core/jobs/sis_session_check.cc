#include "jobs/sis_session_check.h"

#include <utility>

#include "bytes/cursor.h"
#include "tapir/windows/reparse_data.h"

namespace tapir {
namespace {

bool IsLink(const Metadata& metadata) {
  return metadata.ntfs && metadata.ntfs->reparse_tag() == kReparseTagSis;
}

}  // namespace

void SisSessionCheck::TakeWhole(const ParsedRecord& record) {
  Ranges allocated;
  if (!record.bytes.empty()) allocated.push_back({0, record.bytes.size()});
  TakeObject(record.begin.metadata, record.end, std::move(allocated));
}

void SisSessionCheck::TakeData(const AssembledObject& object, uint32_t stream_number,
                               uint64_t offset_bytes, ByteSpan data) {
  if (stream_number != 0 || data.empty() || !IsLink(object.begin.metadata)) return;
  ArchivedSisLink::Range* last = allocated_.empty() ? nullptr : &allocated_.back();
  if (last != nullptr && last->offset + last->length_bytes == offset_bytes) {
    last->length_bytes += data.size();
  } else {
    allocated_.push_back({offset_bytes, data.size()});
  }
}

void SisSessionCheck::End(const AssembledObject& object) {
  TakeObject(object.begin.metadata, object.end, std::exchange(allocated_, {}));
}

void SisSessionCheck::TakeObject(const Metadata& metadata, const ObjectEnd& end, Ranges allocated) {
  if (!metadata.ntfs || metadata.type == ObjectType::kHardLink) return;
  const NtfsMetadata& ntfs = *metadata.ntfs;
  const bool in_part = metadata.fragment_offset || end.status != ObjectStatus::kOk;
  if (ntfs.sis.role == SisRole::kCommonStoreFile && !in_part) {
    ArchivedSisStoreFile file{metadata.path, metadata.size, {}};
    const StreamEnd* contents = end.contents();
    // Two forms of digests cannot be compared.
    if (contents != nullptr && !contents->map_digest) {
      file.digest = AsText(contents->digests.xxh128);
    }
    check_.AddStoreFile(file);
  }
  if (!IsLink(metadata) || in_part) return;
  ArchivedSisLink link;
  link.path = metadata.path;
  link.reparse = ntfs.reparse_data;
  link.is_regular = metadata.type == ObjectType::kRegular;
  link.is_sparse = (ntfs.file_attributes & kWindowsSparse) != 0;
  link.is_reparse = (ntfs.file_attributes & kWindowsReparsePoint) != 0;
  link.has_extended_attributes = !ntfs.extended_attributes.empty();
  link.size_bytes = metadata.size;
  link.allocated = std::move(allocated);
  link.needed = ntfs.sis.files;
  check_.AddLink(link);
}

void SisSessionCheck::SessionEnd(const ForwardSession& session) {
  const bool goes_on = session.end && session.end->status == SessionStatus::kContinued;
  const bool went_before = session.start && session.start->continues;
  check_.EndPass(session.end && !goes_on && !went_before);
}

}  // namespace tapir
