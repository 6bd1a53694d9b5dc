#include "tapir/windows/backup_value.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "tapir/windows/guid.h"
#include "tapir/windows/registry_text.h"
#include "tapir/windows/wtf8.h"

namespace tapir {
namespace {

constexpr std::string_view kVssSettings = "CurrentControlSet\\Services\\VSS\\Settings";
constexpr std::string_view kAsrSession =
    "Microsoft\\Windows NT\\CurrentVersion\\ASR\\RestoreSession";
constexpr std::string_view kBlockBackup =
    "Microsoft\\Windows\\CurrentVersion\\Windows Block Level Backup";
constexpr uint32_t kAreaStep = 32;  // megabytes

constexpr auto kValues = std::to_array<BackupValue>({
    {"FilesNotToBackup", RegistryHive::kSystem,
     "CurrentControlSet\\Control\\BackupRestore\\FilesNotToBackup", true, kRegMultiSz,
     "every file is backed up", "2000 and later"},
    {"FilesNotToSnapshot", RegistryHive::kSystem,
     "CurrentControlSet\\Control\\BackupRestore\\FilesNotToSnapshot", true, kRegMultiSz,
     "every file stays in shadow copies", "Vista, Server 2008 and later"},
    {"KeysNotToRestore", RegistryHive::kSystem,
     "CurrentControlSet\\Control\\BackupRestore\\KeysNotToRestore", true, kRegMultiSz,
     "all keys are restored", "2000 and later"},
    {"LastRestoreId", RegistryHive::kSystem,
     "CurrentControlSet\\Control\\BackupRestore\\SystemStateRestore", false, kRegSz,
     "no system state was restored", "Vista SP1, Server 2008 and later"},
    {"LastInstance", RegistryHive::kSoftware, kAsrSession, false, kRegSz,
     "no restore to bare metal was made", "Vista and later"},
    {"RestoredVolumes", RegistryHive::kSoftware, kAsrSession, false, kRegMultiSz,
     "no volume was restored", "Vista and later"},
    {"DisableMonitoring", RegistryHive::kSoftware,
     "Microsoft\\Windows\\CurrentVersion\\WindowsBackup", false, kRegDword, "0",
     "7 and later, not on servers"},
    {"IdleTimeout", RegistryHive::kSystem, kVssSettings, false, kRegDword, "180 seconds",
     "Vista and later"},
    {"MaxShadowCopies", RegistryHive::kSystem, kVssSettings, false, kRegDword, "64",
     "Server 2003 and later"},
    {"DisableUserProfileExpansion", RegistryHive::kSystem, kVssSettings, false, kRegDword, "0",
     "Vista and later"},
    {"MinDiffAreaFileSize", RegistryHive::kSystem, "CurrentControlSet\\Services\\VolSnap", false,
     kRegDword, "32 MB on volumes under 500 MB, else 320 MB", "Server 2003 and later"},
    {"OverallPerformanceSetting", RegistryHive::kSoftware, kBlockBackup, false, kRegDword,
     "full backups", "Server 2008 and later"},
    {"CustomPerformanceSettings", RegistryHive::kSoftware, kBlockBackup, false, kRegMultiSz,
     "no volume has a setting of its own", "Server 2008 and later"},
    {"SYSVOL", RegistryHive::kSystem, "CurrentControlSet\\Services\\DFSR\\Restore", false, kRegSz,
     "non-authoritative", "Server 2008 and later"},
});

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return lower;
}

bool IsVolumeGuid(std::string_view text) {
  constexpr size_t kGuidChars = 36;
  return text.size() == kGuidChars && ParseGuid(text).has_value();
}

CheckedBackupValue Ignored(const BackupValue& known, std::string problem) {
  return {std::move(problem), std::string(known.without)};
}

CheckedBackupValue CheckNumber(const BackupValue& known, uint32_t number) {
  const std::string_view name = known.name;
  if (name == "DisableMonitoring" && number > 1) return Ignored(known, "neither 0 nor 1");
  if (name == "IdleTimeout" && number == 0) return Ignored(known, "0 acts like the default");
  if (name == "MaxShadowCopies" && (number < 1 || number > 512)) {
    return Ignored(known, "not from 1 to 512");
  }
  if (name == "OverallPerformanceSetting" && (number < 1 || number > 3)) {
    return Ignored(known, "not from 1 to 3");
  }
  if (name == "MinDiffAreaFileSize" && number % kAreaStep != 0) {
    const uint64_t rounded = (uint64_t{number} / kAreaStep + 1) * kAreaStep;
    return {"no multiple of 32", std::to_string(rounded) + " MB"};
  }
  return {};
}

CheckedBackupValue CheckString(const BackupValue& known, const std::string& text) {
  const std::string_view name = known.name;
  if (name == "RestoredVolumes") {
    constexpr std::string_view kBegin = "\\\\?\\Volume{";
    const bool fits =
        text.starts_with(kBegin) && text.ends_with('}') &&
        IsVolumeGuid(std::string_view(text).substr(kBegin.size(), text.size() - kBegin.size() - 1));
    if (!fits) return {"'" + text + "' is not of the form \\\\?\\Volume{GUID}", {}};
  }
  if (name == "CustomPerformanceSettings") {
    const size_t comma = text.rfind(',');
    std::string_view guid = std::string_view(text).substr(0, comma);
    const std::string_view setting =
        comma == std::string::npos ? std::string_view() : std::string_view(text).substr(comma + 1);
    if (setting != "1" && setting != "2") {
      return {"'" + text + "' does not end with ,1 or ,2", "no setting for it"};
    }
    // As the documentation's own examples have it.
    const bool has_zero_more = guid.starts_with('0') && IsVolumeGuid(guid.substr(1));
    if (has_zero_more) return {"'" + text + "' has a 0 too many", std::string(guid.substr(1))};
    if (!IsVolumeGuid(guid)) return {"'" + text + "' names no volume", "no setting for it"};
  }
  if (name == "SYSVOL" && Lower(text) != "authoritative" && Lower(text) != "non-authoritative") {
    return Ignored(known, "neither authoritative nor non-authoritative");
  }
  return {};
}

Result<uint32_t> ParseNumber(const std::string& text) {
  const bool is_hex = text.starts_with("0x") || text.starts_with("0X");
  const char* begin = text.data() + (is_hex ? 2 : 0);
  const char* end = text.data() + text.size();
  uint32_t number = 0;
  const auto parsed = std::from_chars(begin, end, number, is_hex ? 16 : 10);
  if (parsed.ec == std::errc() && parsed.ptr == end) return number;
  return InvalidArgument("'" + text + "' is no number of 32 bits");
}

}  // namespace

