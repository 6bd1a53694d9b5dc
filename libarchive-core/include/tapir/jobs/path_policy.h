#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "tapir/object/policy_manifest.h"
#include "tapir/windows/file_rule.h"

namespace tapir {

/// Which files the rules of a policy leave out. Of the common store of a Single Instance Store they
/// leave out nothing, whatever they say: links elsewhere need it. Single-thread.
class PathPolicy {
 public:
  /// Places that rules may stand for; those behind take nothing.
  static constexpr size_t kMostPlaces = size_t{1} << 18;

  /// The rules that apply, with the variables, profiles and drives of the manifest.
  explicit PathPolicy(const PolicyManifest& manifest);

  /// The number of the first rule that takes the path of a session; what lies on no drive of the
  /// manifest is taken by none.
  std::optional<uint32_t> RuleFor(std::string_view path, bool is_directory);
  /// Numbers of all rules that take a path of a drive.
  std::vector<uint32_t> RulesFor(const RuledPath& path) const;
  /// It belongs to a common store, where rules mean nothing.
  static bool IsInCommonStore(const RuledPath& path);

  bool empty() const { return rules_.empty(); }

 private:
  struct NumberedRule {
    uint32_t number = 0;
    FileRule rule;
  };
  std::optional<RuledPath> OnDrive(std::string_view path, bool is_directory) const;
  std::optional<uint32_t> FirstOf(const std::vector<size_t>& candidates,
                                  const RuledPath& path) const;
  std::vector<size_t> RulesAbove(std::u16string_view directory) const;
  void LookAt(std::string_view directory);

  std::vector<NumberedRule> rules_;  ///< ascending by number
  std::vector<PolicyDrive> drives_;  ///< the longest prefixes first
  std::unordered_map<std::u16string, std::vector<size_t>> by_directory_;
  /// What is known of the directory, as a path of the session, in which the path asked for last is.
  struct Directory {
    std::string path;
    std::optional<uint32_t> taken_by;  ///< as a whole, and all that is in it
    std::vector<size_t> candidates;    ///< of rules_, those that may take a name in it
  };
  std::optional<Directory> directory_;
};

}  // namespace tapir
