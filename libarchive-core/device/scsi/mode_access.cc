#include "device/scsi/mode_access.h"

#include <fmt/format.h>

#include <array>

namespace tapir::scsi {
namespace {

std::string Name(uint8_t page, uint8_t subpage) {
  return fmt::format("reading mode page {:02x}h/{:02x}h", page, subpage);
}

}  // namespace

Result<ModeReply> ModeAccess::Read(uint8_t page, uint8_t subpage, Values values) {
  std::array<std::byte, 512> data{};
  auto control = static_cast<uint8_t>(values);
  bool six = runner_.Has(opcode::kModeSense6);
  constexpr uint8_t kRoom6 = 255;
  Cdb cdb = six ? ModeSense6(page, subpage, control, kRoom6)
                : ModeSense10(page, subpage, control, static_cast<uint16_t>(data.size()));
  std::span<std::byte> room = std::span(data).first(six ? kRoom6 : data.size());
  TAPIR_ASSIGN_OR_RETURN(Answer answer, runner_.Run(cdb, {.in = room}));
  bool refused = six && answer.sense.Is(0x5, 0x20, 0x00);
  if (refused) {
    cdb = ModeSense10(page, subpage, control, static_cast<uint16_t>(data.size()));
    room = data;
    TAPIR_ASSIGN_OR_RETURN(answer, runner_.Run(cdb, {.in = room}));
  }
  if (!answer.done()) return runner_.Failure(answer, Name(page, subpage));
  ByteSpan came = room.first(answer.transferred);
  std::optional<ModeReply> reply = cdb.opcode() == opcode::kModeSense6
                                       ? ParseModeSense6(came, page, subpage)
                                       : ParseModeSense10(came, page, subpage);
  if (!reply) {
    return TapeFailure(TapeError::kIoDevice, Name(page, subpage) + ": the answer is too short");
  }
  return *std::move(reply);
}

Result<ModeReply> ModeAccess::ReadPage(uint8_t page, uint8_t subpage, size_t size) {
  TAPIR_ASSIGN_OR_RETURN(ModeReply reply, Read(page, subpage));
  if (reply.page.size() < size) return TapeFailure(TapeError::kNotSupported, Name(page, subpage));
  return reply;
}

Status ModeAccess::Change(const ModeReply& now, const ModeChange& change) {
  std::string list = EncodeModeSelect6(now, change);
  bool six = runner_.Has(opcode::kModeSelect6) && list.size() <= 255;
  if (!six) list = EncodeModeSelect10(now, change);
  Cdb cdb = six ? ModeSelect6(static_cast<uint8_t>(list.size()))
                : ModeSelect10(static_cast<uint16_t>(list.size()));
  return runner_.Must(cdb, "changing mode parameters", {.out = AsBytes(list)}).status();
}

}  // namespace tapir::scsi
