#include "tapir/iscsi/iscsi_tape.h"

#include <optional>
#include <utility>

#include "device/scsi/ssc_drive.h"
#include "iscsi/iscsi_transport.h"
#include "tapir/device/open_device.h"

namespace tapir {

Result<std::unique_ptr<TapeDrive>> OpenIscsiTape(const std::string& text) {
  TAPIR_ASSIGN_OR_RETURN(iscsi::Address address, iscsi::ParseAddress(text));
  TAPIR_ASSIGN_OR_RETURN(std::optional<iscsi::Credentials> credentials, iscsi::FindCredentials());
  TAPIR_ASSIGN_OR_RETURN(std::unique_ptr<iscsi::IscsiTransport> transport,
                         iscsi::IscsiTransport::Connect(address, credentials));
  TAPIR_ASSIGN_OR_RETURN(std::unique_ptr<scsi::SscDrive> drive,
                         scsi::SscDrive::Open(std::move(transport)));
  return std::unique_ptr<TapeDrive>(std::move(drive));
}

void UseIscsiTapes() { AddTapeOpener("iscsi:", OpenIscsiTape); }

}  // namespace tapir
