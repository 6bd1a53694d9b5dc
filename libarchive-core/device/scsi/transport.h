#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "bytes/cursor.h"
#include "tapir/base/status.h"

namespace tapir::scsi {

/// Status bytes of SAM that are told apart here.
namespace scsi_status {
inline constexpr uint8_t kGood = 0x00;
inline constexpr uint8_t kCheckCondition = 0x02;
inline constexpr uint8_t kConditionMet = 0x04;
inline constexpr uint8_t kBusy = 0x08;
inline constexpr uint8_t kReservationConflict = 0x18;
inline constexpr uint8_t kTaskSetFull = 0x28;
inline constexpr uint8_t kTaskAborted = 0x40;
}  // namespace scsi_status

/// One command. At most one of the data buffers is not empty; they stay the caller's.
struct ScsiRequest {
  ByteSpan cdb;  ///< 6 to 16 bytes
  ByteSpan data_out;
  std::span<std::byte> data_in;
  uint32_t time_limit_ms = 0;  ///< after that the transport gives the command up
};

/// What came back, whatever its status.
struct ScsiReply {
  uint8_t status = scsi_status::kGood;
  size_t transferred = 0;  ///< bytes that moved, never more than the buffer holds
  std::array<std::byte, 252> sense{};
  size_t sense_size = 0;

  ByteSpan sense_bytes() const { return ByteSpan(sense).first(sense_size); }
};

/// The way of commands to one logical unit: a device node, a network connection, a model.
///
/// Not thread-safe. One command at a time: to keep several under way takes a second pair of calls,
/// to start and to finish one, with Execute on top of it.
class ScsiTransport {
 public:
  virtual ~ScsiTransport() = default;

  /// Runs one command and waits for it. A failure is one of the way itself (gone, timed out,
  /// refused by the system): nothing is known then of whether the command was carried out. What
  /// the device says, CHECK CONDITION included, is a value.
  virtual Result<ScsiReply> Execute(const ScsiRequest& request) = 0;

  /// For messages, e.g. "sg:/dev/sg1".
  virtual std::string name() const = 0;
  /// For people, e.g. "SCSI by /dev/sg1", "iSCSI".
  virtual std::string way() const = 0;
  /// The most bytes that one command can move.
  virtual uint32_t max_transfer_bytes() const = 0;
};

}  // namespace tapir::scsi
