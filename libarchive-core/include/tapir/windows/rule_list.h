#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "tapir/windows/finding.h"
#include "tapir/windows/registry_key.h"

namespace tapir {

/// What a file of rules may have; memory: up to some 64 times that.
inline constexpr size_t kMostRuleListBytes = size_t{1} << 20;

/// A file of rules, in the form in which a SYSTEM hive has them.
struct RuleList {
  /// Control set 1, which is the current one and that of the next start, and key Select. Entries
  /// are the strings of a value "rule file" in their list; variables are those of the machine.
  RegistryKey system;
  /// By lines, whose numbers are in the texts. kReject: the line was left out.
  std::vector<Finding> findings;
};

/// Reads UTF-8 text of one entry a line, as the registry has it, below "[FilesNotToBackup]" (also
/// where no section was begun), "[FilesNotToSnapshot]" or "[KeysNotToRestore]"; below
/// "[Environment]", lines NAME=VALUE. Names of sections in any case. Blanks around, empty lines and
/// lines that begin with '#' are passed over. What an entry means is not looked at. Any thread.
RuleList ReadRuleList(std::span<const std::byte> text);

}  // namespace tapir
