#pragma once

#include <string>
#include <string_view>

namespace tapir::cli {

/// Whether a server that was told to listen on `address` may answer to this Host header: its
/// address, localhost, or a loopback address, with any port; if it listens on all addresses, any
/// address in digits. Another page can have a name of its own lead to this machine, but no address.
bool IsOwnHost(std::string_view host, std::string_view address);

/// "http://127.0.0.1:8273/"
std::string PageAddress(const std::string& address, int port);

}  // namespace tapir::cli
