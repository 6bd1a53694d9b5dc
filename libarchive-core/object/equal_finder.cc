#include "object/equal_finder.h"

#include <algorithm>
#include <cstring>

namespace tapir {
namespace {

constexpr size_t kCompareStepBytes = 256u << 10;

}  // namespace

bool EqualFinder::ReadsTheSame(const StoredContent& stored, const std::vector<ByteSpan>& contents) {
  Result<std::shared_ptr<SourceObject>> object = source_.Reopen(stored.path, stored.identity);
  if (!object.ok()) return false;
  scratch_.resize(kCompareStepBytes);
  uint64_t offset = 0;
  for (ByteSpan piece : contents) {
    while (!piece.empty()) {
      std::span<std::byte> other =
          std::span(scratch_).first(std::min(piece.size(), scratch_.size()));
      Result<size_t> got = (*object)->ReadAt(offset, other);
      if (!got.ok() || *got == 0 || std::memcmp(piece.data(), other.data(), *got) != 0) {
        return false;
      }
      piece = piece.subspan(*got);
      offset += *got;
    }
  }
  return (*object)->Close() == ObjectStatus::kOk;
}

Result<std::optional<StoredContent>> EqualFinder::Find(uint64_t size,
                                                       const StreamDigester::Digests& digests,
                                                       const std::vector<ByteSpan>& contents) {
  if (size < kMinEqualBytes) return std::optional<StoredContent>();
  TAPIR_ASSIGN_OR_RETURN(std::optional<StoredContent> candidate, table_.Find(size, digests.xxh128));
  if (!candidate) return candidate;
  bool equal = with_sha256_ ? candidate->digests.sha256 == digests.sha256
                            : ReadsTheSame(*candidate, contents);
  if (!equal) candidate.reset();
  return candidate;
}

}  // namespace tapir
