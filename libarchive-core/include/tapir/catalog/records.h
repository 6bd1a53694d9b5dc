#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tapir/base/damage.h"
#include "tapir/base/timestamp.h"
#include "tapir/object/policy_manifest.h"
#include "tapir/windows/efs_metadata.h"

namespace tapir::catalog {

/// Keys are given by the catalogue, ascend from 1, and mean something in that one catalogue only.
using VolumeKey = int64_t;
using SessionKey = int64_t;
using DirectoryKey = int64_t;
using NameKey = int64_t;

/// The directory that has all others in it. It has no name.
inline constexpr DirectoryKey kRootDirectory = 0;

/// A volume, as its label said when it was last read. Identifiers are those of VolumeInfo.
struct Volume {
  VolumeKey key = 0;
  std::string uuid;
  std::string set_uuid;
  std::string label;
  uint32_t sequence = 1;  ///< in its set
  Timestamp created;
  std::string writer;
  uint32_t max_block_bytes = 0;
  uint64_t used_bytes = 0;
  std::optional<uint64_t> capacity_bytes;  ///< nothing: not known, or that of a file system
  std::string address;                     ///< how it was called when it was last read
  std::string location;                    ///< where it is kept, as its keeper says
  Timestamp updated;                       ///< when it was last read
};

/// What a session of one volume is; of a session on several volumes each part is one of these.
struct Session {
  SessionKey key = 0;
  VolumeKey volume = 0;
  std::string id;  ///< 16 hexadecimal digits
  uint32_t number = 0;
  std::string kind;    ///< "full", "additive", "incremental"
  std::string status;  ///< "complete", "interrupted", "continued"; "unknown" if its END is lost
  Timestamp start;
  Timestamp end;
  uint64_t object_count = 0;
  uint64_t content_bytes = 0;
  uint64_t first_unit = 0;    ///< of its START, in units of 4,096 bytes
  uint64_t index_unit = 0;    ///< of its index; 0: not known
  uint64_t end_unit = 0;      ///< of its END; 0: not known
  std::string digests;        ///< "xxh128" or "xxh128 sha256"
  std::string options;        ///< "compress=zstd:3 dedup=session"
  std::string writer;         ///< "tapir 0.1.0"
  std::string end_digest;     ///< XXH3-128 of its END, hexadecimal; empty if that is lost
  std::string begins_on;      ///< UUID of the volume on which it was before; empty if on none
  bool from_records = false;  ///< its index could not be used: the records were read
  /// Sum of what the catalogue holds of it (see ListingSum), by which a loss is noticed.
  uint64_t listing_sum = 0;
};

/// A remark of a keeper.
struct Note {
  VolumeKey volume = 0;
  Timestamp time;
  std::string text;
};

/// A volume was read to prove what is on it.
struct Verification {
  VolumeKey volume = 0;
  Timestamp time;
  std::string level;     ///< "blocks", "content"
  std::string coverage;  ///< "volume", or "session 3"
  std::string verdict;   ///< as VerdictName
  uint64_t blocks = 0;
  uint64_t objects = 0;
  uint64_t proven_bytes = 0;
  uint64_t damage_count = 0;
  std::vector<Damage> damages;  ///< at most kMaxKeptDamages
};
inline constexpr size_t kMaxKeptDamages = 1000;

/// Who can open an encrypted object of Windows.
struct KeyEntry {
  SessionKey session = 0;
  std::string path;
  EfsKeyList list = EfsKeyList::kUsers;
  std::string thumbprint;  ///< lower-case hexadecimal
  std::string sid;
  std::string display_name;
};

/// The policy that shaped a session.
struct SessionPolicy {
  SessionKey session = 0;
  PolicyManifest manifest;
};

}  // namespace tapir::catalog
