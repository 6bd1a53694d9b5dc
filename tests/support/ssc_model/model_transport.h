#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "device/scsi/transport.h"
#include "tests/support/ssc_model/ssc_model.h"

namespace tapir::test {

/// Commands to a model, which must outlive this.
class ModelTransport final : public scsi::ScsiTransport {
 public:
  explicit ModelTransport(SscModel& model) : model_(model) {}

  Result<scsi::ScsiReply> Execute(const scsi::ScsiRequest& request) override {
    time_limits_ms.push_back(request.time_limit_ms);
    ModelReply answer = model_.Execute(request.cdb, request.data_out, request.data_in);
    if (answer.link_lost) return DeviceError("the link is lost");
    scsi::ScsiReply reply{.status = answer.status, .transferred = answer.length};
    reply.sense_size = std::min(answer.sense.size(), reply.sense.size());
    std::copy_n(answer.sense.begin(), reply.sense_size, reply.sense.begin());
    return reply;
  }
  std::string name() const override { return "model"; }
  std::string way() const override { return "a model"; }
  uint32_t max_transfer_bytes() const override { return max_transfer; }

  uint32_t max_transfer = 16u << 20;
  std::vector<uint32_t> time_limits_ms;  ///< of all commands so far

 private:
  SscModel& model_;
};

}  // namespace tapir::test
