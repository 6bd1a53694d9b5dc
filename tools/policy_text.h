#pragma once

#include <cstdint>
#include <string>

#include "tapir/jobs/session_policy.h"
#include "tapir/object/policy_manifest.h"
#include "tools/json.h"

namespace tapir::cli {

/// Sum over rules.
struct LeftOutTotal {
  uint64_t objects = 0;
  uint64_t bytes = 0;

  void Add(const RuleOutcome& outcome) {
    objects += outcome.objects;
    bytes += outcome.bytes;
  }
};

/// "REG_MULTI_SZ", or the number.
std::string RegistryTypeName(uint32_t type);
/// Strings joined by ", ", a number in decimal, else hexadecimal digits; safe for a terminal.
std::string ValueAsText(const PolicyValue& value);
/// Key, name, type, data (a list of strings, a number, or hexadecimal digits).
Json ValueAsObject(const PolicyValue& value);

/// "FilesNotToBackup 'Memory Page File': \Pagefile.sys", safe for a terminal.
std::string RuleAsText(const PolicyRule& rule, const PolicyManifest& manifest);
/// "applies", "inert", "writer".
std::string RuleStateName(PolicyRule::State state);
/// List, name of its value, entry, state, and why it does not apply.
Json RuleAsObject(const PolicyRule& rule, const PolicyManifest& manifest);

}  // namespace tapir::cli
