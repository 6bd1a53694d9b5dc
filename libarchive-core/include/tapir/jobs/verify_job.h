#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "tapir/base/damage.h"
#include "tapir/base/progress.h"
#include "tapir/base/status.h"
#include "tapir/jobs/selection.h"
#include "tapir/windows/finding.h"

namespace tapir {

enum class Verdict { kIntact, kDamaged, kTorn, kForeign, kUnsupported };
/// "intact", "damaged", ... as format chapter 8.4.
std::string_view VerdictName(Verdict verdict);

enum class VerifyLevel {
  kBlocks,   ///< block checksums, order, chunk headers; nothing is expanded
  kContent,  ///< every chunk, record, index entry and stream digest
};

struct VerifyRequest {
  std::string volume;
  VerifyLevel level = VerifyLevel::kContent;
  uint32_t only_session = 0;  ///< 0: the whole volume
  unsigned threads = 2;
  Progress* progress = nullptr;
  const std::atomic<bool>* cancelled = nullptr;
};

/// How a volume is joined to the others of its set. Identifiers and digests are hexadecimal.
struct VolumeJoints {
  std::string volume_uuid;  ///< empty: the label could not be read
  std::string set_uuid;
  std::string set_label;
  uint32_t sequence = 0;
  bool goes_on = false;  ///< its last session does, on the next volume
  std::string last_end;  ///< digest of its last END
  /// Where its first session was before: the volume, and the END it has there, if it has one.
  std::string before_volume;
  std::string before_end;
};

/// What an object of Windows has that Windows would not have made. It is carried as it was found:
/// no damage of the volume.
struct FormatFinding {
  std::string path;
  uint32_t session_number = 0;
  std::string format;  ///< "EFS", "SIS"
  Finding finding;     ///< offset in the bytes of that format
};

/// What was looked at, and what it proves.
struct VerifyReport {
  Verdict verdict = Verdict::kIntact;
  std::string what_found;       ///< kForeign, kUnsupported: in words
  std::vector<Damage> damages;  ///< at most kMaxListedDamages, in order of place
  uint64_t damage_count = 0;
  uint64_t sessions = 0;  ///< ended ones that were read
  uint64_t unsupported_sessions = 0;
  bool torn = false;
  uint64_t blocks = 0;
  uint64_t chunks = 0;
  uint64_t volume_bytes = 0;
  uint64_t objects = 0;        ///< complete and right
  uint64_t content_bytes = 0;  ///< of streams whose digest was proven
  uint64_t proven_xxh128 = 0;  ///< streams
  uint64_t proven_sha256 = 0;  ///< of these, by SHA-256 too
  uint64_t unproven = 0;  ///< streams that could not be proven (a stream input: parts of others)
  uint64_t lost_objects = 0;            ///< exactly counted, even if their names are not known
  std::vector<std::string> lost_paths;  ///< as far as known, at most kMaxListedDamages
  uint64_t continued = 0;               ///< of `objects`: not all of the file is on this volume
  uint64_t flawed_objects = 0;  ///< sources that had changed or could not be read when archived
  std::vector<FormatFinding> findings;  ///< at most kMaxListedDamages
  uint64_t finding_count = 0;
  bool interrupted = false;  ///< the verification was
  VolumeJoints joints;
};
inline constexpr size_t kMaxListedDamages = 10000;

/// Reads the volume once from end to end. `on_damage` is called as each is found; may be empty.
/// Returns a failure only if the volume cannot be opened or the device gives up; foreign and newer
/// volumes are verdicts.
Result<VerifyReport> VerifyVolume(const VerifyRequest& request,
                                  const std::function<void(const Damage&)>& on_damage);

/// Whether the volumes are those of one set, in order: kInvalidArgument names the one that is not.
Status CheckVolumeSet(const std::string& volume, const std::vector<std::string>& next);

/// kInvalidArgument if `volume` is not the one that follows in the set.
Status CheckFollows(const VolumeJoints& before, const std::string& volume);

/// What does not fit where a session goes on from one volume on the next; empty if all does.
std::string JoinFault(const VolumeJoints& before, const VolumeJoints& after);

}  // namespace tapir
