#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "bytes/cursor.h"
#include "fuzz/support/require.h"
#include "tapir/hive/read_hive.h"
#include "windows/hive_header.h"

namespace {

using namespace tapir;
using fuzz::Require;

}  // namespace

// A hive that anybody may have written, without logs.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string hive(reinterpret_cast<const char*>(data), size);
  const Result<HiveContents> read = ReadHive({.hive = hive});
  const Result<HiveContents> part =
      ReadHive({.hive = hive}, {.subtrees = {u"Plain", u"Big\\none"}});
  if (!read.ok()) {
    Require(!read.status().message().empty(), "a failure without a word");
    return 0;
  }
  Require(part.ok(), "a part fails where the whole does not: " + part.status().ToString());
  const RegistryKey* plain = read->root.subkey(u"Plain");
  const RegistryKey* again = part->root.subkey(u"Plain");
  Require((plain == nullptr) == (again == nullptr), "a part has other keys");
  Require(plain == nullptr || *plain == *again, "a part has other contents");
  const Result<std::string> built = BuildHive(read->root, read->description);
  // Names and values may be longer than Windows makes them.
  if (!built.ok()) return 0;
  const Result<HiveContents> twice = ReadHive({.hive = *built});
  Require(twice.ok(), "what was built is refused: " + twice.status().ToString());
  Require(twice->warnings.empty(), "what was built is wondered at");
  Require(twice->root == read->root, "it comes back otherwise");
  Require(*BuildHive(twice->root, twice->description) == *built, "it is built otherwise");
  return 0;
}

// Changes something, and makes the checksum of the head right again.
extern "C" size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t max_size);
extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t max_size, unsigned) {
  size = LLVMFuzzerMutate(data, size, max_size);
  const std::span<std::byte> bytes = std::as_writable_bytes(std::span(data, size));
  if (const auto header = ReadHiveHeader(bytes)) UpdateHiveHeader(*header, bytes);
  return size;
}
