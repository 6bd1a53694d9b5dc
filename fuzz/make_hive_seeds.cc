// Writes seeds of hive_log and hive: tapir_fuzz_make_hive_seeds FOLDER, which holds a folder for
// each.

#include <cstdio>
#include <exception>
#include <fstream>
#include <string>

#include "fuzz/support/hive_parts.h"
#include "tests/support/hive_logs.h"
#include "tests/support/hive_samples.h"
#include "tests/support/status_matchers.h"

namespace {

using namespace tapir;
using namespace tapir::test;

void Write(const std::string& path, const std::string& bytes) {
  std::ofstream file(path, std::ios::binary);
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  Check(file.good() ? OkStatus() : NotFound("cannot write " + path));
}

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
  Write(folder + "/pages", fuzz::JoinHiveParts({dirty, pages, "", ""}));
  Write(folder + "/pages-broken-head", fuzz::JoinHiveParts({WithBrokenHead(old), "", pages, ""}));
  Write(folder + "/entries", fuzz::JoinHiveParts({dirty, "", second, first}));
  Write(folder + "/no-log", fuzz::JoinHiveParts({dirty, "", "", ""}));
}

void WriteHives(const std::string& folder) {
  RegistryKey few = SampleTree();
  few.SetSubkey(RegistryKey(u"Big"));
  Write(folder + "/few-keys", Value(BuildHive(few, SampleHiveDescription())));
  Write(folder + "/odd", Value(BuildHive(OddTree(), {.minor_version = 3})));
  RegistryKey big(u"r");
  big.SetValue({u"v", 3, std::string(16345, 'x')});
  Write(folder + "/big-data", Value(BuildHive(big, {})));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: tapir_fuzz_make_hive_seeds FOLDER\n");
    return 2;
  }
  try {
    const std::string folder = argv[1];
    WriteLogs(folder + "/hive_log");
    WriteHives(folder + "/hive");
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "make_hive_seeds: %s\n", error.what());
    return 1;
  }
}
