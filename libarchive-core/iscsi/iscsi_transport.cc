#include "iscsi/iscsi_transport.h"

#include <iscsi/scsi-lowlevel.h>

#include <algorithm>
#include <cstring>
#include <limits>

namespace tapir::iscsi {
namespace {

constexpr const char* kInitiator = "iqn.2026-01.tapir:initiator";
constexpr int kConnectSeconds = 30;
// The length field of READ(6) and WRITE(6).
constexpr uint32_t kMaxTransferBytes = (1u << 24) - 1;
// Before the sense data of a reply stands its length.
constexpr size_t kSenseLengthBytes = 2;

struct TaskDeleter {
  void operator()(scsi_task* task) const { scsi_free_scsi_task(task); }
};
using Task = std::unique_ptr<scsi_task, TaskDeleter>;

Status Lost(iscsi_context* context, const std::string& doing) {
  return DeviceError(doing + ": " + iscsi_get_error(context));
}

Task MakeTask(const scsi::ScsiRequest& request) {
  int direction = SCSI_XFER_NONE;
  size_t size = 0;
  if (!request.data_in.empty()) {
    direction = SCSI_XFER_READ;
    size = request.data_in.size();
  } else if (!request.data_out.empty()) {
    direction = SCSI_XFER_WRITE;
    size = request.data_out.size();
  }
  std::array<unsigned char, SCSI_CDB_MAX_SIZE> cdb{};
  std::memcpy(cdb.data(), request.cdb.data(), std::min(cdb.size(), request.cdb.size()));
  Task task(scsi_create_task(static_cast<int>(request.cdb.size()), cdb.data(), direction,
                             static_cast<int>(size)));
  if (task && direction == SCSI_XFER_READ) {
    scsi_task_add_data_in_buffer(task.get(), static_cast<int>(size),
                                 reinterpret_cast<unsigned char*>(request.data_in.data()));
  }
  return task;
}

scsi::ScsiReply ReplyOf(const scsi_task& task, const scsi::ScsiRequest& request) {
  scsi::ScsiReply reply;
  reply.status = static_cast<uint8_t>(task.status);
  size_t size = std::max(request.data_in.size(), request.data_out.size());
  size_t missing = task.residual_status == SCSI_RESIDUAL_UNDERFLOW ? task.residual : 0;
  reply.transferred = size - std::min(size, missing);
  bool has_sense = task.status == SCSI_STATUS_CHECK_CONDITION && task.datain.data != nullptr &&
                   task.datain.size > static_cast<int>(kSenseLengthBytes);
  if (!has_sense) return reply;
  ByteSpan sense(reinterpret_cast<const std::byte*>(task.datain.data),
                 static_cast<size_t>(task.datain.size));
  sense = sense.subspan(kSenseLengthBytes);
  reply.sense_size = std::min(sense.size(), reply.sense.size());
  std::copy_n(sense.begin(), reply.sense_size, reply.sense.begin());
  return reply;
}

}  // namespace

Result<std::unique_ptr<IscsiTransport>> IscsiTransport::Connect(
    const Address& address, const std::optional<Credentials>& credentials) {
  iscsi_context* context = iscsi_create_context(kInitiator);
  if (context == nullptr) return DeviceError("cannot make an iSCSI context");
  std::unique_ptr<IscsiTransport> transport(new IscsiTransport(address, context));
  iscsi_set_targetname(context, address.target.c_str());
  iscsi_set_session_type(context, ISCSI_SESSION_NORMAL);
  iscsi_set_header_digest(context, ISCSI_HEADER_DIGEST_NONE_CRC32C);
  // A command that is sent again after the connection was lost may be carried out twice.
  iscsi_set_noautoreconnect(context, 1);
  iscsi_set_timeout(context, kConnectSeconds);
  if (credentials && iscsi_set_initiator_username_pwd(context, credentials->name.c_str(),
                                                      credentials->secret.c_str()) != 0) {
    return Lost(context, "CHAP name and secret");
  }
  if (iscsi_full_connect_sync(context, address.portal.c_str(), address.lun) != 0) {
    return Lost(context, "cannot connect to " + transport->name());
  }
  return transport;
}

IscsiTransport::~IscsiTransport() {
  if (iscsi_is_logged_in(context_) != 0) iscsi_logout_sync(context_);
  iscsi_destroy_context(context_);
}

std::string IscsiTransport::name() const {
  return "iscsi://" + address_.portal + "/" + address_.target + "/" + std::to_string(address_.lun);
}

uint32_t IscsiTransport::max_transfer_bytes() const { return kMaxTransferBytes; }

Result<scsi::ScsiReply> IscsiTransport::Execute(const scsi::ScsiRequest& request) {
  Task task = MakeTask(request);
  if (!task) return DeviceError("no memory for a SCSI command");
  const uint32_t seconds = std::max(request.time_limit_ms / 1000, 1u);
  iscsi_set_timeout(context_, static_cast<int>(std::min<uint32_t>(
                                  seconds, std::numeric_limits<int>::max() / 1000)));
  iscsi_data out{
      request.data_out.size(),
      const_cast<unsigned char*>(reinterpret_cast<const unsigned char*>(request.data_out.data()))};
  scsi_task* done = iscsi_scsi_command_sync(context_, address_.lun, task.get(),
                                            request.data_out.empty() ? nullptr : &out);
  // Statuses above a byte are the library's own: the command was not answered.
  if (done == nullptr || task->status > 0xFF) return Lost(context_, "SCSI command to " + name());
  return ReplyOf(*task, request);
}

}  // namespace tapir::iscsi
