#pragma once

#include <optional>
#include <vector>

#include "object/content_table.h"
#include "tapir/object/object_source.h"

namespace tapir {

/// Shorter streams are never looked up.
inline constexpr uint64_t kMinEqualBytes = 128;

/// Finds earlier contents that are proven equal: by SHA-256 held for both, or byte for byte with
/// the file they were read from, if that file has not changed since. Single-thread.
class EqualFinder {
 public:
  EqualFinder(ObjectSource& source, bool with_sha256)
      : source_(source), with_sha256_(with_sha256) {}

  /// `contents` in pieces, together `size` bytes.
  Result<std::optional<StoredContent>> Find(uint64_t size, const StreamDigester::Digests& digests,
                                            const std::vector<ByteSpan>& contents);
  Status Add(const StoredContent& content) { return table_.Add(content); }

 private:
  bool ReadsTheSame(const StoredContent& stored, const std::vector<ByteSpan>& contents);

  ObjectSource& source_;
  bool with_sha256_;
  ContentTable table_;
  std::vector<std::byte> scratch_;
};

}  // namespace tapir
