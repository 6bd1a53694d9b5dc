#pragma once

#include <memory>
#include <string>

#include "tapir/base/status.h"
#include "tapir/device/tape_drive.h"

namespace tapir {

/// Opens a tape drive on an iSCSI target, `iscsi://HOST[:PORT]/IQN/LUN`, from user space.
///
/// A name and secret for CHAP come from the file that TAPIR_ISCSI_CHAP_FILE names (both on its
/// first line, a space between), or from TAPIR_ISCSI_CHAP_NAME and TAPIR_ISCSI_CHAP_SECRET; in the
/// address they are refused, since others could read them there. A lost connection is a device
/// error and not taken up again by itself: nobody knows then which commands were carried out.
Result<std::unique_ptr<TapeDrive>> OpenIscsiTape(const std::string& address);

/// Makes OpenDevice and OpenTapeDrive know these addresses.
void UseIscsiTapes();

}  // namespace tapir