std::span<const BackupValue> BackupValues() { return kValues; }

const BackupValue* FindBackupValue(std::string_view name) {
  const auto* found = std::find_if(kValues.begin(), kValues.end(), [&](const BackupValue& one) {
    return Lower(one.name) == Lower(name);
  });
  return found == kValues.end() ? nullptr : &*found;
}

CheckedBackupValue CheckBackupValue(const BackupValue& known, const RegistryValue& found) {
  if (known.type == kRegDword) {
    const std::optional<uint32_t> number = found.number();
    return number ? CheckNumber(known, *number) : Ignored(known, "no REG_DWORD");
  }
  const std::optional<std::vector<std::string>> strings = RegistryStrings(found);
  if (!strings) return Ignored(known, "no text");
  // Installers write lists of one as REG_SZ: those are taken.
  if (!known.is_list && found.type != known.type) return Ignored(known, "text of another type");
  for (const std::string& text : *strings) {
    CheckedBackupValue checked = CheckString(known, text);
    if (!checked.problem.empty()) return checked;
  }
  return {};
}

Result<RegistryValue> MakeBackupValue(const BackupValue& known,
                                      const std::vector<std::string>& texts) {
  if (known.is_list) return InvalidArgument("is a key whose values have names of their own");
  const std::optional<std::u16string> name = Utf16(known.name);
  RegistryValue value;
  if (known.type == kRegDword) {
    if (texts.size() != 1) return InvalidArgument("takes one number");
    TAPIR_ASSIGN_OR_RETURN(uint32_t number, ParseNumber(texts.front()));
    const bool rounds = known.name == "MinDiffAreaFileSize" && number % kAreaStep != 0;
    if (rounds && number > UINT32_MAX - kAreaStep) return InvalidArgument("is too large");
    if (rounds) number += kAreaStep - number % kAreaStep;
    value = MakeRegistryNumber(*name, number);
  } else {
    std::optional<RegistryValue> made = MakeRegistryStrings(*name, known.type, texts);
    if (!made) return InvalidArgument("cannot be stored as text of its type");
    value = *std::move(made);
  }
  const CheckedBackupValue checked = CheckBackupValue(known, value);
  if (!checked.problem.empty()) return InvalidArgument(checked.problem);
  return value;
}

}  // namespace tapir
