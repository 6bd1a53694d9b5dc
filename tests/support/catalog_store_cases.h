#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "tapir/catalog/sqlite_store.h"
#include "tapir/catalog/store.h"

namespace tapir::test {

/// Where a case keeps a catalogue: nothing is there at first. Any process of the test may open it.
class StorePlace {
 public:
  virtual ~StorePlace() = default;

  virtual Result<std::unique_ptr<catalog::Store>> TryOpen(catalog::StoreUse use) = 0;
  /// Opens it for writing, or throws.
  std::unique_ptr<catalog::Store> Open();
  /// Statements as the database itself takes them, on what is there.
  virtual void Execute(const std::string& statements) = 0;
  virtual int64_t Count(const std::string& query) = 0;
  /// Makes, before a catalogue is there, a database of some other program in its place.
  virtual void MakeForeign() = 0;
};

/// What every Store does alike. Each begins with an empty place.
struct StoreCase {
  std::string name;
  std::function<void(StorePlace&)> body;
};
inline std::ostream& operator<<(std::ostream& out, const StoreCase& one) { return out << one.name; }

/// Volumes, notes, verifications.
const std::vector<StoreCase>& StoreRecordCases();
/// Sessions, imports that were cut off, several processes, what is refused.
const std::vector<StoreCase>& StoreSessionCases();
/// Names, directories and places.
const std::vector<StoreCase>& StoreTreeCases();
/// Listings.
const std::vector<StoreCase>& StoreListingCases();
/// All of these.
std::vector<StoreCase> StoreCases();

/// Of what takes several directories.
inline const std::vector<catalog::DirectoryKey> kRoot = {catalog::kRootDirectory};

/// Samples; numbers make them differ.
catalog::Volume SampleVolume(int number);
catalog::Session SampleSession(catalog::VolumeKey volume, uint32_t number);
/// Adds a volume and a session to it, which is not finished.
catalog::SessionKey BeginSample(catalog::Store& store, int number = 1);
void Finish(catalog::Store& store, catalog::SessionKey session);

/// All that a search for this form yields, `count` at a time, by ascending key.
std::vector<catalog::FoundName> FoundNames(catalog::Store& store, const std::string& form,
                                           size_t count = 1000);

/// Runs `work` in another process, and gives what it said of how it went: true if all went well.
bool InOtherProcess(const std::function<void()>& work);

}  // namespace tapir::test
