#include "tests/support/catalog_store_cases.h"

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <iterator>

#include "tests/support/status_matchers.h"

namespace tapir::test {

std::unique_ptr<catalog::Store> StorePlace::Open() {
  return Value(TryOpen(catalog::StoreUse::kWrite));
}

std::vector<StoreCase> StoreCases() {
  std::vector<StoreCase> all;
  for (const auto* part :
       {&StoreRecordCases(), &StoreSessionCases(), &StoreTreeCases(), &StoreListingCases()}) {
    all.insert(all.end(), part->begin(), part->end());
  }
  return all;
}

std::vector<catalog::FoundName> FoundNames(catalog::Store& store, const std::string& form,
                                           size_t count) {
  std::vector<catalog::FoundName> all;
  const std::unique_ptr<catalog::NameSearch> search = Value(store.SearchNames(form));
  for (;;) {
    std::vector<catalog::FoundName> some = Value(search->Next(count));
    if (some.empty()) break;
    EXPECT_LE(some.size(), count);
    std::ranges::move(some, std::back_inserter(all));
  }
  std::ranges::sort(all, {}, &catalog::FoundName::key);
  return all;
}

catalog::Volume SampleVolume(int number) {
  catalog::Volume volume;
  volume.uuid = "00000000-0000-4000-8000-00000000000" + std::to_string(number);
  volume.set_uuid = "11111111-0000-4000-8000-00000000000" + std::to_string(number);
  volume.label = "photos \xC3\xA4 " + std::to_string(number);
  volume.sequence = 3;
  volume.created = {1'700'000'000, 123'456'789};
  volume.writer = "tapir 0.1.0";
  volume.max_block_bytes = 1u << 20;
  volume.used_bytes = uint64_t{1} << 62;
  volume.address = "vtape:/tapes/\xFF\n" + std::to_string(number);
  volume.updated = {1'800'000'000, 1};
  return volume;
}

catalog::Session SampleSession(catalog::VolumeKey volume, uint32_t number) {
  catalog::Session session;
  session.volume = volume;
  session.id = fmt::format("0123456789ab{:04}", number);
  session.number = number;
  session.kind = "additive";
  session.status = "continued";
  session.start = {-5, 999'999'999};
  session.end = {1'700'000'001, 0};
  session.object_count = 10;
  session.content_bytes = ~uint64_t{0};
  session.first_unit = 11;
  session.index_unit = 12;
  session.end_unit = 13;
  session.digests = "xxh128 sha256";
  session.options = "compress=zstd:3 dedup=session";
  session.writer = "tapir 0.1.0";
  session.end_digest = "00112233445566778899aabbccddeeff";
  session.begins_on = "22222222-0000-4000-8000-000000000000";
  return session;
}

catalog::SessionKey BeginSample(catalog::Store& store, int number) {
  const catalog::VolumeKey volume = Value(store.PutVolume(SampleVolume(number)));
  return Value(store.BeginSession(SampleSession(volume, 1)));
}

void Finish(catalog::Store& store, catalog::SessionKey session) {
  catalog::Session done;
  done.key = session;
  Check(store.FinishSession(done));
}

bool InOtherProcess(const std::function<void()>& work) {
  const pid_t child = ::fork();
  if (child == 0) {
    int outcome = 1;
    try {
      work();
      outcome = 0;
    } catch (const std::exception& failure) {
      std::fprintf(stderr, "the other process: %s\n", failure.what());
    }
    _exit(outcome);
  }
  int status = 0;
  return child > 0 && ::waitpid(child, &status, 0) == child && WIFEXITED(status) &&
         WEXITSTATUS(status) == 0;
}

}  // namespace tapir::test
