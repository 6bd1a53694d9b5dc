#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>

#include "bytes/checksum.h"
#include "bytes/cursor.h"
#include "catalog/listing_page.h"

// A page of the catalogue behind its checksum, which is put before it: what can be decoded encodes
// again to a page that decodes to the same.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace tapir;
  constexpr catalog::SessionKey kSession = 1;
  const ByteSpan bytes = std::as_bytes(std::span(data, size));
  std::string page;
  WriteCursor to(page);
  to.U64(Checksum64(bytes, kSession));
  to.Bytes(bytes);
  catalog::ListingPages pages;
  Result<std::vector<Entry>> entries = pages.Decode(page, kSession);
  if (!entries.ok()) return 0;
  Result<std::string> written = pages.Encode(*entries, kSession);
  if (!written.ok()) std::abort();
  Result<std::vector<Entry>> again = pages.Decode(*written, kSession);
  if (!again.ok() || *again != *entries) std::abort();
  return 0;
}
