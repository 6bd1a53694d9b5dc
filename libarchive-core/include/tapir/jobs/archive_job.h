#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tapir/base/status.h"
#include "tapir/device/virtual_tape.h"
#include "tapir/jobs/session_policy.h"
#include "tapir/jobs/volume_info.h"
#include "tapir/jobs/volume_wanted.h"
#include "tapir/object/object_source.h"
#include "tapir/object/policy_manifest.h"
#include "tapir/object/session_options.h"
#include "tapir/source/posix_source.h"

namespace tapir {

/// What goes into the label of a new volume.
struct LabelOptions {
  std::string name;                     ///< at most 255 bytes of UTF-8; may be empty
  uint32_t max_block_bytes = 1u << 20;  ///< a power of two, 64 KiB to 8 MiB
  bool full_blocks = false;             ///< pad every block to the maximum
  VirtualTapeOptions tape;              ///< of a virtual tape that is not there yet
};

/// Labels an empty or missing volume. kExists naming what is there if it holds anything, unless
/// `overwrite_existing` is that volume's label name, its UUID, or the kind of data named in the
/// refusal
/// ("a tar archive"): then it is emptied first.
Result<VolumeInfo> InitVolume(const std::string& volume, const LabelOptions& label,
                              const std::string& overwrite_existing, Ambient& ambient);

struct ArchiveRequest {
  std::string volume;
  /// Used if the volume is missing or empty: it is labelled first.
  LabelOptions label;
  /// Without paths, and with further sources, it is not opened. `left_out` and `reporter` are
  /// completed by the job.
  PosixSourceOptions source;
  std::vector<std::shared_ptr<ObjectSource>> further_sources;
  /// Only what they select is archived (as Selection::patterns); none: everything.
  std::vector<std::string> selects;
  SessionOptions session;
  /// Kept in the session, and obeyed: what its rules mean is left out, and named in the index.
  std::optional<PolicyManifest> policy;
  /// On tapes what may wait to be written, else what may lie between reading and writing, in bytes.
  /// 0: the smaller of 2 GiB and a quarter of the memory; 64 MiB.
  uint64_t buffer_bytes = 0;
  /// On tapes, beside the buffer: keeps what was written last, to write it again if the drive is
  /// reset. At most half of `buffer_bytes`. Nothing: half, on virtual tapes 16 MiB.
  std::optional<uint64_t> resume_bytes;
  /// Kept at the end of a tape for index and session end; 0: what the drive warns of by itself.
  uint64_t reserve_bytes = 0;
  /// Where the session goes on when a tape is full; without it that is an error.
  VolumeSource next_volume;
};

struct ArchiveReport {
  SessionInfo session;
  bool labelled = false;  ///< the volume was new
  uint64_t objects = 0;
  uint64_t content_bytes = 0;          ///< sizes of all files
  uint64_t volume_bytes = 0;           ///< the session takes on the volume
  uint64_t flawed = 0;                 ///< changed, short or unreadable while they were read
  uint64_t left_out = 0;               ///< named and not stored
  uint64_t excluded = 0;               ///< left out on request
  std::vector<RuleOutcome> by_policy;  ///< left out by rules of the policy
  uint64_t references = 0;             ///< equal contents stored once
  uint64_t reference_bytes = 0;
  bool interrupted = false;
  StreamReport stream;               ///< on tapes
  std::vector<std::string> volumes;  ///< that hold the session, in order
  std::vector<std::string> unmatched_selects;
};

/// Adds a session with a tree of this machine. kInvalidArgument, kBusy (another writer), kForeign,
/// kUnsupported, kEndOfMedium, device errors; then the session is torn and earlier ones untouched.
Result<ArchiveReport> Archive(const ArchiveRequest& request);

}  // namespace tapir
