#include "object/digest_table.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <iterator>

#include "bytes/cursor.h"

namespace tapir {
namespace {

constexpr size_t kDigestSpoolBytes = 16u << 20;
constexpr size_t kDigestRowBytes = 8 + 16 + 32;
// No stream is this long (chapter 9).
constexpr uint64_t kNothingProven = ~uint64_t{0};

}  // namespace

DigestTable::DigestTable() : spool_(kDigestSpoolBytes) {}

Status DigestTable::Add(uint64_t ordinal, const StreamEnd* proven) {
  std::array<std::byte, kDigestRowBytes> row{};
  StoreLe(row.data(), kNothingProven);
  bool continues =
      !runs_.empty() && ordinal == runs_.back().first_ordinal + (rows_ - runs_.back().first_row);
  if (!continues) runs_.push_back({ordinal, rows_});
  if (proven != nullptr) {
    StoreLe(row.data(), proven->size);
    std::memcpy(&row[8], proven->digests.xxh128.data(), 16);
    std::memcpy(&row[24], proven->digests.sha256.data(), 32);
  }
  ++rows_;
  return spool_.Append(row).status();
}

Result<std::optional<StreamEnd>> DigestTable::Find(uint64_t ordinal) {
  auto behind =
      std::upper_bound(runs_.begin(), runs_.end(), ordinal,
                       [](uint64_t wanted, const Run& run) { return wanted < run.first_ordinal; });
  if (behind == runs_.begin()) return std::optional<StreamEnd>();
  uint64_t end_row = behind == runs_.end() ? rows_ : behind->first_row;
  const Run& run = *std::prev(behind);
  uint64_t index = run.first_row + (ordinal - run.first_ordinal);
  if (index >= end_row) return std::optional<StreamEnd>();
  std::array<std::byte, kDigestRowBytes> row{};
  TAPIR_RETURN_IF_ERROR(spool_.Read(index * kDigestRowBytes, row));
  StreamEnd proven;
  proven.size = LoadLe<uint64_t>(row.data());
  if (proven.size == kNothingProven) return std::optional<StreamEnd>();
  std::memcpy(proven.digests.xxh128.data(), &row[8], 16);
  std::memcpy(proven.digests.sha256.data(), &row[24], 32);
  return std::optional<StreamEnd>(proven);
}

}  // namespace tapir
