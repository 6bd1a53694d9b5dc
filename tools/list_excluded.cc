#include "tools/list_excluded.h"

#include <fmt/format.h>

#include <map>
#include <string>
#include <utility>

#include "tapir/jobs/list_job.h"
#include "tapir/jobs/session_policy.h"
#include "tools/command_run.h"
#include "tools/damage_text.h"
#include "tools/entry_text.h"
#include "tools/escape.h"
#include "tools/policy_text.h"
#include "tools/signals.h"

namespace tapir::cli {

namespace {

using Manifests = std::map<uint32_t, PolicyManifest>;  // by session

class ExcludedPrinter {
 public:
  ExcludedPrinter(const Manifests& manifests, bool null_terminated, CommandRun& run)
      : manifests_(manifests),
        null_terminated_(null_terminated),
        escape_(run.out().is_terminal()),
        run_(run) {}

  Status Print(const ListedEntry& listed) {
    if (StopRequested().load(std::memory_order_relaxed)) return Cancelled("interrupted");
    const Entry& entry = listed.entry;
    const auto manifest = manifests_.find(listed.session_number);
    const bool known = manifest != manifests_.end() && entry.excluded_by &&
                       *entry.excluded_by < manifest->second.rules.size();
    const PolicyRule* rule = known ? &manifest->second.rules[*entry.excluded_by] : nullptr;
    if (run_.json()) {
      Json object = EntryAsObject(listed, {});
      if (rule != nullptr) object["why"] = RuleAsObject(*rule, manifest->second);
      run_.out().Append(ToLine(object));
    } else if (null_terminated_) {
      run_.out().Append(entry.path + '\0');
    } else {
      const std::string why = rule != nullptr ? RuleAsText(*rule, manifest->second)
                                              : std::string("by a rule that is not known");
      run_.out().Append((escape_ ? Escaped(entry.path) : entry.path) + "  " + why + "\n");
    }
    return run_.out().status();
  }

 private:
  const Manifests& manifests_;
  const bool null_terminated_;
  const bool escape_;
  CommandRun& run_;
};

}  // namespace

ExitStatus ListExcludedObjects(const CommonOptions& common, const Selection& selection,
                               bool null_terminated) {
  CommandRun run(common, CommandRun::Results::kStandardOutput, CommandRun::Notices::kAsLines);
  Selection excluded = selection;
  excluded.excluded = true;
  std::vector<Damage> damages;
  auto policies = ReadPolicies(common.volume, selection, damages);
  if (!policies.ok()) return run.Fail(policies.status());
  Manifests manifests;
  for (SessionPolicy& policy : *policies) {
    manifests.try_emplace(policy.session_number, std::move(policy.manifest));
  }
  ExcludedPrinter printer(manifests, null_terminated, run);
  const auto report = ListObjects(common.volume, excluded,
                                  [&](const ListedEntry& listed) { return printer.Print(listed); });
  if (!run.out().status().ok()) return run.Fail(run.out().status());
  if (!report.ok()) return run.Fail(report.status());
  run.out().Flush();
  damages.insert(damages.end(), report->damages.begin(), report->damages.end());
  for (const Damage& damage : damages) {
    run.reporter().Report(NoticeKind::kDamage, {}, DamageAsText(damage));
  }
  run.ReportGaps(*report, selection);
  return run.Finish();
}

}  // namespace tapir::cli
