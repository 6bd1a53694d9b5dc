#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "bytes/cursor.h"
#include "tapir/windows/efs_metadata.h"
#include "windows/finding_list.h"

namespace tapir::efs {

/// A piece of $EFS metadata that knows where it is.
struct MetadataPart {
  uint64_t place = 0;  ///< of its first byte in the metadata
  ByteSpan bytes;

  /// Its end, from `offset` on, which is at most its size.
  MetadataPart From(size_t offset) const { return {place + offset, bytes.subspan(offset)}; }
};

/// What the parsers of all layouts share. Offsets are those of the bytes given: what lies outside
/// of its parent is a finding and nothing is read. Single-thread.
class MetadataContext {
 public:
  MetadataContext(EfsMetadata& metadata, FindingList& findings)
      : metadata_(metadata), findings_(findings) {}

  EfsMetadata& metadata() { return metadata_; }
  void Add(Severity severity, uint64_t place, std::string text) {
    findings_.Add({place, severity, std::move(text)});
  }
  void Reject(uint64_t place, std::string text) { Add(Severity::kReject, place, std::move(text)); }
  void Warn(uint64_t place, std::string text) { Add(Severity::kWarning, place, std::move(text)); }

  std::optional<MetadataPart> Cut(const MetadataPart& parent, uint64_t offset, uint64_t length,
                                  std::string_view what);
  /// The structure at `offset` whose first field is its length, which is at least `least`.
  std::optional<MetadataPart> CutCounted(const MetadataPart& parent, uint64_t offset, size_t least,
                                         std::string_view what);
  /// Text up to a NUL, as WTF-8.
  std::string Text(const MetadataPart& part, std::string_view what);
  /// The same at `offset`; 0 stands for no text.
  std::string TextAt(const MetadataPart& parent, uint64_t offset, std::string_view what);
  std::string Sid(const MetadataPart& part);
  std::string Thumbprint(const MetadataPart& part);

 private:
  EfsMetadata& metadata_;
  FindingList& findings_;
};

/// Bytes of the metadata that one structure takes.
struct MetadataRange {
  uint64_t begin = 0;
  uint64_t end = 0;
};

/// The key list at `offset` of `all`, of versions 1 to 3 ([MS-EFSR] 2.2.2.1.1). The range is that
/// of what could be read.
MetadataRange ParseKeyList(MetadataContext& context, const MetadataPart& all, uint32_t offset,
                           EfsKeyList list);

/// The protector list at `offset`, of versions 4 and 5 ([MS-EFSR] 2.2.2.2.1).
MetadataRange ParseProtectorList(MetadataContext& context, const MetadataPart& all, uint32_t offset,
                                 EfsKeyList list);

/// What those versions say of the file's key, at `offset`.
MetadataRange ParseFekInfo(MetadataContext& context, const MetadataPart& all, size_t offset);

}  // namespace tapir::efs
