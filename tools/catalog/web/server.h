#pragma once

#include <atomic>
#include <functional>
#include <string>

#include "tapir/base/status.h"
#include "tools/catalog/web/store.h"

namespace tapir::cli {

struct WebServerOptions {
  std::string address = "127.0.0.1";  ///< an address or name of this machine
  uint16_t port = 0;                  ///< 0: one that is free
};

/// Serves the page and what it asks until `stop` becomes true. Answers GET and HEAD only, and only
/// those who call it by its address (or as localhost), so that no other page can have its name lead
/// here. `started` gets the address of the page before the first request is answered. kDeviceError
/// if the port cannot be had.
Status ServeCatalog(const WebServerOptions& options, StorePool& stores,
                    const std::atomic<bool>& stop,
                    const std::function<void(const std::string&)>& started);

}  // namespace tapir::cli
