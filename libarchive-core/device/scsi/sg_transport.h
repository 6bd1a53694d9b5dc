#pragma once

#include <scsi/sg.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/descriptor.h"
#include "device/scsi/transport.h"

namespace tapir::scsi {

/// Commands by the generic SCSI driver of Linux (SG_IO), e.g. on /dev/sg1.
class SgTransport final : public ScsiTransport {
 public:
  /// kUnsupported if `path` is no node of that driver.
  static Result<std::unique_ptr<SgTransport>> Open(const std::string& path);

  Result<ScsiReply> Execute(const ScsiRequest& request) override;
  std::string name() const override { return "sg:" + path_; }
  std::string way() const override { return "SCSI by " + path_; }
  uint32_t max_transfer_bytes() const override { return max_transfer_bytes_; }

 private:
  SgTransport(std::string path, Descriptor node, uint32_t max_transfer_bytes)
      : path_(std::move(path)), node_(std::move(node)), max_transfer_bytes_(max_transfer_bytes) {}

  std::string path_;
  Descriptor node_;
  uint32_t max_transfer_bytes_;
};

/// What the driver tells of the way to a drive; 0: nothing.
struct SgLimits {
  uint32_t queue_bytes = 0;    ///< the most that the queue of commands takes in one
  uint32_t certain_bytes = 0;  ///< what fits into the pieces of a command, were each just a page
};

/// The most bytes that one command can move for certain. What an adapter takes in one piece is
/// told nowhere: between pages and the pieces of the driver's buffer only a trial tells. `reserve`
/// asks for a buffer of the driver and returns its size; `takes` says whether a command with room
/// for so many bytes is not refused by the system.
uint32_t LargestTransfer(const SgLimits& limits, const std::function<uint32_t(uint32_t)>& reserve,
                         const std::function<bool(uint32_t)>& takes);

/// How a request looks to the driver; `sense` and the buffers of `request` must outlive it.
sg_io_hdr SgHeaderOf(const ScsiRequest& request, std::span<std::byte> sense);
/// The reply in a header that the driver has filled, or the failure of what lies between here and
/// the drive. `sense` as given to SgHeaderOf; `doing` for messages.
Result<ScsiReply> SgReplyOf(const sg_io_hdr& header, ByteSpan sense, std::string_view doing);

/// The generic node, "/dev/sg1", of the drive behind a tape node like "/dev/nst0"; kNotFound if the
/// system does not tell. `sys`: where sysfs is.
Result<std::string> FindSgNode(std::string_view tape_node, const std::string& sys = "/sys");

}  // namespace tapir::scsi
