#pragma once

#include <iscsi/iscsi.h>

#include <memory>
#include <optional>
#include <string>

#include "device/scsi/transport.h"

namespace tapir::iscsi {

struct Address {
  std::string portal;  ///< host, or host:port
  std::string target;  ///< iqn
  int lun = 0;
};

/// kInvalidArgument for anything but `iscsi://HOST[:PORT]/IQN/LUN`, with advice.
Result<Address> ParseAddress(const std::string& text);

struct Credentials {
  std::string name;
  std::string secret;
};

/// From the file or environment (see OpenIscsiTape); nothing if none are given.
Result<std::optional<Credentials>> FindCredentials();

/// Commands to one logical unit of an iSCSI target by libiscsi.
class IscsiTransport final : public scsi::ScsiTransport {
 public:
  static Result<std::unique_ptr<IscsiTransport>> Connect(
      const Address& address, const std::optional<Credentials>& credentials);
  ~IscsiTransport() override;
  IscsiTransport(const IscsiTransport&) = delete;
  IscsiTransport& operator=(const IscsiTransport&) = delete;

  Result<scsi::ScsiReply> Execute(const scsi::ScsiRequest& request) override;
  std::string name() const override;
  std::string way() const override { return "iSCSI"; }
  uint32_t max_transfer_bytes() const override;

 private:
  IscsiTransport(Address address, iscsi_context* context)
      : address_(std::move(address)), context_(context) {}

  Address address_;
  iscsi_context* context_;
};

}  // namespace tapir::iscsi
