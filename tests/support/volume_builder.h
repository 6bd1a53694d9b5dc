#pragma once

#include <memory>
#include <string>
#include <vector>

#include "object/session_writer.h"
#include "tapir/device/memory_device.h"
#include "tests/support/collecting_reporter.h"
#include "tests/support/fixed_ambient.h"
#include "tests/support/memory_source.h"

namespace tapir::test {

/// A label that is the same in every run.
Label FixedLabel(uint32_t max_block_bytes = 64u << 10, bool full_blocks = false);

/// The bytes of a device from `begin` on.
std::vector<std::byte> BytesOf(const MemoryDevice& device, size_t begin = 0);

/// A volume in memory that sessions are added to. All times and identifiers are fixed.
class VolumeBuilder {
 public:
  explicit VolumeBuilder(const Label& label = FixedLabel(), bool like_tape = false);

  /// Writes a session at the end, found as a program would; on tape where the last one ended.
  Result<WrittenSession> Add(std::vector<MemoryObject> objects);
  Result<WrittenSession> Add(ObjectSource& source);

  /// Options of the next sessions; ambient and reporter are set.
  SessionOptions& options() { return options_; }
  MemoryDevice& device() { return *device_; }
  const MemoryDevice& device() const { return *device_; }
  CollectingReporter& reporter() { return reporter_; }
  /// Where each session written here ends, in bytes.
  const std::vector<uint64_t>& session_ends() const { return session_ends_; }
  uint64_t label_bytes() const { return label_bytes_; }

 private:
  std::unique_ptr<MemoryDevice> device_;
  FixedAmbient ambient_;
  CollectingReporter reporter_;
  SessionOptions options_;
  AppendPoint point_;
  std::vector<uint64_t> session_ends_;
  uint64_t label_bytes_ = 0;
};

/// A regular file.
MemoryObject File(std::string path, std::string bytes);
MemoryObject Directory(std::string path);

}  // namespace tapir::test
