#include "device/scsi/commands.h"

#include "bytes/big_endian.h"

namespace tapir::scsi {
namespace {

// The top three bits of an opcode say how long its descriptor is.
Cdb Make(uint8_t code) {
  Cdb cdb;
  cdb.bytes[0] = std::byte{code};
  uint8_t group = code >> 5;
  cdb.size = group == 0 ? 6 : group <= 2 ? 10 : group == 4 ? 16 : 12;
  return cdb;
}

void Put8(Cdb& cdb, size_t at, unsigned value) { cdb.bytes[at] = static_cast<std::byte>(value); }
void Put16(Cdb& cdb, size_t at, uint16_t value) { StoreBe(cdb.bytes.data() + at, value); }
void Put24(Cdb& cdb, size_t at, uint32_t value) { StoreBe24(cdb.bytes.data() + at, value); }
void Put32(Cdb& cdb, size_t at, uint32_t value) { StoreBe(cdb.bytes.data() + at, value); }
void Put64(Cdb& cdb, size_t at, uint64_t value) { StoreBe(cdb.bytes.data() + at, value); }

Cdb Transfer(uint8_t code, bool fixed, uint32_t count) {
  Cdb cdb = Make(code);
  Put8(cdb, 1, fixed ? 0x01 : 0);
  Put24(cdb, 2, count);
  return cdb;
}

Cdb Position(uint8_t service_action) {
  Cdb cdb = Make(opcode::kReadPosition);
  Put8(cdb, 1, service_action);
  return cdb;
}

}  // namespace

Cdb TestUnitReady() { return Make(opcode::kTestUnitReady); }

Cdb RequestSense(uint8_t room) {
  Cdb cdb = Make(opcode::kRequestSense);
  Put8(cdb, 4, room);
  return cdb;
}

Cdb Inquiry(uint16_t room) {
  Cdb cdb = Make(opcode::kInquiry);
  Put16(cdb, 3, room);
  return cdb;
}

Cdb InquiryPage(uint8_t page, uint16_t room) {
  Cdb cdb = Inquiry(room);
  Put8(cdb, 1, 0x01);
  Put8(cdb, 2, page);
  return cdb;
}

Cdb Rewind(bool immediate) {
  Cdb cdb = Make(opcode::kRewind);
  Put8(cdb, 1, immediate ? 0x01 : 0);
  return cdb;
}

Cdb FormatMedium(FormatKind kind, bool immediate) {
  Cdb cdb = Make(opcode::kFormatMedium);
  Put8(cdb, 1, immediate ? 0x01 : 0);
  Put8(cdb, 2, static_cast<uint8_t>(kind));
  return cdb;
}

Cdb ReadBlockLimits() { return Make(opcode::kReadBlockLimits); }

Cdb Read6(bool fixed, uint32_t count) { return Transfer(opcode::kRead6, fixed, count); }
Cdb Write6(bool fixed, uint32_t count) { return Transfer(opcode::kWrite6, fixed, count); }
Cdb WriteFilemarks6(uint32_t count, bool immediate) {
  return Transfer(opcode::kWriteFilemarks6, immediate, count);
}

Cdb WriteFilemarks16(uint64_t count, bool immediate) {
  Cdb cdb = Make(opcode::kWriteFilemarks16);
  Put8(cdb, 1, immediate ? 0x01 : 0);
  // The place of the object number is for explicit addressing, which is not used.
  Put24(cdb, 12, static_cast<uint32_t>(count));
  return cdb;
}

Cdb Space6(SpaceCode code, int32_t count) {
  Cdb cdb = Make(opcode::kSpace6);
  Put8(cdb, 1, static_cast<uint8_t>(code));
  Put24(cdb, 2, static_cast<uint32_t>(count));
  return cdb;
}

Cdb Space16(SpaceCode code, int64_t count) {
  Cdb cdb = Make(opcode::kSpace16);
  Put8(cdb, 1, static_cast<uint8_t>(code));
  Put64(cdb, 4, static_cast<uint64_t>(count));
  return cdb;
}

Cdb ModeSense6(uint8_t page, uint8_t subpage, uint8_t page_control, uint8_t room) {
  Cdb cdb = Make(opcode::kModeSense6);
  Put8(cdb, 2, static_cast<unsigned>(page_control) << 6 | (page & 0x3Fu));
  Put8(cdb, 3, subpage);
  Put8(cdb, 4, room);
  return cdb;
}

Cdb ModeSense10(uint8_t page, uint8_t subpage, uint8_t page_control, uint16_t room) {
  Cdb cdb = Make(opcode::kModeSense10);
  Put8(cdb, 2, static_cast<unsigned>(page_control) << 6 | (page & 0x3Fu));
  Put8(cdb, 3, subpage);
  Put16(cdb, 7, room);
  return cdb;
}

namespace {
// Parameters in the form of the standard, not the vendor's.
constexpr unsigned kPageFormat = 0x10;
}  // namespace

Cdb ModeSelect6(uint8_t size) {
  Cdb cdb = Make(opcode::kModeSelect6);
  Put8(cdb, 1, kPageFormat);
  Put8(cdb, 4, size);
  return cdb;
}

Cdb ModeSelect10(uint16_t size) {
  Cdb cdb = Make(opcode::kModeSelect10);
  Put8(cdb, 1, kPageFormat);
  Put16(cdb, 7, size);
  return cdb;
}

Cdb Erase6(bool whole, bool immediate) {
  Cdb cdb = Make(opcode::kErase6);
  Put8(cdb, 1, (whole ? 0x01u : 0u) | (immediate ? 0x02u : 0u));
  return cdb;
}

Cdb LoadUnload(const LoadOptions& options) {
  Cdb cdb = Make(opcode::kLoadUnload);
  Put8(cdb, 1, options.immediate ? 0x01 : 0);
  Put8(cdb, 4, (options.load ? 0x01u : 0u) | (options.retension ? 0x02u : 0u));
  return cdb;
}

Cdb PreventAllow(bool prevent) {
  Cdb cdb = Make(opcode::kPreventAllow);
  Put8(cdb, 4, prevent ? 0x01 : 0);
  return cdb;
}

Cdb Locate10(uint32_t object, bool change_partition, uint8_t partition, bool immediate) {
  Cdb cdb = Make(opcode::kLocate10);
  Put8(cdb, 1, (change_partition ? 0x02u : 0u) | (immediate ? 0x01u : 0u));
  Put32(cdb, 3, object);
  Put8(cdb, 8, partition);
  return cdb;
}

Cdb Locate16(LocateTo destination, uint64_t object, bool change_partition, uint8_t partition,
             bool immediate) {
  Cdb cdb = Make(opcode::kLocate16);
  Put8(cdb, 1,
       static_cast<unsigned>(destination) << 3 | (change_partition ? 0x02u : 0u) |
           (immediate ? 0x01u : 0u));
  Put8(cdb, 3, partition);
  Put64(cdb, 4, object);
  return cdb;
}

Cdb ReadPositionShort() { return Position(0x00); }
Cdb ReadPositionLong() { return Position(0x06); }

Cdb ReportDensity(bool of_medium, uint16_t room) {
  Cdb cdb = Make(opcode::kReportDensity);
  Put8(cdb, 1, of_medium ? 0x01 : 0);
  Put16(cdb, 7, room);
  return cdb;
}

Cdb LogSense(uint8_t page, uint16_t room) {
  Cdb cdb = Make(opcode::kLogSense);
  constexpr unsigned kCumulative = 0x40;
  Put8(cdb, 2, kCumulative | (page & 0x3Fu));
  Put16(cdb, 7, room);
  return cdb;
}

Cdb ReadAttributes(uint8_t partition, uint16_t first, uint32_t room) {
  Cdb cdb = Make(opcode::kReadAttribute);
  Put8(cdb, 7, partition);
  Put16(cdb, 8, first);
  Put32(cdb, 10, room);
  return cdb;
}

Cdb WriteAttributes(uint8_t partition, uint32_t size) {
  Cdb cdb = Make(opcode::kWriteAttribute);
  constexpr unsigned kWriteThrough = 0x01;
  Put8(cdb, 1, kWriteThrough);
  Put8(cdb, 7, partition);
  Put32(cdb, 10, size);
  return cdb;
}

Cdb ReportSupportedCommands(uint32_t room) {
  Cdb cdb = Make(opcode::kMaintenanceIn);
  constexpr unsigned kServiceAction = 0x0C;
  constexpr unsigned kReturnTimeLimits = 0x80;
  Put8(cdb, 1, kServiceAction);
  Put8(cdb, 2, kReturnTimeLimits);
  Put32(cdb, 6, room);
  return cdb;
}

Cdb AllowOverwrite(OverwriteAt what, uint8_t partition, uint64_t object) {
  Cdb cdb = Make(opcode::kAllowOverwrite);
  Put8(cdb, 2, static_cast<unsigned>(what));
  Put8(cdb, 3, partition);
  Put64(cdb, 4, object);
  return cdb;
}

}  // namespace tapir::scsi
