// Writes seeds of listing_page: tapir_fuzz_make_catalog_seeds FOLDER.

#include <string>
#include <vector>

#include "catalog/listing_page.h"
#include "fuzz/support/seed_maker.h"
#include "tests/support/listing_samples.h"
#include "tests/support/status_matchers.h"

namespace {

using namespace tapir;
using namespace tapir::test;

// The target puts the checksum before it.
void WritePage(const std::string& path, const std::vector<Entry>& entries, int zstd_level) {
  const std::string page = Value(catalog::ListingPages(zstd_level).Encode(entries, 1));
  fuzz::WriteSeed(path, page.substr(sizeof(uint64_t)));
}

}  // namespace

int main(int argc, char** argv) {
  return tapir::fuzz::MakeSeeds(argc, argv, [](const std::string& folder) {
    WritePage(folder + "/one", SampleListing(1, 1, false, false), 0);
    WritePage(folder + "/sha256", SampleListing(2, 6, true, false), 0);
    WritePage(folder + "/extreme", SampleListing(3, 12, true, true), 0);
    WritePage(folder + "/every-kind", SampleListing(4, 30, false, false), 0);
    WritePage(folder + "/compressed", SampleListing(5, 40, true, false), 3);
  });
}
