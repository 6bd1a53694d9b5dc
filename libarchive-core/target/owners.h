#pragma once

#include <sys/types.h>

#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "tapir/object/metadata.h"

namespace tapir::target {

/// Turns the names of owners into the ids they have here, asking the system once for each name.
/// Thread-safe.
class Owners {
 public:
  explicit Owners(bool numeric) : numeric_(numeric) {}

  /// The id of the name if it is known here, else the number from the volume.
  uid_t UserOf(const Metadata& metadata);
  gid_t GroupOf(const Metadata& metadata);

 private:
  using Id = std::optional<uint32_t>;
  using Known = std::unordered_map<std::string, Id>;

  Id Find(Known& known, const std::string& name, Id (*ask)(const std::string&));

  const bool numeric_;
  std::mutex mutex_;
  Known users_;
  Known groups_;
};

}  // namespace tapir::target
