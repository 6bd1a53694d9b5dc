#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "bytes/cursor.h"

/// Parsers of what drives answer (SSC, SPC). Each takes the bytes that came, believes no length in
/// them, and gives nothing if they are too few to mean anything.
namespace tapir::scsi {

struct InquiryData {
  uint8_t device_type = 0;  ///< 01h: sequential access
  bool removable = false;
  std::string vendor;  ///< without the spaces at the end, printable ASCII
  std::string product;
  std::string revision;
};
inline constexpr uint8_t kSequentialAccess = 0x01;
std::optional<InquiryData> ParseInquiry(ByteSpan bytes);

/// What stands behind the four bytes in front of a vital product data page.
std::optional<ByteSpan> ParseVpdPage(ByteSpan bytes, uint8_t page);
/// Page 80h.
std::string ParseSerialNumber(ByteSpan bytes);
/// Page 83h: designators of the logical unit, in hexadecimal or as text.
std::vector<std::string> ParseDesignators(ByteSpan bytes);
/// Page B0h: true if the drive can be given media that are written once only.
bool ParseWormCapable(ByteSpan bytes);

struct BlockLimits {
  uint8_t granularity = 0;  ///< exponent of 2
  uint32_t max_bytes = 0;
  uint16_t min_bytes = 0;
};
std::optional<BlockLimits> ParseBlockLimits(ByteSpan bytes);

/// READ POSITION, of either form. Partition counts from 0.
struct PositionReply {
  bool beginning = false;
  bool near_end = false;
  bool known = false;  ///< false: the drive says it does not know where it stands
  uint32_t partition = 0;
  uint64_t object = 0;
};
std::optional<PositionReply> ParseShortPosition(ByteSpan bytes);
std::optional<PositionReply> ParseLongPosition(ByteSpan bytes);

struct Density {
  uint8_t primary = 0;
  uint8_t secondary = 0;
  bool writable = false;
  bool is_default = false;
  uint32_t capacity_mb = 0;
  std::string organization;
  std::string name;
};
std::vector<Density> ParseDensities(ByteSpan bytes);

/// One command of REPORT SUPPORTED OPERATION CODES.
struct SupportedCommand {
  uint8_t opcode = 0;
  std::optional<uint16_t> service_action;
  uint32_t nominal_s = 0;      ///< 0: not told
  uint32_t recommended_s = 0;  ///< the same
};
std::vector<SupportedCommand> ParseSupportedCommands(ByteSpan bytes);

/// A parameter of a log page; the value points into the bytes parsed.
struct LogParameter {
  uint16_t code = 0;
  ByteSpan value;

  /// As a big-endian number; nothing if it has no bytes or more than eight.
  std::optional<uint64_t> Number() const;
};
namespace log_page {
inline constexpr uint8_t kWriteErrors = 0x02;
inline constexpr uint8_t kReadErrors = 0x03;
inline constexpr uint8_t kSequentialAccess = 0x0C;
inline constexpr uint8_t kVolumeStatistics = 0x17;
inline constexpr uint8_t kTapeAlert = 0x2E;
inline constexpr uint8_t kCapacity = 0x31;
}  // namespace log_page
/// Empty if it is another page.
std::vector<LogParameter> ParseLogPage(ByteSpan bytes, uint8_t page);
std::optional<uint64_t> LogNumber(const std::vector<LogParameter>& parameters, uint16_t code);

/// Page 2Eh: flags that are up, 1 to 64, in order.
std::vector<uint8_t> ParseTapeAlert(ByteSpan bytes);

/// Pages 02h and 03h.
struct ErrorCounters {
  std::optional<uint64_t> corrected;
  std::optional<uint64_t> uncorrected;
  std::optional<uint64_t> bytes_processed;
};
ErrorCounters ParseErrorCounters(ByteSpan bytes, uint8_t page);

/// Page 31h, in units of 2^20 bytes, of the first or second partition (`partition` 0 or 1).
struct CapacityLog {
  std::optional<uint64_t> remaining;
  std::optional<uint64_t> maximum;
};
CapacityLog ParseCapacityLog(ByteSpan bytes, uint32_t partition);

/// How the value of a cartridge memory attribute is written.
enum class AttributeFormat : uint8_t { kBinary = 0, kAscii = 1, kText = 2 };
struct Attribute {
  uint16_t id = 0;
  bool read_only = false;
  AttributeFormat format = AttributeFormat::kBinary;
  ByteSpan value;
};
/// READ ATTRIBUTE, attribute values. One that is cut off is left out.
std::vector<Attribute> ParseAttributes(ByteSpan bytes);
/// The parameter list of WRITE ATTRIBUTE for one attribute.
std::string EncodeAttribute(const Attribute& attribute);

}  // namespace tapir::scsi
