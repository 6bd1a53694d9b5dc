#pragma once

// The kernel's own header: that of glibc lacks MTWEOFI.
#include <linux/mtio.h>

#include <cstddef>
#include <memory>
#include <span>
#include <string>

namespace tapir::st {

/// The calls to a node of the st driver, as the system has them. Failures are errno values. Not
/// thread-safe.
class StCalls {
 public:
  /// Closes the node.
  virtual ~StCalls() = default;

  /// Opens the node with `flags` of open(2), in place of what was open before; O_NONBLOCK counts
  /// for the opening alone. 0 or errno.
  virtual int Open(int flags) = 0;
  /// Bytes read, or errno, negative.
  virtual ssize_t Read(std::span<std::byte> buffer) = 0;
  /// Bytes written, or errno, negative.
  virtual ssize_t Write(std::span<const std::byte> data) = 0;
  /// MTIOCTOP: MTREW and others, `count` times. 0 or errno.
  virtual int Operate(short operation, int count) = 0;
  /// MTIOCGET. 0 or errno.
  virtual int Ask(mtget& state) = 0;
  /// MTIOCPOS. 0 or errno.
  virtual int AskPosition(mtpos& position) = 0;
};

/// Those of the system on the node `path`, e.g. "/dev/nst0".
std::unique_ptr<StCalls> SystemCalls(std::string path);

}  // namespace tapir::st
