#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bytes/codec.h"
#include "tapir/base/status.h"
#include "tapir/catalog/records.h"
#include "tapir/object/entry.h"

namespace tapir::catalog {

/// A page is begun anew behind this many entries.
inline constexpr size_t kListingPageEntries = 1024;
/// What a reader takes; writers stay far below.
inline constexpr size_t kMaxListingPageBytes = 64u << 20;
inline constexpr size_t kMaxListingPageEntries = 4 * kListingPageEntries;

/// Writes and reads what one session holds in one directory. In these entries `path` is the last
/// component alone; chunk and record offsets and record digests are not kept.
///
/// A page: u64 checksum of all behind it, seeded with the session's key; u8 codec (0 stored, 1
/// zstd); varint length of what follows, expanded. That is: varint count, u8 1 if there are SHA-256
/// digests, names in ascending order (varint bytes shared with the one before, varint length of the
/// rest, rest), then column by column the numbers that all entries have (u8 0: one varint for all
/// of them; u8 1: one for each), XXH3-128 and SHA-256 digests of regular files, and last for each
/// entry what only its kind has. Single-thread; keeps its working memory.
class ListingPages {
 public:
  /// zstd level 0: nothing is compressed.
  explicit ListingPages(int zstd_level = 3);

  /// Entries with names that differ and ascend as paths do, at least one. kCorrupt if they do not;
  /// kLimitExceeded.
  Result<std::string> Encode(std::span<const Entry> entries, SessionKey session);

  /// kCorrupt, naming what is wrong; kLimitExceeded.
  Result<std::vector<Entry>> Decode(std::string_view page, SessionKey session);

 private:
  int zstd_level_;
  Compressor compressor_;
  Decompressor decompressor_;
  std::string raw_;
  std::string compressed_;
};

/// What a page adds to Session::listing_sum; sums are taken modulo 2^64, in any order.
uint64_t ListingSum(std::string_view page, DirectoryKey directory, uint32_t number);

}  // namespace tapir::catalog
