#include "device/scsi/ssc_drive.h"

#include <algorithm>
#include <array>
#include <utility>

namespace tapir::scsi {
namespace {

constexpr uint16_t kInquiryRoom = 252;

std::vector<std::byte> Ask(CommandRunner& runner, const Cdb& cdb, size_t size) {
  std::vector<std::byte> data(size);
  // One that is not ready is asked again when it is.
  Result<Answer> answer = runner.Run(cdb, {.in = data, .may_wait = false});
  data.resize(answer.ok() && answer->done() ? answer->transferred : 0);
  return data;
}

// Tells how much it left out wrongly, and has other habits of its own.
bool IsOdd(const InquiryData& inquiry) {
  return inquiry.vendor == "IET" && inquiry.product == "VIRTUAL-TAPE";
}

}  // namespace

Result<std::unique_ptr<SscDrive>> SscDrive::Open(std::unique_ptr<ScsiTransport> transport,
                                                 SscDriveOptions options) {
  CommandRunner runner(std::move(transport), options.wait);
  std::array<std::byte, kInquiryRoom> data{};
  TAPIR_ASSIGN_OR_RETURN(Answer answer,
                         runner.Must(Inquiry(kInquiryRoom), "asking what it is", {.in = data}));
  std::optional<InquiryData> inquiry = ParseInquiry(ByteSpan(data).first(answer.transferred));
  if (!inquiry || inquiry->device_type != kSequentialAccess) {
    return Unsupported(runner.transport().name() + ": not a tape drive");
  }
  std::unique_ptr<SscDrive> drive(
      new SscDrive(std::move(options), *std::move(inquiry), std::move(runner)));
  drive->Introduce();
  return drive;
}

SscDrive::SscDrive(SscDriveOptions options, InquiryData inquiry, CommandRunner&& runner)
    : options_(std::move(options)),
      runner_(std::move(runner)),
      modes_(runner_),
      protection_(modes_),
      inquiry_(std::move(inquiry)),
      odd_target_(IsOdd(inquiry_)),
      position_(runner_, !odd_target_) {
  runner_.SetRefresh([this] { return Refresh(); });
}

SscDrive::~SscDrive() {
  runner_.StopWaiting();
  if (protection_.on()) protection_.Ensure(false).ok();
}

void SscDrive::Introduce() {
  // What happened before this was opened is nobody's concern.
  constexpr int kMaxPending = 8;
  for (int i = 0; i < kMaxPending; ++i) {
    Result<Answer> answer = runner_.Run(TestUnitReady(), {.may_wait = false});
    if (!answer.ok() || !answer->Says(NextStep::kReestablish)) break;
  }
  runner_.SetPositionKnown();
  Learn();
  if (Result<ModeReply> now = modes_.Read(0); now.ok()) block_bytes_ = now->block_bytes;
  // What cannot be set now is tried again before the first block.
  runner_.Refresh().ok();
}

// What the drive says of itself and the medium it has now.
void SscDrive::Learn() {
  std::optional<InquiryData> inquiry =
      ParseInquiry(Ask(runner_, Inquiry(kInquiryRoom), kInquiryRoom));
  if (inquiry && inquiry->device_type == kSequentialAccess) inquiry_ = *std::move(inquiry);
  constexpr uint32_t kListRoom = 16384;
  std::vector<SupportedCommand> commands =
      ParseSupportedCommands(Ask(runner_, ReportSupportedCommands(kListRoom), kListRoom));
  if (!commands.empty()) runner_.SetSupported(commands);
  serial_number_ = ParseSerialNumber(Ask(runner_, InquiryPage(0x80, kInquiryRoom), kInquiryRoom));
  constexpr size_t kLimitsBytes = 6;
  limits_ = ParseBlockLimits(Ask(runner_, ReadBlockLimits(), kLimitsBytes));
}

Status SscDrive::RefreshBlockSize() {
  if (block_bytes_ == 0) return OkStatus();
  TAPIR_ASSIGN_OR_RETURN(ModeReply now, modes_.Read(0));
  if (now.block_bytes == block_bytes_) return OkStatus();
  return modes_.Change(now, {.block_bytes = block_bytes_});
}

Status SscDrive::Refresh() {
  if (runner_.TakeChanged()) Learn();
  TAPIR_RETURN_IF_ERROR(RefreshBlockSize());
  if (settings_) {
    TAPIR_RETURN_IF_ERROR(SetCompression(settings_->compression));
    TAPIR_RETURN_IF_ERROR(SetWarningZone(settings_->eot_warning_zone_bytes));
  }
  return protection_.Ensure(options_.protect_blocks && block_bytes_ == 0);
}

Status SscDrive::StopProtecting() {
  options_.protect_blocks = false;
  return protection_.Ensure(false);
}

uint32_t SscDrive::MaxBlockBytes() const {
  uint32_t max = std::min(kMaxCount24, runner_.transport().max_transfer_bytes());
  if (limits_ && limits_->max_bytes != 0) max = std::min(max, limits_->max_bytes);
  return max;
}

Result<TapeIdentity> SscDrive::Identify() {
  // Brings the news of a change, if there is any.
  runner_.Run(TestUnitReady(), {.may_wait = false}).status().ok();
  runner_.Refresh().ok();
  TapeIdentity identity{.vendor = inquiry_.vendor,
                        .product = inquiry_.product,
                        .revision = inquiry_.revision,
                        .serial_number = serial_number_,
                        .way = runner_.transport().way(),
                        .protects_blocks = protection_.on()};
  if (protection_.on()) {
    identity.max_protected_bytes = std::min(kMaxCount24, runner_.transport().max_transfer_bytes()) -
                                   static_cast<uint32_t>(protection_.extra_bytes());
  }
  if (Result<ModeReply> now = modes_.Read(0); now.ok()) identity.density_code = now->density_code;
  Result<ModeReply> medium = modes_.Read(mode_page::kMediumConfiguration);
  identity.worm = !odd_target_ && medium.ok() && ParseWormMedium(medium->page);
  return identity;
}

Result<std::vector<std::byte>> SscDrive::ReadLog(uint8_t page) {
  constexpr uint16_t kRoom = 16384;
  std::vector<std::byte> data(kRoom);
  TAPIR_ASSIGN_OR_RETURN(Answer answer,
                         runner_.Must(LogSense(page, kRoom), "reading a log page", {.in = data}));
  data.resize(answer.transferred);
  return data;
}

}  // namespace tapir::scsi
