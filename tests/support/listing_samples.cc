#include "tests/support/listing_samples.h"

#include <algorithm>
#include <random>
#include <set>
#include <string>

#include "object/index_columns.h"
#include "tests/support/test_bytes.h"

namespace tapir::test {
namespace {

using Random = std::mt19937_64;

uint64_t Number(Random& random, bool extreme, uint64_t limit) {
  return extreme ? limit - random() % 2 : random() % 5000;
}

void SetKind(Entry& entry, Random& random) {
  static constexpr ObjectType kTypes[] = {ObjectType::kRegular,     ObjectType::kRegular,
                                          ObjectType::kDirectory,   ObjectType::kSymlink,
                                          ObjectType::kFifo,        ObjectType::kCharDevice,
                                          ObjectType::kBlockDevice, ObjectType::kHardLink,
                                          ObjectType::kTombstone,   ObjectType::kExcluded};
  entry.type = kTypes[random() % std::size(kTypes)];
  entry.status = static_cast<ObjectStatus>(random() % 5);
  entry.path_encoding = static_cast<PathEncoding>(random() % 2);
  if (entry.type == ObjectType::kSymlink) entry.link_target = RandomBytes(random() % 60, random());
  if (entry.type == ObjectType::kExcluded && random() % 3 != 0) {
    entry.excluded_by = static_cast<uint32_t>(random());
  }
}

void SetContents(Entry& entry, Random& random, bool with_sha256, bool extreme) {
  entry.map_digest = random() % 5 == 0;
  for (std::byte& byte : entry.xxh128) byte = static_cast<std::byte>(random());
  if (with_sha256) entry.sha256[random() % 32] = static_cast<std::byte>(random());
  if (random() % 4 == 0) {
    entry.whole_reference = random() % 2 == 0;
    entry.reference_bytes = entry.whole_reference ? entry.size : 1 + Number(random, extreme, 1u << 30);
  }
  entry.fragment = random() % 5 == 0;
  if (entry.fragment) entry.fragment_offset = Number(random, extreme, ~uint64_t{0});
}

void SetWindows(Entry& entry, Random& random, bool extreme) {
  entry.file_attributes = static_cast<uint32_t>(Number(random, extreme, 0xFFFFFFFF));
  entry.reparse_tag = static_cast<uint32_t>(random());
  entry.sis.role = static_cast<SisRole>(random() % 5);
  entry.sis.pairing = static_cast<SisPairing>(random() % 5);
  const bool link = entry.sis.role == SisRole::kLink;
  for (uint64_t i = link ? random() % 3 : 0; i > 0; --i) {
    entry.sis.files.push_back("store/" + RandomBytes(random() % 60, random()));
  }
}

Entry SampleEntry(Random& random, bool with_sha256, bool extreme) {
  Entry entry;
  SetKind(entry, random);
  entry.ordinal = Number(random, extreme, ~uint64_t{0} >> (random() % 2));
  entry.mode = static_cast<uint32_t>(Number(random, extreme, 0xFFFFFFFF));
  entry.uid = static_cast<uint32_t>(Number(random, extreme, 0xFFFFFFFF));
  entry.gid = static_cast<uint32_t>(Number(random, extreme, 0xFFFFFFFF));
  entry.size = Number(random, extreme, ~uint64_t{0});
  entry.mtime = {static_cast<int64_t>(Number(random, extreme, ~uint64_t{0} >> (random() % 2))),
                 static_cast<uint32_t>(random() % kNanosecondsPerSecond)};
  entry.has_further_streams = random() % 5 == 0;
  entry.block_object = Number(random, extreme, ~uint64_t{0});
  entry.block_unit = Number(random, extreme, ~uint64_t{0});
  if (HasContents(entry)) SetContents(entry, random, with_sha256, extreme);
  if (entry.path_encoding == PathEncoding::kWtf8) SetWindows(entry, random, extreme);
  if (HasLink(entry)) entry.link_ordinal = Number(random, extreme, ~uint64_t{0});
  return entry;
}

}  // namespace

std::vector<Entry> SampleListing(uint64_t seed, size_t count, bool with_sha256, bool extreme) {
  Random random(seed);
  std::set<std::string> names;
  while (names.size() < count) {
    std::string name = "name" + RandomBytes(random() % 30, random());
    std::ranges::replace_if(
        name, [](char c) { return c == '/' || c == 0; }, 'x');
    names.insert(name + std::to_string(random() % 100));
  }
  std::vector<Entry> entries;
  for (const std::string& name : names) {
    entries.push_back(SampleEntry(random, with_sha256, extreme));
    entries.back().path = name;
  }
  return entries;
}

}  // namespace tapir::test
