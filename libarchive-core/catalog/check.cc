#include <map>

#include "catalog/listing_page.h"
#include "catalog/volume_contents.h"
#include "tapir/catalog/inventory.h"
#include "tapir/catalog/reports.h"

namespace tapir::catalog {
namespace {

constexpr size_t kCheckedBytes = 4u << 20;

// What the catalogue holds of a session is all there and as it was written.
Result<std::optional<std::string>> FaultOfListings(Store& store, const Session& session) {
  ListingPages pages;
  uint64_t sum = 0;
  uint64_t entries = 0;
  for (DirectoryKey after = -1;;) {
    TAPIR_ASSIGN_OR_RETURN(const std::vector<ListingRow> rows,
                           store.NextListings(after, kCheckedBytes, session.key));
    if (rows.empty()) break;
    after = rows.back().directory;
    for (const ListingRow& row : rows) {
      const Result<std::vector<Entry>> page = pages.Decode(row.page, row.session);
      if (!page.ok()) return std::optional(page.status().message());
      entries += page->size();
      sum += ListingSum(row.page, row.directory, row.number);
    }
  }
  if (sum != session.listing_sum) {
    return std::optional<std::string>("what the catalogue keeps of it is not what was imported");
  }
  // A session read from damaged records may be incomplete.
  if (!session.from_records && entries != session.object_count) {
    return std::optional(std::to_string(entries) + " objects in the catalogue, " +
                         std::to_string(session.object_count) + " on the volume");
  }
  return std::optional<std::string>();
}

class Check {
 public:
  Check(Store& store, const Inventory& inventory) : store_(store), inventory_(inventory) {}

  Result<CheckReport> Run(const std::string& name) {
    const Status whole = store_.CheckWhole();
    if (whole.code() == StatusCode::kCorrupt) {
      report_.mismatches.push_back("the catalogue itself: " + whole.message());
    } else if (!whole.ok()) {
      return whole;
    }
    TAPIR_ASSIGN_OR_RETURN(const VolumeContents contents, VolumeContents::Open(name, true));
    const Volume* volume = nullptr;
    for (const Volume& one : inventory_.volumes()) {
      if (one.uuid == contents.volume().uuid) volume = &one;
    }
    if (volume == nullptr) {
      return NotFound("volume " + contents.volume().uuid + " is not in the catalogue");
    }
    CompareLabels(*volume, contents.volume());
    std::map<std::string, const Session*> kept;
    for (const Session* session : inventory_.SessionsOf(volume->key)) {
      kept.emplace(session->id, session);
    }
    for (const Session& found : contents.sessions()) {
      const auto known = kept.find(found.id);
      if (known == kept.end()) {
        Mismatch(found, "is on the volume and not in the catalogue");
        continue;
      }
      TAPIR_RETURN_IF_ERROR(CompareSession(*known->second, found));
      kept.erase(known);
    }
    for (const auto& [id, session] : kept) {
      Mismatch(*session, "is in the catalogue and cannot be found on the volume");
    }
    return std::move(report_);
  }

 private:
  void Mismatch(const Session& session, const std::string& what) {
    report_.mismatches.push_back("session " + std::to_string(session.number) + " (" + session.id +
                                 "): " + what);
  }

  void CompareLabels(const Volume& kept, const Volume& found) {
    if (kept.label == found.label && kept.set_uuid == found.set_uuid &&
        kept.sequence == found.sequence) {
      return;
    }
    report_.mismatches.push_back("the label says '" + found.label + "', volume " +
                                 std::to_string(found.sequence) + " of set " + found.set_uuid +
                                 "; the catalogue '" + kept.label + "', volume " +
                                 std::to_string(kept.sequence) + " of set " + kept.set_uuid);
  }

  Status CompareSession(const Session& kept, const Session& found) {
    if (kept.end_digest != found.end_digest) {
      Mismatch(found, "its END has the digest " + found.end_digest + " on the volume and " +
                          kept.end_digest + " in the catalogue");
      return OkStatus();
    }
    TAPIR_ASSIGN_OR_RETURN(const std::optional<std::string> fault, FaultOfListings(store_, kept));
    if (fault) {
      Mismatch(found, *fault);
    } else {
      ++report_.sessions;
    }
    return OkStatus();
  }

  Store& store_;
  const Inventory& inventory_;
  CheckReport report_;
};

}  // namespace

Result<CheckReport> CheckVolume(Store& store, const std::string& volume) {
  TAPIR_ASSIGN_OR_RETURN(const Inventory inventory, Inventory::Read(store));
  return Check(store, inventory).Run(volume);
}

}  // namespace tapir::catalog
