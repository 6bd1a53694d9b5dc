#include "tapir/jobs/policy_reading.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "bytes/checksum.h"
#include "tapir/hive/read_hive.h"
#include "tapir/object/path_order.h"
#include "tapir/target/directory_files.h"
#include "tapir/windows/key_rule.h"
#include "tapir/windows/policy_file.h"
#include "tapir/windows/registry_export.h"
#include "tapir/windows/rule_list.h"
#include "tapir/windows/upcase.h"

namespace tapir {
namespace {

constexpr uint64_t kMostPolicyFileBytes = uint64_t{1} << 30;
constexpr std::u16string_view kDosDevices = u"\\DosDevices\\";

// Empty: there is none, or it cannot be read.
std::string ReadLog(VolumeFiles& files, const std::string& path) {
  Result<std::string> log = files.Read(path, kMostPolicyFileBytes);
  return log.ok() ? *std::move(log) : std::string();
}

// Keys below the control set that policies are read from.
std::vector<std::u16string> SystemSubtrees(const std::u16string& control_set) {
  std::vector<std::u16string> subtrees{u"Select", u"MountedDevices"};
  for (const std::u16string_view key :
       {u"Control\\BackupRestore", u"Control\\Session Manager\\Environment",
        u"Services\\VSS\\Settings", u"Services\\VolSnap", u"Services\\DFSR\\Restore"}) {
    subtrees.push_back(control_set + u"\\" + std::u16string(key));
  }
  return subtrees;
}

std::vector<std::u16string> SoftwareSubtrees() {
  return {u"Microsoft\\Windows NT\\CurrentVersion",
          u"Microsoft\\Windows\\CurrentVersion\\WindowsBackup",
          u"Microsoft\\Windows\\CurrentVersion\\Windows Block Level Backup"};
}

void TellHive(const HiveContents& contents, PolicyTree& tree) {
  tree.input.replayed = !contents.replayed.empty();
  tree.input.stale = contents.was_stale;
  tree.warnings.insert(tree.warnings.end(), contents.warnings.begin(), contents.warnings.end());
}

// Which hive it is shows by its keys; the control set by one of them.
Status TakeHive(HiveBytes bytes, PolicyTree& tree) {
  tree.input.form = PolicyInput::Form::kHive;
  TAPIR_ASSIGN_OR_RETURN(HiveContents head, ReadHive(bytes, {{u"Select"}}));
  if (head.root.subkey(u"Select") == nullptr) {
    TAPIR_ASSIGN_OR_RETURN(HiveContents contents, ReadHive(std::move(bytes), {SoftwareSubtrees()}));
    TellHive(contents, tree);
    tree.software = std::move(contents.root);
    return OkStatus();
  }
  const Result<std::u16string> control_set = SelectedControlSet(head.root, ControlSet::kCurrent);
  TAPIR_ASSIGN_OR_RETURN(
      HiveContents contents,
      ReadHive(std::move(bytes), {SystemSubtrees(control_set.ok() ? *control_set : u"-")}));
  TellHive(contents, tree);
  tree.system = std::move(contents.root);
  return OkStatus();
}

void TakeFindings(const std::vector<Finding>& findings, PolicyTree& tree) {
  for (const Finding& finding : findings) {
    if (finding.severity != Severity::kInfo) tree.warnings.push_back(finding.text);
  }
}

void TakeExportText(std::string_view text, PolicyTree& tree) {
  tree.input.form = PolicyInput::Form::kExport;
  RegistryExport exported = ReadRegistryExport(AsBytes(text));
  TakeFindings(exported.findings, tree);
  RegistryKey* machine = exported.root.subkey(u"HKEY_LOCAL_MACHINE");
  if (machine == nullptr) return;
  if (RegistryKey* system = machine->subkey(u"SYSTEM")) tree.system = std::move(*system);
  if (RegistryKey* software = machine->subkey(u"SOFTWARE")) tree.software = std::move(*software);
}

void TakeRules(std::string_view text, PolicyTree& tree) {
  tree.input.form = PolicyInput::Form::kRuleList;
  RuleList rules = ReadRuleList(AsBytes(text));
  TakeFindings(rules.findings, tree);
  tree.system = std::move(rules.system);
}

// Directories in the root that may be one of Windows, the usual names first.
std::vector<std::string> WindowsDirectories(const std::vector<std::string>& names) {
  const auto rank = [](const std::string& name) {
    std::string upper = name;
    for (char& c : upper) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    return upper == "WINDOWS" ? 0 : upper == "WINNT" ? 1 : 2;
  };
  std::vector<std::string> sorted = names;
  std::ranges::sort(sorted, [&](const std::string& left, const std::string& right) {
    return std::pair(rank(left), left) < std::pair(rank(right), right);
  });
  return sorted;
}

bool IsFile(VolumeFiles& files, const std::string& path) {
  const Result<VolumeFileInfo> info = files.Stat(path);
  return info.ok() && !info->is_directory;
}

}  // namespace

Result<PolicyTree> ReadPolicyFile(VolumeFiles& files, const std::string& path,
                                  const std::string& name) {
  Result<std::string> read = files.Read(path, kMostPolicyFileBytes);
  if (!read.ok()) return std::move(read).status().Annotate(name);
  PolicyTree tree;
  tree.input.name = name;
  tree.input.size = read->size();
  StreamDigester digester(true);
  digester.Update(AsBytes(*read));
  tree.input.sha256 = digester.Finish().sha256;
  Status taken;
  switch (DetectPolicyFile(AsBytes(std::string_view(*read).substr(0, kPolicyFileHeadBytes)))) {
    case PolicyFileKind::kHive:
      taken = TakeHive({*std::move(read), ReadLog(files, path + ".LOG"),
                        ReadLog(files, path + ".LOG1"), ReadLog(files, path + ".LOG2")},
                       tree);
      break;
    case PolicyFileKind::kRegistryExport: TakeExportText(*read, tree); break;
    case PolicyFileKind::kRuleList: TakeRules(*read, tree); break;
    case PolicyFileKind::kUnknown:
      taken = InvalidArgument("is neither a hive, an export of the registry, nor a list of rules");
  }
  if (!taken.ok()) return std::move(taken).Annotate(name);
  return tree;
}

Result<PolicyTree> ReadPolicyFile(const std::string& path) {
  const size_t slash = path.rfind('/');
  const bool here = slash == std::string::npos;
  const std::string directory = here ? "." : slash == 0 ? "/" : path.substr(0, slash);
  Result<std::unique_ptr<VolumeFiles>> files = OpenDirectoryFiles(directory);
  if (!files.ok()) return std::move(files).status().Annotate(path);
  return ReadPolicyFile(**files, path.substr(here ? 0 : slash + 1), path);
}

std::map<char16_t, std::string> MountedDrives(const RegistryKey& system) {
  std::map<char16_t, std::string> drives;
  const RegistryKey* mounted = system.subkey(u"MountedDevices");
  if (mounted == nullptr) return drives;
  for (const RegistryValue& value : mounted->values) {
    const std::u16string_view name = value.name;
    const bool is_letter = name.size() == kDosDevices.size() + 2 && name.starts_with(kDosDevices) &&
                           name.back() == u':';
    if (is_letter) drives[Upcase(name[kDosDevices.size()])] = value.data;
  }
  return drives;
}

Result<std::string> FindWindowsDirectory(VolumeFiles& files) {
  TAPIR_ASSIGN_OR_RETURN(const std::vector<std::string> names, files.NamesIn("."));
  for (const std::string& directory : WindowsDirectories(names)) {
    if (IsFile(files, directory + "/System32/config/SYSTEM")) return directory;
  }
  return std::string();
}

Result<VolumeRegistry> ReadVolumeRegistry(VolumeFiles& files, const std::string& name) {
  VolumeRegistry registry;
  TAPIR_ASSIGN_OR_RETURN(registry.windows_directory, FindWindowsDirectory(files));
  if (registry.windows_directory.empty()) return registry;
  const std::string config = registry.windows_directory + "/System32/config/";
  for (const std::string hive : {"SYSTEM", "SOFTWARE"}) {
    if (!IsFile(files, config + hive)) continue;
    TAPIR_ASSIGN_OR_RETURN(PolicyTree tree,
                           ReadPolicyFile(files, config + hive, name + "/" + config + hive));
    if (tree.system) registry.drives = MountedDrives(*tree.system);
    registry.trees.push_back(std::move(tree));
  }
  return registry;
}

std::string OnDrive(char16_t letter, const std::string& path) {
  std::string text = path;
  std::replace(text.begin(), text.end(), '/', '\\');
  return std::string(1, static_cast<char>(letter)) + ":\\" + text;
}

}  // namespace tapir
