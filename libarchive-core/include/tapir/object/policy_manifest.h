#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tapir/base/status.h"

namespace tapir {

/// The policy that shaped a session: values of a registry as they were found, the rules made of
/// them, and what was needed for that (format chapter 12). Plain values; text is WTF-8.

/// A file that values were read from.
struct PolicyInput {
  enum class Form : uint8_t { kHive = 1, kExport = 2, kRuleList = 3 };

  Form form = Form::kHive;
  bool replayed = false;  ///< a hive that was brought up to date from its log
  bool stale = false;     ///< a hive that needs a log, and none was there
  uint64_t size = 0;      ///< bytes, without logs
  std::array<std::byte, 32> sha256{};
  std::string name;  ///< where it was
};

struct PolicyValue {
  uint32_t input = 0;
  uint32_t type = 0;  ///< as the registry numbers them
  std::string key;    ///< from the root of HKEY_LOCAL_MACHINE, names joined by '\'
  std::string name;
  std::string data;  ///< as stored
};

/// An entry of one of the three lists.
struct PolicyRule {
  enum class List : uint8_t { kNotToBackup = 1, kNotToSnapshot = 2, kKeysNotToRestore = 3 };
  enum class State : uint8_t {
    kApplies = 1,
    kInert = 2,       ///< it means no file; `reason` says why
    kWriterHere = 3,  ///< the program of this name decides itself
  };

  List list = List::kNotToBackup;
  State state = State::kApplies;
  uint32_t value = 0;   ///< index among the values
  uint32_t string = 0;  ///< index in the value
  std::string text;
  std::string reason;
};

struct PolicyVariable {
  std::string name;
  std::string value;
};

/// A part of the session that lies on a drive of Windows.
struct PolicyDrive {
  char16_t letter = 0;  ///< in upper case; 0: a volume without letter
  std::string prefix;   ///< path in the session; ".": all of it
  std::string inside;   ///< path of that on the drive, joined by '/'; ".": its root
};

struct PolicyManifest {
  bool plain_wildcards = false;  ///< '*' and '?' alone, without the rules of Win32
  std::vector<PolicyInput> inputs;
  std::vector<PolicyValue> values;
  std::vector<PolicyRule> rules;  ///< numbered by their place
  std::vector<PolicyVariable> variables;
  std::vector<std::string> profiles;
  std::vector<PolicyDrive> drives;
  std::vector<std::string> writers;
  std::vector<std::string> warnings;
};

/// "FilesNotToBackup" and so on. The view is a literal.
std::string_view PolicyListName(PolicyRule::List list);

/// The body of the record POLICY_MANIFEST. kLimitExceeded over limits::kMaxPolicyBytes or
/// limits::kMaxPolicyRules.
Result<std::string> EncodePolicyManifest(const PolicyManifest& manifest);
/// kCorrupt, kUnsupported, kLimitExceeded.
Result<PolicyManifest> DecodePolicyManifest(std::string_view body);

}  // namespace tapir
