#include "fuzz/support/scsi_script.h"

#include <algorithm>
#include <vector>

#include "device/scsi/replies.h"
#include "device/scsi/ssc_drive.h"
#include "fuzz/support/require.h"

namespace tapir::fuzz {
namespace {

using scsi::ScsiReply;
using scsi::ScsiRequest;

constexpr size_t kDataBytes = 128;
constexpr uint8_t kWhole = 128;
constexpr uint8_t kTooMuch = 255;
constexpr uint8_t kGood = 1;

bool IsInquiry(const ScsiRequest& request) {
  return request.cdb[0] == std::byte{0x12} && request.cdb[1] == std::byte{0};
}

void Transfer(TapeDrive& drive) {
  std::vector<std::byte> buffer(65536);
  for (size_t size : {buffer.size(), size_t{7}, size_t{4096}}) {
    Result<TapeRead> read = drive.Read(std::span(buffer).first(size));
    Require(!read.ok() || read->size <= size, "a block no longer than the buffer");
    drive.Write(std::span(buffer).first(size)).status().ok();
    drive.GetTapePosition(TapePositionType::kLogical).status().ok();
  }
  drive.WriteTapemark(TapeMark::kFilemark, 3, false).status().ok();
}

void Position(TapeDrive& drive) {
  for (TapePositioning method : {TapePositioning::kRewind, TapePositioning::kAbsoluteBlock,
                                 TapePositioning::kLogicalBlock, TapePositioning::kEndOfData,
                                 TapePositioning::kRelativeBlocks, TapePositioning::kFilemarks}) {
    for (int64_t offset : {int64_t{2}, int64_t{-3}, int64_t{1} << 40}) {
      drive.SetTapePosition(method, 1, offset, false).ok();
    }
  }
}

void Ask(TapeDrive& drive) {
  drive.Identify().status().ok();
  drive.GetTapeDriveParameters().status().ok();
  drive.GetTapeMediaParameters().status().ok();
  drive.GetTapeStatus().ok();
  drive.ReadAttribute(TapeAttribute::kBarcode).status().ok();
  drive.WriteAttribute(TapeAttribute::kBarcode, {}).ok();
  Result<std::vector<uint8_t>> alerts = drive.ReadAlerts();
  Require(!alerts.ok() || alerts->size() <= 64, "no more than 64 alerts");
}

void Change(TapeDrive& drive) {
  drive.CreateTapePartition(TapePartitionMethod::kInitiator, 2, 100000).ok();
  drive.CreateTapePartition(TapePartitionMethod::kFixed, 0, 0).ok();
  drive.SetTapeDriveParameters({.compression = true, .eot_warning_zone_bytes = 1000000}).ok();
  drive.SetTapeMediaParameters(512).ok();
  drive.EraseTape(TapeEraseType::kShort, false).ok();
  for (TapePreparation operation :
       {TapePreparation::kLock, TapePreparation::kUnlock, TapePreparation::kFormat,
        TapePreparation::kUnload, TapePreparation::kLoad}) {
    drive.PrepareTape(operation, false).ok();
  }
}

}  // namespace

uint8_t ScriptTransport::Next() {
  auto value = std::to_integer<uint8_t>(script_[at_ % script_.size()]);
  auto round = static_cast<uint8_t>(at_ / script_.size());
  ++at_;
  return static_cast<uint8_t>(value ^ round);
}

Result<ScsiReply> ScriptTransport::Execute(const ScsiRequest& request) {
  constexpr unsigned kMaxCommands = 400;
  if (++commands_ > kMaxCommands || script_.empty()) return DeviceError("no more replies");
  Require(request.cdb.size() >= 6 && request.cdb.size() <= 16, "a command of 6 to 16 bytes");
  Require(request.time_limit_ms > 0, "a time limit");
  Require(request.data_in.empty() || request.data_out.empty(), "data one way");
  ScsiReply reply;
  uint8_t kind = Next();
  if (kind % 4 == 0 && !IsInquiry(request)) {
    reply.status = kind % 64 == 4 ? Next() : scsi::scsi_status::kCheckCondition;
  }
  size_t part = Next();
  size_t size = std::max(request.data_in.size(), request.data_out.size());
  std::fill(request.data_in.begin(), request.data_in.end(), std::byte{0});
  size_t given = std::min(request.data_in.size(), kDataBytes);
  for (std::byte& byte : request.data_in.first(given)) byte = std::byte{Next()};
  // Who believes a drive that claims to have moved too much reads past the buffer.
  reply.transferred = part == kTooMuch ? SIZE_MAX : size * part / kWhole;
  if (IsInquiry(request)) {
    request.data_in[0] = std::byte{scsi::kSequentialAccess};
    reply.transferred = size;
  }
  if (reply.status == scsi::scsi_status::kCheckCondition) {
    reply.sense_size = Next() % (reply.sense.size() + 1);
    for (size_t i = 0; i < reply.sense_size; ++i) reply.sense[i] = std::byte{Next()};
    // Of noise, few bytes would be a format that is known.
    if (kind % 8 == 4) reply.sense[0] = static_cast<std::byte>(0xF0 | (kind / 8 % 4));
  }
  return reply;
}

Result<ScsiReply> RecordingTransport::Execute(const ScsiRequest& request) {
  Result<ScsiReply> reply = inner_.Execute(request);
  if (!reply.ok()) return reply;
  bool check = reply->status == scsi::scsi_status::kCheckCondition;
  script_ += static_cast<char>(check ? 0 : kGood);
  script_ += static_cast<char>(kWhole);
  script_ += AsText(request.data_in.first(std::min(request.data_in.size(), kDataBytes)));
  if (check) {
    script_ += static_cast<char>(reply->sense_size);
    script_ += AsText(reply->sense_bytes());
  }
  return reply;
}

void CallEverything(std::unique_ptr<scsi::ScsiTransport> transport) {
  Result<std::unique_ptr<scsi::SscDrive>> drive =
      scsi::SscDrive::Open(std::move(transport), {.wait = [](uint32_t) {}});
  if (!drive.ok()) return;
  Ask(**drive);
  Transfer(**drive);
  Position(**drive);
  Change(**drive);
  Transfer(**drive);
}

}  // namespace tapir::fuzz
