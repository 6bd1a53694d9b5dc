#include "tests/ntfs/ntfs_fixture.h"

#include <memory>
#include <utility>

#include "tapir/ntfs/ntfs_source.h"
#include "tapir/ntfs/ntfs_target.h"
#include "tests/support/ntfs_image.h"
#include "tests/support/status_matchers.h"

namespace tapir::test {

Result<ArchiveReport> NtfsTest::TryArchive(const std::string& address, const std::string& volume,
                                           const std::vector<std::string>& selects) {
  NtfsSourceOptions options;
  TAPIR_ASSIGN_OR_RETURN(options.address, ParseNtfsAddress(address));
  options.reporter = &reporter_;
  options.selects = selects;
  TAPIR_ASSIGN_OR_RETURN(std::shared_ptr<NtfsSource> source, NtfsSource::Open(std::move(options)));
  ArchiveRequest request;
  request.volume = volume;
  request.source.reporter = request.session.reporter = &reporter_;
  request.session.threads = threads_;
  request.further_sources.push_back(std::move(source));
  request.selects = selects;
  return Archive(request);
}

ArchiveReport NtfsTest::ArchiveImage(const std::string& address, const std::string& volume,
                                     const std::vector<std::string>& selects) {
  return Value(TryArchive(address, volume, selects));
}

Result<RestoreReport> NtfsTest::RestoreRequestedImage(
    const std::string& volume, const std::string& address, uint64_t make_bytes, bool overwrite,
    const std::function<void(RestoreRequest&)>& change) {
  NtfsTargetOptions options;
  TAPIR_ASSIGN_OR_RETURN(options.address, ParseNtfsAddress(address));
  options.make_bytes = make_bytes;
  options.overwrite = overwrite;
  options.reporter = &reporter_;
  RestoreRequest request;
  request.volume = volume;
  request.threads = threads_;
  request.target.reporter = &reporter_;
  request.open_target = [options]() -> Result<std::unique_ptr<ObjectTarget>> {
    TAPIR_ASSIGN_OR_RETURN(std::unique_ptr<NtfsTarget> target, NtfsTarget::Open(options));
    return std::unique_ptr<ObjectTarget>(std::move(target));
  };
  change(request);
  return Restore(request);
}

RestoreReport NtfsTest::RestoreDirectory(const std::string& volume, const std::string& directory,
                                         const std::function<void(RestoreRequest&)>& change) {
  RestoreRequest request;
  request.volume = volume;
  request.threads = threads_;
  request.target.directory = directory;
  request.target.reporter = &reporter_;
  if (change) change(request);
  return Value(Restore(request));
}

Result<RestoreReport> NtfsTest::TryRestore(const std::string& volume, const std::string& address,
                                           uint64_t make_bytes, bool overwrite,
                                           const std::vector<std::string>& patterns) {
  return RestoreRequestedImage(
      volume, address, make_bytes, overwrite,
      [&](RestoreRequest& request) { request.selection.patterns = patterns; });
}

RestoreReport NtfsTest::RestoreImage(const std::string& volume, const std::string& address,
                                     uint64_t make_bytes, bool overwrite,
                                     const std::vector<std::string>& patterns) {
  return Value(TryRestore(volume, address, make_bytes, overwrite, patterns));
}

std::vector<Difference> NtfsTest::DifferencesFrom(const std::string& volume,
                                                  const std::string& address,
                                                  const std::vector<std::string>& patterns,
                                                  SisForm sis) {
  NtfsSourceOptions options;
  options.address = Value(ParseNtfsAddress(address));
  options.reporter = &reporter_;
  const auto live = Value(NtfsSource::Open(std::move(options)));
  CompareRequest request;
  request.volume = volume;
  request.selection.patterns = patterns;
  request.sis = sis;
  request.threads = threads_;
  request.reporter = &reporter_;
  std::vector<Difference> differences;
  Value(CompareWithObjects(
      request, *live, [&](const Difference& difference) { differences.push_back(difference); }));
  return differences;
}

void NtfsTest::ExpectNoDifference(const std::string& volume, const std::string& address,
                                  const std::vector<std::string>& patterns) {
  for (const Difference& difference : DifferencesFrom(volume, address, patterns)) {
    ADD_FAILURE() << difference.path << ": " << difference.text;
  }
}

std::string NtfsTest::Notices() const {
  std::string all;
  for (const auto& notice : reporter_.notices()) all += notice.subject + ": " + notice.text + "\n";
  return all;
}

bool NtfsTest::WasTold(const std::string& subject, const std::string& text) const {
  for (const auto& notice : reporter_.notices()) {
    if (notice.subject == subject && notice.text.find(text) != std::string::npos) return true;
  }
  return false;
}

void NtfsTest::ExpectNothingLost(const RestoreReport& report) const {
  EXPECT_EQ(report.failed + report.damaged + report.kept + report.links_outside, 0u);
  EXPECT_EQ(Notices(), "");
}

void NtfsTest::ExpectSound(const std::string& image) const {
  EXPECT_EQ(RunTool("ntfsresize -i -f -P '" + image + "'"), 0) << image;
  EXPECT_EQ(RunTool("ntfsfix -n '" + image + "'"), 0) << image;
  EXPECT_EQ(RunTool("ntfsinfo -m '" + image + "'"), 0) << image;
}

}  // namespace tapir::test
