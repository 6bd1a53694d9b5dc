#include "device/scsi/block_protection.h"

#include "bytes/crc32c.h"

namespace tapir::scsi {
namespace {

constexpr size_t kPageBytes = 8;

bool IsAs(const ProtectionPage& page, bool wanted) {
  if (!wanted) return page.method == 0 || (!page.on_write && !page.on_read);
  return page.method == kProtectionCrc32c && page.information_bytes == kProtectionBytes &&
         page.on_write && page.on_read;
}

}  // namespace

Status BlockProtection::Select(bool wanted) {
  // Page 0Ah/F0h; read again afterwards, since a drive may take it and not do it.
  for (bool again : {true, false}) {
    TAPIR_ASSIGN_OR_RETURN(
        ModeReply now,
        modes_.ReadPage(mode_page::kControl, mode_page::kProtectionSubpage, kPageBytes));
    std::optional<ProtectionPage> page = ParseProtection(now.page);
    if (page && IsAs(*page, wanted)) return OkStatus();
    if (!again) break;
    SetProtection(now.page, wanted);
    TAPIR_RETURN_IF_ERROR(modes_.Change(now, {.page = now.page}));
  }
  return TapeFailure(TapeError::kNotSupported, "logical block protection by CRC-32C");
}

Status BlockProtection::Ensure(bool wanted) {
  if (refused_) return OkStatus();
  Status status = Select(wanted);
  if (status.ok()) {
    on_ = wanted;
    return status;
  }
  if (TapeErrorOf(status) != TapeError::kNotSupported || on_) return status;
  refused_ = true;
  return OkStatus();
}

void BlockProtection::Seal(std::span<std::byte> sent) {
  size_t size = sent.size() - kProtectionBytes;
  StoreLe(sent.data() + size, Crc32c(sent.first(size)));
}

bool BlockProtection::Check(ByteSpan received) {
  if (received.size() <= kProtectionBytes) return false;
  size_t size = received.size() - kProtectionBytes;
  return LoadLe<uint32_t>(received.data() + size) == Crc32c(received.first(size));
}

}  // namespace tapir::scsi
