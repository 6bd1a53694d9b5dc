#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace tapir {

/// What can hold a policy of backup and restore.
enum class PolicyFileKind : uint8_t {
  kUnknown,
  kHive,            ///< a file of the registry
  kRegistryExport,  ///< registry_export.h
  kRuleList,        ///< rule_list.h
};

/// As many bytes tell all that the contents can.
inline constexpr size_t kPolicyFileHeadBytes = 4096;

/// By the first bytes of a file: all of it, or kPolicyFileHeadBytes. A list of rules is UTF-8 text
/// without other control characters than tabs and line breaks, whose first line that is no comment
/// begins a section or is a path. An export of an unknown version is one, too. Any thread.
PolicyFileKind DetectPolicyFile(std::span<const std::byte> head);

}  // namespace tapir
