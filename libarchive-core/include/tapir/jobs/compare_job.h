#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "tapir/base/progress.h"
#include "tapir/base/reporter.h"
#include "tapir/base/status.h"
#include "tapir/jobs/selection.h"
#include "tapir/jobs/sis_form.h"
#include "tapir/object/object_lookup.h"

namespace tapir {

/// How a live file differs from the archived one.
enum class DifferenceKind {
  kMissing,  ///< not there any more
  kType,
  kContent,
  kSize,
  kMode,
  kOwner,
  kMtime,
  kTarget,  ///< of a symbolic link
  kXattr,
  kHardLink,  ///< no longer the same file as its primary
  kDevice,    ///< device number
  // Of objects on an NTFS volume:
  kAttributes,
  kTimes,
  kShortName,
  kSecurity,
  kExtendedAttributes,
  kObjectId,
  kReparse,
  kEncryption,
  kStream,
  kUnreadable,
};
std::string_view DifferenceKindName(DifferenceKind kind);

struct Difference {
  DifferenceKind kind = DifferenceKind::kMissing;
  std::string path;
  std::string text;  ///< "mode 0644 is 0600 now"
};

struct CompareReport {
  uint64_t compared = 0;  ///< objects
  uint64_t equal = 0;
  uint64_t differences = 0;
  uint64_t damages = 0;  ///< objects that could not be read from the volume
};

struct CompareRequest {
  std::string volume;
  Selection selection;
  /// How links into a Single Instance Store were restored. On a directory they are files.
  SisForm sis = SisForm::kLinks;
  /// Not empty: differences for which it is true are meant to be there and do not count.
  std::function<bool(const Difference&)> is_meant;
  unsigned threads = 2;
  Reporter* reporter = nullptr;  ///< may be null
  Progress* progress = nullptr;
  const std::atomic<bool>* cancelled = nullptr;
};

/// Compares archived objects with live files below `directory` (verify --against). Live files that
/// are not in the archive do not count. Contents are compared by digest of what the live file holds
/// now. Objects of NTFS volumes are expected in the form in which a restore makes them there.
Result<CompareReport> CompareWithDirectory(const CompareRequest& request,
                                           const std::string& directory,
                                           const std::function<void(const Difference&)>& take);

/// The same with objects of another tree, like an NTFS volume in an image.
Result<CompareReport> CompareWithObjects(const CompareRequest& request, ObjectLookup& live,
                                         const std::function<void(const Difference&)>& take);

}  // namespace tapir
