#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "tapir/jobs/list_job.h"
#include "tools/json.h"

namespace tapir::cli {

std::string_view SisRoleName(SisRole role);
std::string_view SisPairingName(SisPairing pairing);

/// What `list --sis` shows: links, files of the stores, how often each is referred to, and what
/// that saved on the volume they came from. Single-thread; bounded by the links.
class SisList {
 public:
  /// Entries come in any order.
  void Take(const Entry& entry);

  /// A line for each file of a store, one for each link, and sums. `escape`: for a terminal.
  std::string AsText(bool escape) const;
  /// One object for each file and link, and a last one with sums.
  std::string AsLines() const;

 private:
  struct StoreFile {
    SisRole role = SisRole::kNone;
    uint64_t size = 0;
    uint64_t links = 0;
    bool is_archived = false;
  };
  struct Link {
    std::string path;
    uint64_t size = 0;
    SisMembership sis;
  };
  uint64_t SavedBytes() const;

  std::map<std::string, StoreFile> files_;
  std::vector<Link> links_;
};

}  // namespace tapir::cli
