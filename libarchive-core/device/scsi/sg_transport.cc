#include "device/scsi/sg_transport.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/fs.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <filesystem>
#include <utility>
#include <vector>

#include "device/scsi/commands.h"

namespace tapir::scsi {
namespace {

// Linux: host_status of sg_io_hdr.
constexpr unsigned kNoConnection = 0x01;
constexpr unsigned kBusBusy = 0x02;
constexpr unsigned kTimedOut = 0x03;
constexpr unsigned kBadTarget = 0x04;
// driver_status, without what the driver suggests.
constexpr unsigned kDriverMask = 0x0F;
constexpr unsigned kDriverTimedOut = 0x06;
constexpr unsigned kDriverHasSense = 0x08;

constexpr int kFirstVersionWithSgIo = 30000;
constexpr uint32_t kMost = 8u << 20;
constexpr uint32_t kSmallest = 32u << 10;
constexpr uint16_t kAnswerBytes = 36;
constexpr uint32_t kTrialLimitMs = 60000;

uint32_t Asked(int node, unsigned long request) {
  int value = 0;
  return ::ioctl(node, request, &value) == 0 ? static_cast<uint32_t>(std::max(value, 0)) : 0;
}

// The driver's own buffer: commands that fit use it, so that a size which went once goes always.
uint32_t Reserve(int node, uint32_t bytes) {
  int size = static_cast<int>(bytes);
  ::ioctl(node, SG_SET_RESERVED_SIZE, &size);
  return Asked(node, SG_GET_RESERVED_SIZE);
}

// Room for `bytes` goes with a command that changes nothing and answers with few.
bool Takes(int node, uint32_t bytes) {
  std::vector<std::byte> room(bytes);
  std::array<std::byte, 252> sense{};
  Cdb cdb = Inquiry(kAnswerBytes);
  sg_io_hdr header =
      SgHeaderOf({.cdb = cdb.span(), .data_in = room, .time_limit_ms = kTrialLimitMs}, sense);
  return ::ioctl(node, SG_IO, &header) == 0 || (errno != EINVAL && errno != ENOMEM);
}

uint32_t MaxTransfer(int node) {
  auto page = static_cast<uint32_t>(::sysconf(_SC_PAGESIZE));
  SgLimits limits{.queue_bytes = Asked(node, BLKSECTGET),
                  .certain_bytes = Asked(node, SG_GET_SG_TABLESIZE) * page};
  return LargestTransfer(
      limits, [node](uint32_t bytes) { return Reserve(node, bytes); },
      [node](uint32_t bytes) { return Takes(node, bytes); });
}

int ErrnoOfHost(unsigned status) {
  switch (status) {
    case kNoConnection:
    case kBadTarget: return ENODEV;
    case kBusBusy: return EBUSY;
    case kTimedOut: return ETIMEDOUT;
    default: return EIO;
  }
}

// Powers of two, each tried with the check bytes of a block first.
uint32_t NextTransfer(uint32_t bytes) {
  constexpr uint32_t kCheckRoom = 4096;
  uint32_t power = std::bit_floor(bytes - 1);
  return power + kCheckRoom < bytes ? power + kCheckRoom : power;
}

}  // namespace

uint32_t LargestTransfer(const SgLimits& limits, const std::function<uint32_t(uint32_t)>& reserve,
                         const std::function<bool(uint32_t)>& takes) {
  uint32_t most = std::min(limits.queue_bytes == 0 ? kMost : limits.queue_bytes, kMost);
  // Asked for more than it can hold the driver gives half of that, which may be less than it can.
  for (uint32_t wanted = most; wanted > kSmallest; wanted = NextTransfer(wanted)) {
    if (reserve(wanted) < wanted) continue;
    if (wanted <= limits.certain_bytes || takes(wanted)) return wanted;
  }
  uint32_t least = std::min(most, kSmallest);
  reserve(least);
  return least;
}

sg_io_hdr SgHeaderOf(const ScsiRequest& request, std::span<std::byte> sense) {
  sg_io_hdr header{};
  header.interface_id = 'S';
  header.cmd_len = static_cast<unsigned char>(request.cdb.size());
  // The driver only reads these.
  header.cmdp = reinterpret_cast<unsigned char*>(const_cast<std::byte*>(request.cdb.data()));
  header.sbp = reinterpret_cast<unsigned char*>(sense.data());
  header.mx_sb_len = static_cast<unsigned char>(std::min<size_t>(sense.size(), 255));
  header.timeout = request.time_limit_ms;
  header.dxfer_direction = SG_DXFER_NONE;
  if (!request.data_out.empty()) {
    header.dxfer_direction = SG_DXFER_TO_DEV;
    header.dxfer_len = static_cast<unsigned>(request.data_out.size());
    header.dxferp = const_cast<std::byte*>(request.data_out.data());
  } else if (!request.data_in.empty()) {
    header.dxfer_direction = SG_DXFER_FROM_DEV;
    header.dxfer_len = static_cast<unsigned>(request.data_in.size());
    header.dxferp = request.data_in.data();
  }
  return header;
}

Result<ScsiReply> SgReplyOf(const sg_io_hdr& header, ByteSpan sense, std::string_view doing) {
  unsigned driver = header.driver_status & kDriverMask;
  if (header.host_status != 0) {
    return Status::FromErrno(ErrnoOfHost(header.host_status),
                             fmt::format("{}: host status {:#x}", doing, header.host_status));
  }
  if (driver != 0 && driver != kDriverHasSense) {
    return Status::FromErrno(driver == kDriverTimedOut ? ETIMEDOUT : EIO,
                             fmt::format("{}: driver status {:#x}", doing, driver));
  }
  ScsiReply reply{.status = header.status};
  // Older drivers tell of sense by the driver status alone.
  if (driver == kDriverHasSense && reply.status == scsi_status::kGood && header.sb_len_wr > 0) {
    reply.status = scsi_status::kCheckCondition;
  }
  auto left = static_cast<unsigned>(std::max(header.resid, 0));
  reply.transferred = header.dxfer_len - std::min(left, header.dxfer_len);
  reply.sense_size = std::min<size_t>({header.sb_len_wr, sense.size(), reply.sense.size()});
  std::copy_n(sense.begin(), reply.sense_size, reply.sense.begin());
  return reply;
}

Result<std::unique_ptr<SgTransport>> SgTransport::Open(const std::string& path) {
  // Without O_NONBLOCK this would wait for whoever has the node for himself.
  Descriptor node(::open(path.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC));
  if (!node) return Status::FromErrno(errno, "opening " + path);
  int version = 0;
  if (::ioctl(node.get(), SG_GET_VERSION_NUM, &version) != 0 || version < kFirstVersionWithSgIo) {
    return Unsupported(path + " is not a generic SCSI node");
  }
  uint32_t max = MaxTransfer(node.get());
  return std::unique_ptr<SgTransport>(new SgTransport(path, std::move(node), max));
}

Result<ScsiReply> SgTransport::Execute(const ScsiRequest& request) {
  std::array<std::byte, 252> sense{};
  sg_io_hdr header = SgHeaderOf(request, sense);
  std::string doing = fmt::format(
      "command {:02x}h", request.cdb.empty() ? 0u : std::to_integer<unsigned>(request.cdb.front()));
  // Interrupted, the driver would leave the command to itself, and the system would start the call
  // again: a block would be written twice.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  int error = ::ioctl(node_.get(), SG_IO, &header) == 0 ? 0 : errno;
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (error != 0) return Status::FromErrno(error, doing);
  return SgReplyOf(header, sense, doing);
}

Result<std::string> FindSgNode(std::string_view tape_node, const std::string& sys) {
  namespace fs = std::filesystem;
  std::string tape = fs::path(tape_node).filename().string();
  fs::path folder = fs::path(sys) / "class" / "scsi_tape" / tape / "device" / "scsi_generic";
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    std::string found = at->path().filename().string();
    if (found.starts_with("sg")) return "/dev/" + found;
  }
  return NotFound("no generic SCSI node of " + std::string(tape_node));
}

}  // namespace tapir::scsi
