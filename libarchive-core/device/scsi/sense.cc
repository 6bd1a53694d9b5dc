#include "device/scsi/sense.h"

#include <fmt/format.h>

#include <algorithm>

#include "bytes/big_endian.h"

namespace tapir::scsi {
namespace {

constexpr uint8_t kInformationDescriptor = 0x00;
constexpr uint8_t kSpecificDescriptor = 0x02;
constexpr uint8_t kStreamDescriptor = 0x04;
constexpr uint8_t kBlockDescriptor = 0x05;

void SetFlags(Sense& sense, uint8_t flags) {
  sense.filemark = (flags & kSenseFilemark) != 0;
  sense.eom = (flags & kSenseEom) != 0;
  sense.ili = (flags & kSenseIli) != 0;
}

// Of these keys, what is specific to them is a progress.
void SetProgress(Sense& sense, ByteSpan specific) {
  bool has_progress = sense.key == 0x0 || sense.key == 0x2;
  if (!has_progress || specific.size() < 3 || (ByteAt(specific, 0) & 0x80) == 0) return;
  sense.progress = LoadBe<uint16_t>(specific.data() + 1);
}

void DecodeFixed(ByteSpan bytes, Sense& sense) {
  // Byte 7 counts what follows it; bytes beyond that are not sense data.
  if (bytes.size() > 8) bytes = bytes.first(std::min<size_t>(bytes.size(), 8u + ByteAt(bytes, 7)));
  SetFlags(sense, ByteAt(bytes, 2));
  sense.key = ByteAt(bytes, 2) & 0x0F;
  sense.asc = ByteAt(bytes, 12);
  sense.ascq = ByteAt(bytes, 13);
  if ((ByteAt(bytes, 0) & 0x80) != 0 && bytes.size() >= 7) {
    sense.information_valid = true;
    sense.information = LoadBe<int32_t>(bytes.data() + 3);
  }
  if (bytes.size() > 15) SetProgress(sense, bytes.subspan(15));
}

void DecodeDescriptors(ByteSpan bytes, Sense& sense) {
  sense.key = ByteAt(bytes, 1) & 0x0F;
  sense.asc = ByteAt(bytes, 2);
  sense.ascq = ByteAt(bytes, 3);
  if (bytes.size() < 8) return;
  ByteSpan rest = bytes.subspan(8, std::min<size_t>(bytes.size() - 8, ByteAt(bytes, 7)));
  while (rest.size() >= 2) {
    ByteSpan item = rest.first(std::min<size_t>(rest.size(), 2u + ByteAt(rest, 1)));
    uint8_t type = ByteAt(item, 0);
    if (type == kInformationDescriptor && item.size() >= 12) {
      sense.information_valid = (ByteAt(item, 2) & 0x80) != 0;
      sense.information = LoadBe<int64_t>(item.data() + 4);
    } else if (type == kSpecificDescriptor && item.size() >= 7) {
      SetProgress(sense, item.subspan(4));
    } else if ((type == kStreamDescriptor || type == kBlockDescriptor) && item.size() >= 4) {
      SetFlags(sense, ByteAt(item, 3));
    }
    rest = rest.subspan(item.size());
  }
}

using enum NextStep;
using enum TapeError;

constexpr SenseRule kRules[] = {
    {kSenseFilemark, 0x0, -1, -1, kFilemarkDetected, kGoOn, "a filemark"},
    {0, 0x0, 0x00, 0x03, kSetmarkDetected, kGoOn, "a setmark"},
    {0, 0x0, 0x00, 0x04, kBeginningOfMedia, kGoOn, "the beginning of the partition"},
    {0, 0x0, 0x00, 0x05, kNoDataDetected, kGoOn, "the end of data"},
    {0, 0x0, 0x00, 0x07, kNone, kGoOn, "the programmed early warning"},
    {kSenseEom, 0x0, -1, -1, kEndOfMedia, kGoOn, "the end of the medium is near"},
    {kSenseIli, 0x0, -1, -1, kInvalidBlockLength, kGoOn, "a block of another length"},
    {0, 0x0, 0x00, 0x17, kDeviceRequiresCleaning, kGoOn, "cleaning is wanted"},
    {0, 0x0, -1, -1, kNone, kGoOn, "nothing to say"},

    {0, 0x1, 0x00, 0x17, kDeviceRequiresCleaning, kGoOn, "cleaning is wanted"},
    {0, 0x1, 0x37, 0x00, kNone, kGoOn, "mode parameters were rounded"},
    {0, 0x1, -1, -1, kNone, kGoOn, "a recovered error"},

    {0, 0x2, 0x04, 0x01, kNotReady, kWait, "becoming ready"},
    {0, 0x2, 0x04, 0x02, kNotReady, kLoad, "the medium has to be loaded"},
    {0, 0x2, 0x04, 0x04, kNotReady, kWait, "formatting"},
    {0, 0x2, 0x04, 0x07, kNotReady, kWait, "an operation is in progress"},
    {0, 0x2, 0x04, 0x10, kNotSupported, kDowngrade, "the cartridge memory cannot be reached"},
    {0, 0x2, 0x30, 0x03, kNoMediaInDrive, kStop, "a cleaning cartridge"},
    {0, 0x2, 0x3A, 0x04, kNoMediaInDrive, kLoad, "the medium is not loaded"},
    {0, 0x2, 0x3A, -1, kNoMediaInDrive, kStop, "no medium"},
    {0, 0x2, -1, -1, kNotReady, kStop, "not ready"},

    {0, 0x3, 0x03, 0x02, kIoDevice, kStop, "excessive write errors"},
    {0, 0x3, 0x0C, -1, kIoDevice, kStop, "a write error"},
    {0, 0x3, 0x11, -1, kIoDevice, kStop, "an unrecovered read error"},
    {0, 0x3, 0x14, 0x03, kNoDataDetected, kStop, "the end of data cannot be found"},
    {0, 0x3, 0x30, 0x03, kNoMediaInDrive, kStop, "a cleaning cartridge"},
    {0, 0x3, 0x30, -1, kIoDevice, kStop, "the medium's format is unknown"},
    {0, 0x3, 0x31, -1, kIoDevice, kStop, "the medium's format is corrupt"},
    {0, 0x3, 0x50, -1, kIoDevice, kStop, "an append error"},
    {0, 0x3, 0x51, -1, kIoDevice, kStop, "an erase failure"},
    {0, 0x3, -1, -1, kIoDevice, kStop, "a medium error"},

    {0, 0x4, 0x10, 0x01, kIoDevice, kRetry, "the block came with a wrong checksum"},
    {0, 0x4, -1, -1, kIoDevice, kStop, "a hardware error"},

    {0, 0x5, 0x1A, -1, kNotSupported, kDowngrade, "the drive has shorter parameters"},
    {0, 0x5, 0x20, -1, kNotSupported, kDowngrade, "the drive does not have this command"},
    {0, 0x5, 0x24, -1, kNotSupported, kDowngrade, "the drive does not have this option"},
    {0, 0x5, 0x26, -1, kNotSupported, kDowngrade, "the drive does not have this parameter"},
    {0, 0x5, 0x3B, 0x0C, kBeginningOfMedia, kStop, "a place before the beginning"},
    {0, 0x5, 0x53, 0x02, kUnableToUnloadMedia, kStop, "the medium is locked"},
    {0, 0x5, -1, -1, kIoDevice, kStop, "an illegal request"},

    {0, 0x6, 0x28, -1, kMediaChanged, kReestablish, "the medium may have been changed"},
    {0, 0x6, 0x29, -1, kBusReset, kReestablish, "the drive was reset"},
    {0, 0x6, 0x2A, -1, kNone, kRefreshModes, "mode parameters were changed"},
    {0, 0x6, 0x3F, -1, kNone, kRelearn, "the drive was changed"},
    {0, 0x6, 0x5A, 0x01, kNone, kRetry, "the operator asks for the medium"},
    {0, 0x6, -1, -1, kNone, kRetry, "a unit attention"},

    {0, 0x7, 0x27, -1, kWriteProtected, kStop, "write protected"},
    {0, 0x7, 0x30, 0x05, kWriteProtected, kStop, "this format cannot be written"},
    {0, 0x7, 0x30, 0x0C, kWriteProtected, kStop, "the medium can only be appended to"},
    {0, 0x7, 0x30, 0x0D, kWriteProtected, kStop, "the integrity of the medium is in doubt"},
    {0, 0x7, 0x5A, 0x02, kWriteProtected, kStop, "overwriting is locked"},
    {0, 0x7, 0x74, -1, kIoDevice, kStop, "an encryption key is missing or wrong"},
    {0, 0x7, -1, -1, kWriteProtected, kStop, "the data is protected"},

    {0, 0x8, 0x14, 0x01, kNoDataDetected, kGoOn, "nothing was ever written here"},
    {0, 0x8, 0x14, 0x03, kNoDataDetected, kStop, "the end of data cannot be found"},
    {0, 0x8, -1, -1, kNoDataDetected, kGoOn, "the end of data"},

    {0, 0xB, -1, -1, kIoDevice, kRetry, "the command was aborted"},
    {0, 0xD, -1, -1, kEomOverflow, kStop, "the medium is full"},
    {0, -1, -1, -1, kIoDevice, kStop, "an error of an unknown kind"},
};

bool Fits(const SenseRule& rule, const Sense& sense, uint8_t flags) {
  return (rule.flags == 0 || (rule.flags & flags) != 0) &&
         (rule.key < 0 || rule.key == sense.key) && (rule.asc < 0 || rule.asc == sense.asc) &&
         (rule.ascq < 0 || rule.ascq == sense.ascq);
}

}  // namespace

Sense DecodeSense(ByteSpan bytes) {
  Sense sense;
  uint8_t code = ByteAt(bytes, 0) & 0x7F;
  bool fixed = code == 0x70 || code == 0x71;
  bool descriptors = code == 0x72 || code == 0x73;
  // Without its key a sense says nothing.
  if (!(fixed && bytes.size() >= 3) && !(descriptors && bytes.size() >= 2)) return sense;
  sense.present = true;
  sense.deferred = (code & 1) != 0;
  if (fixed) {
    DecodeFixed(bytes, sense);
  } else {
    DecodeDescriptors(bytes, sense);
  }
  return sense;
}

std::string SenseText(const Sense& sense) {
  if (!sense.present) return "no sense data";
  return fmt::format("sense {:x}/{:02x}/{:02x}", sense.key, sense.asc, sense.ascq);
}

std::span<const SenseRule> SenseRules() { return kRules; }

const SenseRule& RuleFor(const Sense& sense) {
  const SenseRule& last = std::end(kRules)[-1];
  if (!sense.present) return last;
  auto flags = static_cast<uint8_t>((sense.filemark ? kSenseFilemark : 0) |
                                    (sense.eom ? kSenseEom : 0) | (sense.ili ? kSenseIli : 0));
  for (const SenseRule& rule : kRules) {
    if (Fits(rule, sense, flags)) return rule;
  }
  return last;
}

}  // namespace tapir::scsi
