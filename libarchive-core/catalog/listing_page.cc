#include "catalog/listing_page.h"

#include <algorithm>
#include <array>
#include <cassert>

#include "bytes/checksum.h"
#include "bytes/cursor.h"
#include "catalog/listing_columns.h"
#include "tapir/object/path_order.h"

namespace tapir::catalog {
namespace {

constexpr uint8_t kOneForAll = 0;
constexpr uint8_t kOneForEach = 1;
// Smaller pages gain nothing that would pay for the time.
constexpr size_t kMinCompressedBytes = 1024;

void PutNames(std::span<const Entry> entries, WriteCursor& to) {
  std::string_view before;
  for (const Entry& entry : entries) {
    const std::string_view name = entry.path;
    const auto [end, unused] = std::ranges::mismatch(before, name);
    const size_t shared = static_cast<size_t>(end - before.begin());
    to.Varint(shared);
    to.Varint(name.size() - shared);
    to.Text(name.substr(shared));
    before = name;
  }
}

void PutNumbers(std::span<const Entry> entries, WriteCursor& to) {
  std::vector<uint64_t> values(entries.size());
  for (const NumberColumn& column : NumberColumns()) {
    const Entry none;
    for (size_t i = 0; i < entries.size(); ++i) {
      values[i] = column.get(entries[i], i == 0 ? none : entries[i - 1]);
    }
    const bool equal = std::ranges::all_of(values, [&](uint64_t v) { return v == values[0]; });
    to.U8(equal ? kOneForAll : kOneForEach);
    for (size_t i = 0; i < (equal ? 1 : values.size()); ++i) to.Varint(values[i]);
  }
}

void PutDigests(std::span<const Entry> entries, bool with_sha256, WriteCursor& to) {
  for (const Entry& entry : entries) {
    if (!HasContents(entry)) continue;
    to.Bytes(entry.xxh128);
    if (with_sha256) to.Bytes(entry.sha256);
  }
}

Status TakeNames(std::vector<Entry>& entries, ReadCursor& from) {
  std::string name;
  for (Entry& entry : entries) {
    const uint64_t shared = from.Varint();
    const uint64_t length = from.Varint();
    if (!from.ok() || shared > name.size()) return Corrupt("a name is malformed");
    const std::string before = name;
    name.resize(shared);
    name += from.ReadText(length);
    const bool first = &entry == &entries.front();
    if (!from.ok() || name.empty() || (!first && ComparePaths(name, before) <= 0)) {
      return Corrupt("names do not ascend");
    }
    entry.path = name;
  }
  return OkStatus();
}

Status TakeNumbers(std::vector<Entry>& entries, ReadCursor& from) {
  for (const NumberColumn& column : NumberColumns()) {
    const uint8_t form = from.U8();
    if (form > kOneForEach) return Corrupt("a column has an unknown form");
    uint64_t value = 0;
    const Entry none;
    for (size_t i = 0; i < entries.size(); ++i) {
      if (i == 0 || form == kOneForEach) value = from.Varint();
      if (!column.set(entries[i], i == 0 ? none : entries[i - 1], value)) {
        return Corrupt("a number is out of range");
      }
    }
    if (!from.ok()) return Corrupt("a column is cut off");
  }
  return OkStatus();
}

void TakeDigests(std::vector<Entry>& entries, bool with_sha256, ReadCursor& from) {
  for (Entry& entry : entries) {
    if (!HasContents(entry)) continue;
    const ByteSpan xxh128 = from.ReadBytes(entry.xxh128.size());
    if (!xxh128.empty()) std::ranges::copy(xxh128, entry.xxh128.begin());
    if (!with_sha256) continue;
    const ByteSpan sha256 = from.ReadBytes(entry.sha256.size());
    if (!sha256.empty()) std::ranges::copy(sha256, entry.sha256.begin());
  }
}

Result<std::vector<Entry>> TakeEntries(ByteSpan raw) {
  ReadCursor from(raw);
  const uint64_t count = from.Varint();
  const uint8_t with_sha256 = from.U8();
  // An entry takes at least the two lengths of its name and one byte of it.
  if (!from.ok() || count == 0 || with_sha256 > 1 || count > from.remaining() / 3) {
    return Corrupt("the head of the page is malformed");
  }
  if (count > kMaxListingPageEntries) return LimitExceeded("more entries than a page may have");
  std::vector<Entry> entries(count);
  TAPIR_RETURN_IF_ERROR(TakeNames(entries, from));
  TAPIR_RETURN_IF_ERROR(TakeNumbers(entries, from));
  TakeDigests(entries, with_sha256 != 0, from);
  for (Entry& entry : entries) TakeOwn(entry, from);
  if (!from.ok() || from.remaining() != 0) return Corrupt("the page does not end where it should");
  return entries;
}

}  // namespace

ListingPages::ListingPages(int zstd_level)
    : zstd_level_(zstd_level), compressor_(zstd_level == 0 ? 1 : zstd_level) {}

Result<std::string> ListingPages::Encode(std::span<const Entry> entries, SessionKey session) {
  assert(!entries.empty());
  const auto falls_back = [](const Entry& before, const Entry& entry) {
    return ComparePaths(entry.path, before.path) <= 0;
  };
  if (std::ranges::adjacent_find(entries, falls_back) != entries.end()) {
    return Corrupt("names that do not ascend cannot be kept");
  }
  raw_.clear();
  WriteCursor to(raw_);
  const bool with_sha256 = std::ranges::any_of(entries, HasSha256);
  to.Varint(entries.size());
  to.U8(with_sha256 ? 1 : 0);
  PutNames(entries, to);
  PutNumbers(entries, to);
  PutDigests(entries, with_sha256, to);
  for (const Entry& entry : entries) PutOwn(entry, to);
  if (raw_.size() > kMaxListingPageBytes) return LimitExceeded("a directory's page is too large");

  bool compressed = false;
  if (zstd_level_ > 0 && raw_.size() >= kMinCompressedBytes) {
    TAPIR_ASSIGN_OR_RETURN(compressed, compressor_.Compress(AsBytes(raw_), compressed_));
  }
  std::string page;
  WriteCursor head(page);
  head.U64(0);
  head.U8(static_cast<uint8_t>(compressed ? Codec::kZstd : Codec::kStored));
  head.Varint(raw_.size());
  head.Text(compressed ? compressed_ : raw_);
  const ByteSpan checked = AsBytes(page).subspan(sizeof(uint64_t));
  StoreLe(reinterpret_cast<std::byte*>(page.data()),
          Checksum64(checked, static_cast<uint64_t>(session)));
  return page;
}

Result<std::vector<Entry>> ListingPages::Decode(std::string_view page, SessionKey session) {
  ReadCursor from(AsBytes(page));
  const uint64_t checksum = from.U64();
  const size_t head = from.position();
  const auto codec = static_cast<Codec>(from.U8());
  const uint64_t raw_bytes = from.Varint();
  if (!from.ok()) return Corrupt("the page is cut off");
  if (Checksum64(AsBytes(page).subspan(head), static_cast<uint64_t>(session)) != checksum) {
    return Corrupt("the checksum of the page differs");
  }
  const ByteSpan stored = from.ReadRest();
  if (codec == Codec::kStored) return TakeEntries(stored);
  if (codec != Codec::kZstd) return Corrupt("the page has an unknown codec");
  if (raw_bytes > kMaxListingPageBytes) return LimitExceeded("the page is too large");
  raw_.resize(raw_bytes);
  TAPIR_RETURN_IF_ERROR(decompressor_.Decompress(stored, std::as_writable_bytes(std::span(raw_))));
  return TakeEntries(AsBytes(raw_));
}

uint64_t ListingSum(std::string_view page, DirectoryKey directory, uint32_t number) {
  // The page's own checksum covers its bytes; this ties it to where it stands.
  std::string tied(page.substr(0, std::min(page.size(), sizeof(uint64_t))));
  WriteCursor to(tied);
  to.I64(directory);
  to.U32(number);
  return Checksum64(AsBytes(tied));
}

}  // namespace tapir::catalog
