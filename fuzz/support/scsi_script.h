#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "device/scsi/transport.h"

namespace tapir::fuzz {

/// A drive that says what a string of bytes says, one reply after the other:
///
///   kind      a multiple of 4: a check condition, or of some values any status; else good
///   part      how much moves, in 128ths of the buffer; 255: more than there is room for
///   data      the first 128 bytes at most of what was asked for; zeros follow
///   sense     of check conditions: its length and bytes
///
/// The bytes are used over again, changed each time, until they have answered often enough; then
/// the link is lost. INQUIRY always finds a tape drive.
class ScriptTransport final : public scsi::ScsiTransport {
 public:
  explicit ScriptTransport(ByteSpan script) : script_(script) {}

  Result<scsi::ScsiReply> Execute(const scsi::ScsiRequest& request) override;
  std::string name() const override { return "script"; }
  std::string way() const override { return "script"; }
  uint32_t max_transfer_bytes() const override { return 1u << 20; }

 private:
  uint8_t Next();

  ByteSpan script_;
  size_t at_ = 0;
  unsigned commands_ = 0;
};

/// Passes commands on and writes down, as a script, what comes back. All must outlive this.
class RecordingTransport final : public scsi::ScsiTransport {
 public:
  RecordingTransport(scsi::ScsiTransport& inner, std::string& script)
      : inner_(inner), script_(script) {}

  Result<scsi::ScsiReply> Execute(const scsi::ScsiRequest& request) override;
  std::string name() const override { return inner_.name(); }
  std::string way() const override { return inner_.way(); }
  uint32_t max_transfer_bytes() const override { return inner_.max_transfer_bytes(); }

 private:
  scsi::ScsiTransport& inner_;
  std::string& script_;
};

/// Opens a drive and calls every function of it, some with several options.
void CallEverything(std::unique_ptr<scsi::ScsiTransport> transport);

}  // namespace tapir::fuzz
