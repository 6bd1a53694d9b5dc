#include "tools/archive_policy.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "tapir/jobs/policy_drives.h"
#include "tools/foreign_target.h"
#include "tools/windows_drives.h"

namespace tapir::cli {

namespace {

// Drives that are directories, with the registries of the Windows on them.
Status AddDirectories(const std::vector<std::pair<char16_t, std::string>>& drives,
                      const ArchiveRequest& request, bool read_registries, Reporter& reporter,
                      std::vector<WindowsSource>& volumes, std::vector<PolicyDrive>& found) {
  DriveDirectories directories;
  for (const auto& [letter, place] : drives) {
    if (IsNtfsName(place)) continue;
    directories.emplace_back(letter, place);
    WindowsSource volume{.place = place, .letter = letter};
    if (read_registries) {
      TAPIR_ASSIGN_OR_RETURN(std::unique_ptr<VolumeFiles> files, OpenPlace(place, false));
      Result<VolumeRegistry> registry = ReadVolumeRegistry(*files, place);
      if (registry.ok()) volume.registry = *std::move(registry);
      if (!registry.ok()) {
        reporter.Report(NoticeKind::kWarning, place,
                        "its registry cannot be read, and no policy of it obeyed: " +
                            registry.status().message());
      }
    }
    volumes.push_back(std::move(volume));
  }
  TAPIR_ASSIGN_OR_RETURN(
      found, DrivesInTree(request.source.base_directory, request.source.paths, directories));
  return OkStatus();
}

bool HasWindows(const WindowsSource& volume) { return !volume.registry.trees.empty(); }

std::vector<PolicyTree> TreesOf(std::vector<WindowsSource>& volumes, PolicyOptions& options) {
  std::vector<PolicyTree> trees;
  for (WindowsSource& volume : volumes) {
    if (HasWindows(volume) && options.system_root.empty()) {
      options.system_root =
          OnDrive(volume.letter != 0 ? volume.letter : u'C', volume.registry.windows_directory);
    }
    for (PolicyTree& tree : volume.registry.trees) trees.push_back(std::move(tree));
  }
  return trees;
}

}  // namespace

Status TakeSourcesAndPolicy(const PolicyArguments& arguments, ArchiveRequest& request,
                            Reporter& reporter) {
  TAPIR_ASSIGN_OR_RETURN(PolicyOptions options, ReadingOptions(arguments));
  ForeignSourceOptions foreign;
  TAPIR_ASSIGN_OR_RETURN(foreign.drives, ParseDrives(arguments.drives));
  const bool automatic = arguments.use == "auto";
  // Also for the letters of drives.
  foreign.read_registries = arguments.use != "none";
  TAPIR_ASSIGN_OR_RETURN(std::vector<WindowsSource> volumes,
                         TakeForeignSources(request, foreign, reporter));
  std::vector<PolicyDrive> drives;
  for (const WindowsSource& volume : volumes) drives.push_back({volume.letter, volume.prefix, "."});
  std::vector<PolicyDrive> in_tree;
  TAPIR_RETURN_IF_ERROR(
      AddDirectories(foreign.drives, request, foreign.read_registries, reporter, volumes, in_tree));
  drives.insert(drives.end(), in_tree.begin(), in_tree.end());
  if (arguments.use == "none") return OkStatus();
  std::vector<PolicyTree> trees;
  if (automatic) {
    if (std::ranges::count_if(volumes, HasWindows) > 1) {
      reporter.Report(NoticeKind::kNote, {},
                      "several sources hold a Windows: what each says counts for all of them");
    }
    trees = TreesOf(volumes, options);
    if (trees.empty()) return OkStatus();
  } else {
    TAPIR_ASSIGN_OR_RETURN(trees, ReadPolicyPlace(arguments.use, options));
  }
  request.policy = DerivePolicy(trees, options);
  request.policy->drives = std::move(drives);
  if (request.policy->drives.empty()) {
    reporter.Report(NoticeKind::kWarning, {},
                    "the policy leaves nothing out: no source is a drive of Windows; --drive says "
                    "which one is");
  }
  TellPolicyWarnings(*request.policy, reporter);
  return OkStatus();
}

}  // namespace tapir::cli
