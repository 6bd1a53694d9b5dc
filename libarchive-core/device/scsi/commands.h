#pragma once

#include <array>
#include <cstdint>

#include "bytes/cursor.h"

/// Command descriptor blocks of sequential-access devices (SSC, SPC). Builders take values that fit
/// their fields; callers check ranges. What comes back is parsed in replies.h and mode_pages.h.
namespace tapir::scsi {

struct Cdb {
  std::array<std::byte, 16> bytes{};
  uint8_t size = 0;

  ByteSpan span() const { return ByteSpan(bytes).first(size); }
  uint8_t opcode() const { return std::to_integer<uint8_t>(bytes[0]); }
};

namespace opcode {
inline constexpr uint8_t kTestUnitReady = 0x00;
inline constexpr uint8_t kRewind = 0x01;
inline constexpr uint8_t kRequestSense = 0x03;
inline constexpr uint8_t kFormatMedium = 0x04;
inline constexpr uint8_t kReadBlockLimits = 0x05;
inline constexpr uint8_t kRead6 = 0x08;
inline constexpr uint8_t kWrite6 = 0x0A;
inline constexpr uint8_t kWriteFilemarks6 = 0x10;
inline constexpr uint8_t kSpace6 = 0x11;
inline constexpr uint8_t kInquiry = 0x12;
inline constexpr uint8_t kModeSelect6 = 0x15;
inline constexpr uint8_t kErase6 = 0x19;
inline constexpr uint8_t kModeSense6 = 0x1A;
inline constexpr uint8_t kLoadUnload = 0x1B;
inline constexpr uint8_t kPreventAllow = 0x1E;
inline constexpr uint8_t kLocate10 = 0x2B;
inline constexpr uint8_t kReadPosition = 0x34;
inline constexpr uint8_t kReportDensity = 0x44;
inline constexpr uint8_t kLogSense = 0x4D;
inline constexpr uint8_t kModeSelect10 = 0x55;
inline constexpr uint8_t kModeSense10 = 0x5A;
inline constexpr uint8_t kWriteFilemarks16 = 0x80;
inline constexpr uint8_t kAllowOverwrite = 0x82;
inline constexpr uint8_t kReadAttribute = 0x8C;
inline constexpr uint8_t kWriteAttribute = 0x8D;
inline constexpr uint8_t kSpace16 = 0x91;
inline constexpr uint8_t kLocate16 = 0x92;
inline constexpr uint8_t kMaintenanceIn = 0xA3;
}  // namespace opcode

/// The widest counts of READ(6), WRITE(6), WRITE FILEMARKS(6) and SPACE(6).
inline constexpr uint32_t kMaxCount24 = 0xFFFFFF;
inline constexpr int64_t kMaxSpace24 = 0x7FFFFF;

Cdb TestUnitReady();
Cdb RequestSense(uint8_t room);
Cdb Inquiry(uint16_t room);
Cdb InquiryPage(uint8_t page, uint16_t room);
Cdb Rewind(bool immediate);

enum class FormatKind : uint8_t { kDefault = 0, kPartition = 1, kDefaultThenPartition = 2 };
Cdb FormatMedium(FormatKind kind, bool immediate);

Cdb ReadBlockLimits();
/// `count`: bytes, or with `fixed` blocks. SILI is not used: without it the drive tells of each
/// block of another length.
Cdb Read6(bool fixed, uint32_t count);
Cdb Write6(bool fixed, uint32_t count);
Cdb WriteFilemarks6(uint32_t count, bool immediate);
Cdb WriteFilemarks16(uint64_t count, bool immediate);

enum class SpaceCode : uint8_t {
  kBlocks = 0,
  kFilemarks = 1,
  kSequentialFilemarks = 2,
  kEndOfData = 3,
};
Cdb Space6(SpaceCode code, int32_t count);
Cdb Space16(SpaceCode code, int64_t count);

/// `page_control`: 0 current, 1 changeable, 2 default, 3 saved values.
Cdb ModeSense6(uint8_t page, uint8_t subpage, uint8_t page_control, uint8_t room);
Cdb ModeSense10(uint8_t page, uint8_t subpage, uint8_t page_control, uint16_t room);
Cdb ModeSelect6(uint8_t size);
Cdb ModeSelect10(uint16_t size);

Cdb Erase6(bool whole, bool immediate);

struct LoadOptions {
  bool load = false;
  bool retension = false;
  bool immediate = false;
};
Cdb LoadUnload(const LoadOptions& options);
Cdb PreventAllow(bool prevent);

/// `partition` counts from 0 and counts only with `change_partition`.
Cdb Locate10(uint32_t object, bool change_partition, uint8_t partition, bool immediate);
enum class LocateTo : uint8_t { kObject = 0, kFile = 1, kEndOfData = 3 };
Cdb Locate16(LocateTo destination, uint64_t object, bool change_partition, uint8_t partition,
             bool immediate);

inline constexpr size_t kShortPositionBytes = 20;
inline constexpr size_t kLongPositionBytes = 32;
Cdb ReadPositionShort();
Cdb ReadPositionLong();

/// `of_medium`: what the medium in the drive can do, else what the drive can.
Cdb ReportDensity(bool of_medium, uint16_t room);
/// Current cumulative values of a log page.
Cdb LogSense(uint8_t page, uint16_t room);

/// `partition` counts from 0.
Cdb ReadAttributes(uint8_t partition, uint16_t first, uint32_t room);
Cdb WriteAttributes(uint8_t partition, uint32_t size);

/// All commands, with their time limits.
Cdb ReportSupportedCommands(uint32_t room);

/// What a drive in append-only mode is to allow once.
enum class OverwriteAt : uint8_t { kPosition = 1, kFormat = 2 };
/// `partition` from 0; with `object` it has to be where the drive stands.
Cdb AllowOverwrite(OverwriteAt what, uint8_t partition, uint64_t object);

}  // namespace tapir::scsi
