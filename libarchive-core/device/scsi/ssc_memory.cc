// Cartridge memory and TapeAlert.

#include <fmt/format.h>

#include <algorithm>

#include "device/scsi/ssc_drive.h"

namespace tapir::scsi {
namespace {

// Attributes of hosts (SPC): form and length of the value. Shorter values are filled up, ASCII with
// spaces and text with zeros; length 0: any.
struct HostAttribute {
  TapeAttribute id;
  AttributeFormat format;
  size_t size;
};
constexpr HostAttribute kHostAttributes[] = {
    {TapeAttribute::kApplicationVendor, AttributeFormat::kAscii, 8},
    {TapeAttribute::kApplicationName, AttributeFormat::kAscii, 32},
    {TapeAttribute::kApplicationVersion, AttributeFormat::kAscii, 8},
    {TapeAttribute::kUserTextLabel, AttributeFormat::kText, 160},
    {TapeAttribute::kDateLastWritten, AttributeFormat::kAscii, 12},
    {TapeAttribute::kTextLocalization, AttributeFormat::kBinary, 1},
    {TapeAttribute::kBarcode, AttributeFormat::kAscii, 32},
    {TapeAttribute::kOwningHost, AttributeFormat::kText, 80},
    {TapeAttribute::kMediaPool, AttributeFormat::kText, 160},
    {TapeAttribute::kApplicationFormatVersion, AttributeFormat::kAscii, 16},
    {TapeAttribute::kVolumeCoherency, AttributeFormat::kBinary, 0},
};

std::string Doing(std::string_view verb, TapeAttribute attribute) {
  return fmt::format("{} attribute {:04x}h of the cartridge memory", verb,
                     static_cast<unsigned>(attribute));
}

}  // namespace

Result<std::vector<std::byte>> SscDrive::ReadAttribute(TapeAttribute attribute) {
  constexpr uint32_t kRoom = 128u << 10;
  std::string doing = Doing("reading", attribute);
  auto id = static_cast<uint16_t>(attribute);
  TAPIR_ASSIGN_OR_RETURN(uint32_t partition, CurrentPartition());
  std::vector<std::byte> data(std::min(kRoom, runner_.transport().max_transfer_bytes()));
  TAPIR_ASSIGN_OR_RETURN(Answer answer,
                         runner_.Run(ReadAttributes(static_cast<uint8_t>(partition - 1), id,
                                                    static_cast<uint32_t>(data.size())),
                                     {.in = data}));
  // Where nothing is set from this identifier on, drives call the field invalid.
  bool none = answer.sense.Is(0x5, 0x24, 0x00) && !answer.sense.deferred;
  if (!answer.done() && !none) return runner_.Failure(answer, doing);
  ByteSpan came = none ? ByteSpan() : ByteSpan(data).first(answer.transferred);
  for (const Attribute& found : ParseAttributes(came)) {
    if (found.id == id && !found.value.empty()) {
      return std::vector<std::byte>(found.value.begin(), found.value.end());
    }
  }
  return TapeFailure(TapeError::kNoDataDetected, fmt::format("{}: {}", name(), doing));
}

Status SscDrive::WriteAttribute(TapeAttribute attribute, std::span<const std::byte> value) {
  std::string doing = Doing("writing", attribute);
  const auto* known = std::find_if(std::begin(kHostAttributes), std::end(kHostAttributes),
                                   [&](const HostAttribute& host) { return host.id == attribute; });
  constexpr size_t kMaxBytes = 0xFFFF;
  bool fits = known != std::end(kHostAttributes) && value.size() <= kMaxBytes &&
              (known->size == 0 || value.size() <= known->size);
  if (!fits) {
    return TapeFailure(TapeError::kInvalidParameter,
                       fmt::format("{}: {}: {} bytes", name(), doing, value.size()));
  }
  std::string text(AsText(value));
  if (!text.empty() && known->size != 0) {
    text.resize(known->size, known->format == AttributeFormat::kAscii ? ' ' : '\0');
  }
  std::string list = EncodeAttribute(
      {.id = static_cast<uint16_t>(attribute), .format = known->format, .value = AsBytes(text)});
  TAPIR_ASSIGN_OR_RETURN(uint32_t partition, CurrentPartition());
  return runner_
      .Must(
          WriteAttributes(static_cast<uint8_t>(partition - 1), static_cast<uint32_t>(list.size())),
          doing, {.out = AsBytes(list)})
      .status();
}

Result<std::vector<uint8_t>> SscDrive::ReadAlerts() {
  TAPIR_ASSIGN_OR_RETURN(std::vector<std::byte> log, ReadLog(log_page::kTapeAlert));
  std::vector<uint8_t> alerts = ParseTapeAlert(log);
  constexpr uint8_t kCleanNow = 20;
  constexpr uint8_t kCleanPeriodic = 21;
  runner_.SetCleaningWanted(std::any_of(alerts.begin(), alerts.end(), [](uint8_t alert) {
    return alert == kCleanNow || alert == kCleanPeriodic;
  }));
  return alerts;
}

}  // namespace tapir::scsi
