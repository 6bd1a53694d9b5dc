#include "tools/policy_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "tapir/windows/backup_value.h"
#include "tools/escape.h"
#include "tools/policy_text.h"
#include "tools/size_text.h"

namespace tapir::cli {

namespace {

std::string InputAsText(const PolicyInput& input) {
  std::string text = fmt::format("{}, {}, sha256 {}", Escaped(input.name), FormatSize(input.size),
                                 Hex(input.sha256));
  if (input.replayed) text += ", brought up to date from its log";
  if (input.stale) text += ", NOT up to date: it needs a log";
  return text;
}

Json InputAsObject(const PolicyInput& input) {
  Json object{{"kind", "input"}};
  PutName(object, "name", input.name);
  object["size"] = input.size;
  object["sha256"] = Hex(input.sha256);
  object["replayed"] = input.replayed;
  object["stale"] = input.stale;
  return object;
}

/// A value that backup programs agree by and that is not there.
Json AbsentAsObject(const BackupValue& known) {
  return Json{{"kind", "absent"},         {"key", known.key},
              {"name", known.name},       {"type", RegistryTypeName(known.type)},
              {"default", known.without}, {"windows", known.windows}};
}

std::vector<const BackupValue*> AbsentFrom(const PolicyManifest& manifest) {
  std::vector<const BackupValue*> absent;
  for (const BackupValue& known : BackupValues()) {
    const bool there = std::ranges::any_of(manifest.values, [&](const PolicyValue& value) {
      return known.is_list ? value.key.ends_with(known.name) : value.name == known.name;
    });
    if (!there) absent.push_back(&known);
  }
  return absent;
}

std::string ValuesAsText(const PolicyManifest& manifest) {
  std::string text;
  std::string key;
  for (const PolicyValue& value : manifest.values) {
    if (value.key != key) text += "\n" + SafeText(value.key) + "\n";
    key = value.key;
    text += fmt::format("  {}  {}  {}\n", Quoted(value.name), RegistryTypeName(value.type),
                        ValueAsText(value));
  }
  return text;
}

std::string OutcomeAsText(const SessionPolicy& policy, uint32_t number) {
  const auto found = std::ranges::find(policy.outcomes, number, &RuleOutcome::rule);
  if (found == policy.outcomes.end()) return {};
  return fmt::format("  ({} left out, {})", Counted(found->objects, "entry", "entries"),
                     FormatSize(found->bytes));
}

std::string RulesAsText(const SessionPolicy& policy) {
  std::string text = "\nentries\n";
  for (uint32_t number = 0; number < policy.manifest.rules.size(); ++number) {
    const PolicyRule& rule = policy.manifest.rules[number];
    text += fmt::format("  {}", RuleAsText(rule, policy.manifest));
    if (!rule.reason.empty()) {
      text += fmt::format("  [{}: {}]", RuleStateName(rule.state), SafeText(rule.reason));
    }
    text += OutcomeAsText(policy, number) + "\n";
  }
  for (const PolicyVariable& variable : policy.manifest.variables) {
    text += "  " + SafeText(fmt::format("%{}% is {}", variable.name, variable.value)) + "\n";
  }
  return text;
}

std::string AsText(const SessionPolicy& policy, const std::string& session, bool all) {
  const PolicyManifest& manifest = policy.manifest;
  std::string text;
  if (!session.empty()) text += fmt::format("session {}\n", Escaped(session));
  for (const PolicyInput& input : manifest.inputs) text += InputAsText(input) + "\n";
  for (const PolicyDrive& drive : manifest.drives) {
    if (session.empty()) break;
    const std::string name = drive.letter == 0
                                 ? "a volume without letter"
                                 : std::string(1, static_cast<char>(drive.letter)) + ":";
    text += fmt::format("{} is {} in the session\n", name, Quoted(drive.prefix));
  }
  text += ValuesAsText(manifest);
  if (!manifest.rules.empty()) text += RulesAsText(policy);
  if (all) {
    text += "\nnot there\n";
    for (const BackupValue* known : AbsentFrom(manifest)) {
      text += fmt::format("  {}  {}  {}; Windows {}\n", known->name, RegistryTypeName(known->type),
                          known->without, known->windows);
    }
  }
  return text;
}

void PrintObjects(const SessionPolicy& policy, const Json& fields, bool all, CommandRun& run) {
  const auto print = [&](Json object) {
    object.update(fields);
    run.out().Append(ToLine(object));
  };
  for (const PolicyInput& input : policy.manifest.inputs) print(InputAsObject(input));
  for (const PolicyValue& value : policy.manifest.values) {
    Json object{{"kind", "value"}};
    object.update(ValueAsObject(value));
    print(std::move(object));
  }
  for (uint32_t number = 0; number < policy.manifest.rules.size(); ++number) {
    Json object{{"kind", "rule"}, {"rule", number}};
    object.update(RuleAsObject(policy.manifest.rules[number], policy.manifest));
    const auto found = std::ranges::find(policy.outcomes, number, &RuleOutcome::rule);
    if (found != policy.outcomes.end()) {
      object["objects"] = found->objects;
      object["bytes"] = found->bytes;
    }
    print(std::move(object));
  }
  for (const std::string& warning : policy.manifest.warnings) {
    print({{"kind", "warning"}, {"text", warning}});
  }
  if (!all) return;
  for (const BackupValue* known : AbsentFrom(policy.manifest)) print(AbsentAsObject(*known));
}

}  // namespace

void ShowPolicy(const SessionPolicy& policy, const PolicyOrigin& origin, bool all,
                CommandRun& run) {
  if (run.json()) {
    PrintObjects(policy, origin.fields, all, run);
    return;
  }
  run.out().Append(AsText(policy, origin.session, all));
  run.out().Flush();
  for (const std::string& warning : policy.manifest.warnings) {
    run.reporter().Report(NoticeKind::kNote, {}, warning);
  }
}

}  // namespace tapir::cli
