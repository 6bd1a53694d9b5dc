#pragma once

#include <functional>
#include <optional>

#include "object/forward_reader.h"
#include "tapir/windows/efs_raw.h"

namespace tapir {

/// Checks, without any key, what a session holds of encrypted objects of Windows while it is read
/// forward: $EFS, and whole raw exports. Single-thread.
class EncryptedCheck {
 public:
  using Take = std::function<void(const Metadata& metadata, const Finding& finding)>;
  explicit EncryptedCheck(Take take) : take_(std::move(take)) {}

  /// What stands with an object of any kind.
  void CheckMetadata(const Metadata& metadata) const;
  void TakeData(const AssembledObject& object, uint32_t stream_number, ByteSpan data);
  void End(const AssembledObject& object);
  void Abandon() { raw_export_.reset(); }

 private:
  Take take_;
  std::optional<EfsRawValidator> raw_export_;  ///< of the object that is being read
};

}  // namespace tapir
