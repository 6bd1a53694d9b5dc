// Writes seeds of hive_log and hive: tapir_fuzz_make_hive_seeds FOLDER, which holds a folder for
// each.

#include <string>

#include "fuzz/support/hive_parts.h"
#include "fuzz/support/seed_maker.h"
#include "tests/support/hive_logs.h"
#include "tests/support/hive_samples.h"
#include "tests/support/status_matchers.h"

namespace {

using namespace tapir;
using namespace tapir::test;

std::string SmallHive(size_t step) {
  RegistryKey root(u"r");
  root.SetValue({u"v", 3, std::string(3000 * step + 10, static_cast<char>('a' + step))});
  return Value(BuildHive(root, {.sequence = 7, .last_written = 1000}));
}

void WriteLogs(const std::string& folder) {
  const std::string old = SmallHive(0);
  const std::string next = SmallHive(1);
  const std::string last = SmallHive(2);
  const std::string dirty = WithOpenWriting(old);
  const std::string pages = PagesLog(old, next);
  const std::string first = EntriesLog({old, next}, 7);
  const std::string second = EntriesLog({next, last}, 8);
  fuzz::WriteSeed(folder + "/pages", fuzz::JoinHiveParts({dirty, pages, "", ""}));
  fuzz::WriteSeed(folder + "/pages-broken-head",
                  fuzz::JoinHiveParts({WithBrokenHead(old), "", pages, ""}));
  fuzz::WriteSeed(folder + "/entries", fuzz::JoinHiveParts({dirty, "", second, first}));
  fuzz::WriteSeed(folder + "/no-log", fuzz::JoinHiveParts({dirty, "", "", ""}));
}

void WriteHives(const std::string& folder) {
  RegistryKey few = SampleTree();
  few.SetSubkey(RegistryKey(u"Big"));
  fuzz::WriteSeed(folder + "/few-keys", Value(BuildHive(few, SampleHiveDescription())));
  fuzz::WriteSeed(folder + "/odd", Value(BuildHive(OddTree(), {.minor_version = 3})));
  RegistryKey big(u"r");
  big.SetValue({u"v", 3, std::string(16345, 'x')});
  fuzz::WriteSeed(folder + "/big-data", Value(BuildHive(big, {})));
}

}  // namespace

int main(int argc, char** argv) {
  return tapir::fuzz::MakeSeeds(argc, argv, [](const std::string& folder) {
    WriteLogs(folder + "/hive_log");
    WriteHives(folder + "/hive");
  });
}
