#include <cstddef>
#include <cstdint>
#include <vector>

#include "fuzz/support/memory_file.h"
#include "fuzz/support/require.h"
#include "fuzz/support/volume_mutator.h"
#include "jobs/collected_volume.h"
#include "tapir/device/memory_device.h"
#include "tapir/jobs/list_job.h"
#include "tapir/jobs/verify_job.h"

namespace {

using namespace tapir;
using fuzz::Require;

struct Listing {
  Status status;
  ListReport report;
  std::vector<Entry> entries;
  uint32_t volume_sequence = 0;
};

// Where there is an index: by the index. What other volumes of the set hold is passed over.
Listing List(const std::string& volume, const Selection& selection, uint32_t volume_sequence) {
  Listing listing;
  Result<ListReport> report = ListObjects(volume, selection, [&](const ListedEntry& listed) {
    if (listed.last_volume == volume_sequence) listing.entries.push_back(listed.entry);
    return OkStatus();
  });
  listing.status = report.status();
  if (report.ok()) listing.report = *report;
  return listing;
}

// By reading from the beginning to the end, as a stream is listed.
Listing ListForward(MemoryDevice& device, const Selection& selection, uint64_t& objects) {
  Listing listing;
  listing.status = device.Locate({});
  Result<CollectedVolume> collected = CollectVolume(device, true);
  if (!collected.ok()) {
    listing.status = collected.status();
    return listing;
  }
  listing.volume_sequence = collected->state.label.volume_sequence;
  objects = 0;
  for (const auto& [session, entries] : collected->entries) objects += entries.size();
  Result<EntryView> view = ViewCollected(*collected, selection);
  if (!view.ok()) {
    listing.status = view.status();
    return listing;
  }
  for (;;) {
    Result<std::optional<ViewedEntry>> viewed = view->Next();
    listing.status = viewed.status();
    if (!viewed.ok() || !*viewed) return listing;
    listing.entries.push_back((*viewed)->entry);
  }
}

Result<VerifyReport> Verify(const std::string& volume, VerifyLevel level) {
  VerifyRequest request;
  request.volume = volume;
  request.level = level;
  request.threads = 1;
  return VerifyVolume(request, {});
}

// What was proven intact has one meaning, whichever way it is read.
void ExpectOneMeaning(MemoryDevice& device, const std::string& volume, const VerifyReport& report) {
  Result<VerifyReport> blocks = Verify(volume, VerifyLevel::kBlocks);
  Require(blocks.ok() && blocks->verdict == Verdict::kIntact, "intact, but not by its blocks");
  for (SessionChoice choice : {SessionChoice::kAll, SessionChoice::kNewest}) {
    Selection selection;
    selection.sessions = choice;
    uint64_t objects = 0;
    Listing forward = ListForward(device, selection, objects);
    Listing listed = List(volume, selection, forward.volume_sequence);
    Require(listed.status.ok(), "intact, but cannot be listed: " + listed.status.ToString());
    Require(forward.status.ok(), "intact, but cannot be read: " + forward.status.ToString());
    Require(listed.report.damages.empty(), "intact, but damage was met in the index");
    Require(listed.entries == forward.entries, "intact, but index and records differ");
    Require(objects == report.objects, "verifying and reading count objects differently");
  }
}

}  // namespace

// A whole volume through verifying and listing: both come to an end, agree on whether there is a
// volume, and on what it holds if it is intact.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static fuzz::MemoryFile file;
  file.Set({data, size});
  ByteSpan bytes = std::as_bytes(std::span(data, size));
  std::unique_ptr<MemoryDevice> device =
      MemoryDevice::FromBytes(std::vector<std::byte>(bytes.begin(), bytes.end()));
  Result<VerifyReport> verified = Verify(file.path(), VerifyLevel::kContent);
  Listing listed = List(file.path(), {}, 0);
  if (!verified.ok()) {
    Require(
        listed.status.code() == verified.status().code(),
        "verifying: " + verified.status().ToString() + ", listing: " + listed.status.ToString());
    return 0;
  }
  bool lists_none = listed.status.code() == StatusCode::kForeign;
  Require(lists_none == (verified->verdict == Verdict::kForeign), "a volume for one of two only");
  if (verified->verdict == Verdict::kIntact) ExpectOneMeaning(*device, file.path(), *verified);
  return 0;
}

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t max_size,
                                          unsigned seed) {
  return fuzz::MutateVolume(data, size, max_size, seed);
}
