#include "tools/policy_options.h"

#include <sys/stat.h>

#include <memory>

#include "tools/command.h"
#include "tools/escape.h"
#include "tools/foreign_target.h"
#include "tools/policy_text.h"
#include "tools/windows_drives.h"

namespace tapir::cli {

namespace {

bool IsDirectory(const std::string& place) {
  struct stat info;
  return ::stat(place.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
}

Result<std::vector<PolicyTree>> ReadWindows(const std::string& place, PolicyOptions& options) {
  TAPIR_ASSIGN_OR_RETURN(std::unique_ptr<VolumeFiles> files, OpenPlace(place, false));
  TAPIR_ASSIGN_OR_RETURN(VolumeRegistry registry, ReadVolumeRegistry(*files, place));
  if (registry.trees.empty())
    return InvalidArgument(place + ": no Windows with a registry is there");
  if (options.system_root.empty()) {
    options.system_root = OnDrive(u'C', registry.windows_directory);
  }
  return std::move(registry.trees);
}

}  // namespace

void AddPolicyUse(CLI::App& app, PolicyArguments& arguments, const std::string& automatic) {
  app.add_option("--policy", arguments.use,
                 "Whose FilesNotToBackup and FilesNotToSnapshot leave files out: " + automatic +
                     "; none; or of a hive, a .reg export, a list of rules, or ntfs:IMAGE")
      ->type_name("auto|none|FILE");
}

void AddPolicyReading(CLI::App& app, PolicyArguments& arguments) {
  AddStrings(app, "--env", arguments.environment,
             "A variable that entries of the policy name, better known than the hives have it; may "
             "be repeated")
      ->type_name("NAME=VALUE");
  AddStrings(app, "--writer", arguments.writers,
             "A VSS writer that decides itself what is left out under its name; may be repeated")
      ->type_name("NAME");
  app.add_option("--wildcards", arguments.wildcards,
                 "How entries are matched: as searches of Windows do, or '*' and '?' alone")
      ->type_name("win32|plain")
      ->check(CLI::IsMember({"win32", "plain"}));
}

void AddPolicyDrives(CLI::App& app, PolicyArguments& arguments, const std::string& places,
                     const std::string& description) {
  AddStrings(app, "--drive", arguments.drives, description)->type_name("X:=" + places);
}

Result<std::vector<std::pair<char16_t, std::string>>> ParseDrives(
    const std::vector<std::string>& drives) {
  std::vector<std::pair<char16_t, std::string>> parsed;
  for (const std::string& text : drives) {
    const char letter = text.empty() ? '\0' : text.front();
    const bool is_letter = (letter >= 'A' && letter <= 'Z') || (letter >= 'a' && letter <= 'z');
    if (!is_letter || text.compare(1, 2, ":=") != 0 || text.size() < 4) {
      return InvalidArgument("--drive " + Quoted(text) + " is not of the form X:=PLACE");
    }
    const char upper = letter >= 'a' ? static_cast<char>(letter - 'a' + 'A') : letter;
    for (const auto& [other, place] : parsed) {
      if (other == static_cast<char16_t>(upper)) {
        return InvalidArgument("--drive names " + std::string(1, upper) + ": twice");
      }
    }
    parsed.emplace_back(static_cast<char16_t>(upper), text.substr(3));
  }
  return parsed;
}

Result<PolicyOptions> ReadingOptions(const PolicyArguments& arguments) {
  PolicyOptions options;
  for (const std::string& text : arguments.environment) {
    const size_t equals = text.find('=');
    if (equals == 0 || equals == std::string::npos) {
      return InvalidArgument("--env " + Quoted(text) + " is not of the form NAME=VALUE");
    }
    options.environment.push_back({text.substr(0, equals), text.substr(equals + 1)});
  }
  options.writers = arguments.writers;
  options.plain_wildcards = arguments.wildcards == "plain";
  return options;
}

Result<std::vector<PolicyTree>> ReadPolicyPlace(const std::string& place, PolicyOptions& options) {
  if (IsNtfsName(place) || IsDirectory(place)) return ReadWindows(place, options);
  TAPIR_ASSIGN_OR_RETURN(PolicyTree tree, ReadPolicyFile(place));
  std::vector<PolicyTree> trees;
  trees.push_back(std::move(tree));
  return trees;
}

Status TakePolicyOfSelection(const PolicyArguments& arguments, Selection& selection,
                             Reporter& reporter) {
  TAPIR_ASSIGN_OR_RETURN(PolicyOptions options, ReadingOptions(arguments));
  TAPIR_ASSIGN_OR_RETURN(const auto drives, ParseDrives(arguments.drives));
  const bool given = arguments.use != "auto" && arguments.use != "none";
  if (!given && !drives.empty()) {
    return InvalidArgument("--drive says where the drives of --policy FILE are");
  }
  if (!given) {
    selection.policy_use = arguments.use == "none" ? PolicyUse::kNone : PolicyUse::kOfVolume;
    return OkStatus();
  }
  TAPIR_ASSIGN_OR_RETURN(const std::vector<PolicyTree> trees,
                         ReadPolicyPlace(arguments.use, options));
  selection.policy_use = PolicyUse::kGiven;
  selection.policy = DerivePolicy(trees, options);
  for (const auto& [letter, prefix] : drives)
    selection.policy.drives.push_back({letter, prefix, "."});
  TellPolicyWarnings(selection.policy, reporter);
  return OkStatus();
}

void TellPolicyWarnings(const PolicyManifest& manifest, Reporter& reporter) {
  for (const PolicyRule& rule : manifest.rules) {
    if (rule.state != PolicyRule::State::kInert) continue;
    reporter.Report(NoticeKind::kNote, {},
                    "policy: " + RuleAsText(rule, manifest) + " means nothing: it " + rule.reason);
  }
  for (const std::string& warning : manifest.warnings) {
    reporter.Report(NoticeKind::kNote, {}, "policy: " + warning);
  }
}

}  // namespace tapir::cli
