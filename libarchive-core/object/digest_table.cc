#include "object/digest_table.h"

#include <array>
#include <cstring>

#include "bytes/cursor.h"

namespace tapir {
namespace {

constexpr size_t kSpoolMemoryBytes = 16u << 20;
constexpr size_t kRowBytes = 8 + 16 + 32;
// No stream is this long (chapter 9).
constexpr uint64_t kNothingProven = ~uint64_t{0};

}  // namespace

DigestTable::DigestTable() : spool_(kSpoolMemoryBytes) {}

Status DigestTable::Add(uint64_t ordinal, const StreamEnd* proven) {
  std::array<std::byte, kRowBytes> row{};
  StoreLe(row.data(), kNothingProven);
  for (; rows_ < ordinal; ++rows_) TAPIR_RETURN_IF_ERROR(spool_.Append(row).status());
  if (proven != nullptr) {
    StoreLe(row.data(), proven->size);
    std::memcpy(&row[8], proven->digests.xxh128.data(), 16);
    std::memcpy(&row[24], proven->digests.sha256.data(), 32);
  }
  ++rows_;
  return spool_.Append(row).status();
}

Result<std::optional<StreamEnd>> DigestTable::Find(uint64_t ordinal) {
  if (ordinal >= rows_) return std::optional<StreamEnd>();
  std::array<std::byte, kRowBytes> row{};
  TAPIR_RETURN_IF_ERROR(spool_.Read(ordinal * kRowBytes, row));
  StreamEnd proven;
  proven.size = LoadLe<uint64_t>(row.data());
  if (proven.size == kNothingProven) return std::optional<StreamEnd>();
  std::memcpy(proven.digests.xxh128.data(), &row[8], 16);
  std::memcpy(proven.digests.sha256.data(), &row[24], 32);
  return std::optional<StreamEnd>(proven);
}

}  // namespace tapir
