#include "object/foreign_form.h"

#include <algorithm>

#include "bytes/cursor.h"
#include "container/format.h"

namespace tapir {
namespace {

constexpr uint16_t kFormVersion = 1;
constexpr uint16_t kEfsRawForm = 1;
constexpr uint16_t kLayoutForm = 1;
constexpr uint16_t kSequenceForm = 2;

OpaqueRecord FormRecord(ItemType type, uint16_t form, std::string_view rest) {
  OpaqueRecord record{.type = static_cast<uint16_t>(type), .body = {}};
  WriteCursor to(record.body);
  to.U16(kFormVersion);
  to.U16(form);
  to.Text(rest);
  return record;
}

}  // namespace

OpaqueRecord MakeRawExportRecord() {
  return FormRecord(ItemType::kRawEncryptedStream, kEfsRawForm, {});
}

bool HoldsRawExport(const std::vector<OpaqueRecord>& records) {
  return std::ranges::any_of(records, [](const OpaqueRecord& record) {
    // Bytes behind the known ones are for later versions.
    const std::string known = MakeRawExportRecord().body;
    return record.type == static_cast<uint16_t>(ItemType::kRawEncryptedStream) &&
           record.body.starts_with(known);
  });
}

OpaqueRecord MakeBackupRecord(const BackupLayout& layout) {
  return FormRecord(ItemType::kBackupStreams, layout.verbatim ? kSequenceForm : kLayoutForm,
                    layout.skeleton);
}

Result<std::optional<BackupLayout>> FindBackupLayout(const std::vector<OpaqueRecord>& records) {
  for (const OpaqueRecord& record : records) {
    if (record.type != static_cast<uint16_t>(ItemType::kBackupStreams)) continue;
    ReadCursor in(AsBytes(record.body));
    const uint16_t version = in.U16();
    const uint16_t form = in.U16();
    const bool known = version == kFormVersion && (form == kLayoutForm || form == kSequenceForm);
    if (!in.ok() || !known)
      return Unsupported("its backup streams have a layout of a later version");
    BackupLayout layout{.verbatim = form == kSequenceForm,
                        .skeleton = std::string(AsText(in.ReadRest()))};
    return std::optional(std::move(layout));
  }
  return std::optional<BackupLayout>();
}

}  // namespace tapir
