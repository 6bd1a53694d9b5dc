#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "tapir/jobs/archive_job.h"
#include "tapir/jobs/compare_job.h"
#include "tapir/jobs/restore_job.h"
#include "tests/support/collecting_reporter.h"
#include "tests/support/scratch.h"

namespace tapir::test {

/// A folder for images and volumes, and the jobs on them.
class NtfsTest : public testing::Test {
 protected:
  std::string At(const std::string& name) const { return scratch_.At(name); }

  /// Archives ntfs:ADDRESS into the volume file `volume`, which is made.
  Result<ArchiveReport> TryArchive(const std::string& address, const std::string& volume,
                                   const std::vector<std::string>& selects = {});
  ArchiveReport ArchiveImage(const std::string& address, const std::string& volume,
                             const std::vector<std::string>& selects = {});
  /// Restores onto the image at ADDRESS, made anew with `make_bytes` if that is not 0.
  Result<RestoreReport> TryRestore(const std::string& volume, const std::string& address,
                                   uint64_t make_bytes = 0, bool overwrite = false,
                                   const std::vector<std::string>& patterns = {});
  RestoreReport RestoreImage(const std::string& volume, const std::string& address,
                             uint64_t make_bytes = 0, bool overwrite = false,
                             const std::vector<std::string>& patterns = {});

  /// As TryRestore, with a request that `change` had a look at.
  Result<RestoreReport> RestoreRequestedImage(const std::string& volume, const std::string& address,
                                              uint64_t make_bytes, bool overwrite,
                                              const std::function<void(RestoreRequest&)>& change);
  /// Restores onto the directory.
  RestoreReport RestoreDirectory(const std::string& volume, const std::string& directory,
                                 const std::function<void(RestoreRequest&)>& change = {});
  /// What verify --against finds.
  std::vector<Difference> DifferencesFrom(const std::string& volume, const std::string& address,
                                          const std::vector<std::string>& patterns = {},
                                          SisForm sis = SisForm::kLinks);
  void ExpectNoDifference(const std::string& volume, const std::string& address,
                          const std::vector<std::string>& patterns = {});

  /// All notices as text; empty if there was none.
  std::string Notices() const;
  /// Whether one notice is about `subject` and holds `text`.
  bool WasTold(const std::string& subject, const std::string& text) const;
  void ExpectNothingLost(const RestoreReport& report) const;

  /// ntfsresize, ntfsfix and ntfsinfo find the volume of a whole image sound.
  void ExpectSound(const std::string& image) const;

  Scratch scratch_;
  CollectingReporter reporter_;
  unsigned threads_ = 2;
};

}  // namespace tapir::test
