#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>

#include "tapir/jobs/path_policy.h"
#include "tools/command_run.h"
#include "tools/damage_text.h"
#include "tools/escape.h"
#include "tools/policy.h"
#include "tools/policy_place.h"
#include "tools/policy_text.h"

namespace tapir::cli {

namespace {

constexpr const char* kCheckExamples =
    "PATH is one of Windows: C:\\..., or \\... for a volume without letter; a directory ends with "
    "a\n"
    "backslash. Of a volume the policy of its last session counts.\n"
    "\n"
    "Examples:\n"
    "  tapir policy check ntfs:c.img 'C:\\pagefile.sys' 'C:\\Windows\\Temp\\'\n"
    "  tapir policy check rules.txt 'D:\\Data\\cache.db' --json\n";

struct CheckOptions {
  CommonOptions common;
  std::string place;
  std::vector<std::string> paths;
  PolicyArguments arguments;
};

Result<RuledPath> ParseWindowsPath(std::string text) {
  const std::string given = text;
  std::replace(text.begin(), text.end(), '\\', '/');
  std::optional<char16_t> drive;
  const bool has_drive = text.size() >= 2 && text[1] == ':';
  if (has_drive) {
    const char letter = text[0];
    drive = static_cast<char16_t>(letter >= 'a' && letter <= 'z' ? letter - 'a' + 'A' : letter);
    text.erase(0, 2);
  }
  const bool is_directory = text.ends_with('/');
  if (text.size() < 2 || text.front() != '/') {
    return InvalidArgument(Quoted(given) + " is no path from the root of a drive");
  }
  text = text.substr(1, text.size() - (is_directory ? 2 : 1));
  const std::optional<RuledPath> path = MakeRuledPath(text, drive, is_directory);
  if (!path) return InvalidArgument(Quoted(given) + " is not UTF-8");
  return *path;
}

/// The same rules, as if no program decided itself.
PolicyManifest WithoutWriters(PolicyManifest manifest) {
  for (PolicyRule& rule : manifest.rules) {
    const bool decides = rule.state == PolicyRule::State::kWriterHere;
    rule.state = decides ? PolicyRule::State::kApplies : PolicyRule::State::kInert;
  }
  return manifest;
}

struct Verdict {
  bool left_out = false;
  std::optional<uint32_t> rule;
  std::string why;
};

Verdict Judge(const PathPolicy& policy, const PathPolicy& of_writers,
              const PolicyManifest& manifest, const RuledPath& path) {
  const std::vector<uint32_t> rules = policy.RulesFor(path);
  if (!rules.empty() && PathPolicy::IsInCommonStore(path)) {
    return {false, rules.front(),
            "it belongs to a Single Instance Store, which no entry may touch; else " +
                RuleAsText(manifest.rules[rules.front()], manifest)};
  }
  if (!rules.empty())
    return {true, rules.front(), RuleAsText(manifest.rules[rules.front()], manifest)};
  const std::vector<uint32_t> writers = of_writers.RulesFor(path);
  if (!writers.empty()) {
    return {
        false, writers.front(),
        "the writer decides itself; else " + RuleAsText(manifest.rules[writers.front()], manifest)};
  }
  return {false, std::nullopt, "no entry means it"};
}

ExitStatus RunCheckPaths(const CheckOptions& options) {
  CommandRun run(options.common, CommandRun::Results::kStandardOutput,
                 CommandRun::Notices::kAsLines);
  std::vector<Damage> damages;
  const auto policies = ReadNamedPolicies({options.place}, options.arguments, damages);
  if (!policies.ok()) return run.Fail(policies.status());
  for (const Damage& damage : damages) {
    run.reporter().Report(NoticeKind::kDamage, {}, DamageAsText(damage));
  }
  if (policies->empty()) {
    run.Complain("no session has a policy", kExitWarnings);
    return run.Finish();
  }
  const PolicyManifest& manifest = policies->back().manifest;
  const PathPolicy policy(manifest);
  const PathPolicy of_writers(WithoutWriters(manifest));
  for (const std::string& text : options.paths) {
    const Result<RuledPath> path = ParseWindowsPath(text);
    if (!path.ok()) return run.Fail(path.status());
    const Verdict verdict = Judge(policy, of_writers, manifest, *path);
    if (run.json()) {
      Json object;
      PutName(object, "path", text);
      object["left_out"] = verdict.left_out;
      if (verdict.rule) object["rule"] = RuleAsObject(manifest.rules[*verdict.rule], manifest);
      object["why"] = verdict.why;
      run.out().Append(ToLine(object));
    } else {
      run.out().Append(fmt::format("{}  {}: {}\n", SafeText(text),
                                   verdict.left_out ? "left out" : "kept", verdict.why));
    }
  }
  return run.Finish();
}

}  // namespace

Command AddPolicyCheck(CLI::App& policy) {
  auto options = std::make_shared<CheckOptions>();
  CLI::App* app = policy.add_subcommand("check", "Which entry decides about a path, and why");
  app->add_option("PLACE", options->place,
                  "A hive, .reg export, list of rules, directory or ntfs:IMAGE with a Windows, or "
                  "a volume")
      ->required()
      ->type_name("");
  AddStrings(*app, "PATH", options->paths, "Paths of Windows")->required();
  app->add_flag("--json", options->common.json, "Print JSON, one object per line");
  AddPolicyReading(*app, options->arguments);
  app->footer(kCheckExamples);
  return {app, [options] { return RunCheckPaths(*options); }};
}

}  // namespace tapir::cli
