// Fills a catalogue with a synthetic session and times what is asked of it. Driven by
// bench/catalog.

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "bench/synthetic_catalog.h"
#include "catalog/name_cache.h"
#include "catalog/session_builder.h"
#include "tapir/catalog/browse.h"
#include "tapir/catalog/find.h"
#include "tapir/catalog/inventory.h"
#include "tapir/catalog/sqlite_store.h"
#ifdef TAPIR_WITH_POSTGRES
#include "tapir/postgres/postgres_store.h"
#endif

namespace tapir::bench {
namespace {

constexpr int kRounds = 7;

void Check(const Status& status) {
  if (status.ok()) return;
  fmt::print(stderr, "catalog_measure: {}\n", status.ToString());
  std::exit(1);
}
template <typename T>
T Value(Result<T> result) {
  Check(result.status());
  return *std::move(result);
}

double SecondsOf(const std::function<void()>& work) {
  const auto begin = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

long MostMemoryMib() {
  struct rusage usage {};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss / 1024;
}

std::unique_ptr<catalog::Store> Open(const std::string& address) {
  if (address.starts_with("postgresql://")) {
#ifdef TAPIR_WITH_POSTGRES
    return Value(catalog::OpenPostgresStore(address, catalog::StoreUse::kWrite));
#else
    Check(Unsupported("built without PostgreSQL"));
#endif
  }
  return Value(catalog::OpenSqliteStore(address, catalog::StoreUse::kWrite));
}

void WritePaths(uint64_t objects, const char* paths_file) {
  std::ofstream paths(paths_file);
  SyntheticTree tree(objects);
  Check(tree.Walk([&](const Entry& entry) {
    paths << entry.path << '\n';
    return OkStatus();
  }));
}

// One volume with one session. Making up the entries counts, as reading them from an index does.
void Fill(catalog::Store& store, uint64_t objects) {
  catalog::Volume volume;
  volume.uuid = "00000000-0000-4000-8000-000000000001";
  volume.set_uuid = volume.uuid;
  volume.label = "synthetic";
  volume.address = "synthetic";
  catalog::Session session;
  session.volume = Value(store.PutVolume(volume));
  session.id = "0000000000000001";
  session.number = 1;
  session.kind = "additive";
  session.status = "complete";
  session.object_count = objects;
  session.key = Value(store.BeginSession(session));
  const double seconds = SecondsOf([&] {
    catalog::NameCache names;
    catalog::SessionBuilder builder(store, names, session.key);
    SyntheticTree tree(objects);
    Check(tree.Walk([&](Entry entry) { return builder.Add(std::move(entry)); }));
    Check(builder.Finish());
    session.listing_sum = builder.listing_sum();
    Check(store.FinishSession(session));
  });
  fmt::print("import: {} objects in {:.1f} s, {:.0f} objects/s, {} MiB of memory\n", objects,
             seconds, static_cast<double>(objects) / seconds, MostMemoryMib());
}

void Report(const std::string& what, const std::function<uint64_t()>& work) {
  uint64_t found = 0;
  const double first = SecondsOf([&] { found = work(); });
  std::vector<double> warm;
  for (int i = 0; i < kRounds; ++i) warm.push_back(SecondsOf([&] { work(); }));
  std::ranges::sort(warm);
  fmt::print("{:<34} {:>8} found {:>9.2f} ms warm {:>9.2f} ms first\n", what, found,
             warm[kRounds / 2] * 1000, first * 1000);
}

void Ask(catalog::Store& store, const std::vector<std::string>& words) {
  const catalog::Inventory inventory = Value(catalog::Inventory::Read(store));
  const auto find = [&](catalog::FindRequest request) {
    uint64_t found = 0;
    Check(catalog::Find(store, inventory, request, [&](const catalog::Version&) {
      ++found;
      return OkStatus();
    }));
    return found;
  };
  for (const std::string& word : words) {
    Report("first 100 of '" + word + "'", [&] { return find({.text = word, .limit = 100}); });
  }
  std::string path;
  Check(catalog::Find(store, inventory, {.text = "IMG_4321.JPG", .limit = 1},
                      [&](const catalog::Version& version) {
                        path = version.entry.path;
                        return OkStatus();
                      }));
  using Form = catalog::FindRequest::Form;
  Report("exact path",
         [&] { return find({.text = path, .form = Form::kExact, .match_case = true}); });
  Report("exact path, any case", [&] { return find({.text = path, .form = Form::kExact}); });
  Report("directory of 100,000 names", [&] {
    catalog::State state(store, {&inventory.sessions().front()});
    return Value(state.List("user00000/!scans")).size();
  });
  fmt::print("memory: {} MiB\n", MostMemoryMib());
}

}  // namespace
}  // namespace tapir::bench

int main(int argc, char** argv) {
  const std::string what = argc > 1 ? argv[1] : "";
  if (argc < (what == "make" ? 3 : 4)) {
    std::fputs(
        "usage: catalog_measure make CATALOG | fill CATALOG OBJECTS [PATHS-FILE] | ask CATALOG "
        "WORD...\n",
        stderr);
    return 2;
  }
  const std::unique_ptr<tapir::catalog::Store> store = tapir::bench::Open(argv[2]);
  if (what == "fill") {
    const uint64_t objects = std::strtoull(argv[3], nullptr, 10);
    if (argc > 4) tapir::bench::WritePaths(objects, argv[4]);
    tapir::bench::Fill(*store, objects);
  } else if (what == "ask") {
    tapir::bench::Ask(*store, std::vector<std::string>(argv + 3, argv + argc));
  }
  return 0;
}
