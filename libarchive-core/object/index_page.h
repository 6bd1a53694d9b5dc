#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "bytes/checksum.h"
#include "container/format.h"
#include "tapir/base/status.h"
#include "tapir/object/entry.h"

namespace tapir {

/// Raw leaf pages are filled up to this many bytes (format chapter 7.1).
inline constexpr size_t kLeafPageBytes = 64u << 10;

/// What an inner page says of one child (chapter 7.2).
struct ChildPage {
  std::string first_path;
  uint64_t first_ordinal = 0;
  Locator locator;
  Digest128 digest{};
};

struct InnerPage {
  uint32_t level = 1;
  std::vector<ChildPage> children;
};

/// Collects entries of one leaf. Single-thread.
class LeafBuilder {
 public:
  /// `with_sha256` as the session.
  explicit LeafBuilder(bool with_sha256) : with_sha256_(with_sha256) {}

  /// Whether `entry` still fits; an empty leaf takes any.
  bool Fits(const Entry& entry) const;
  void Add(Entry entry);
  bool empty() const { return entries_.empty(); }
  const std::string& first_path() const { return entries_.front().path; }
  uint64_t first_ordinal() const { return entries_.front().ordinal; }
  /// The raw page; the builder is empty afterwards.
  std::string Finish();

 private:
  size_t EstimateBytes(const Entry& entry) const;

  bool with_sha256_;
  std::vector<Entry> entries_;
  size_t estimated_bytes_ = 0;
  size_t path_bytes_ = 0;
};

std::string EncodeInner(const InnerPage& page);

/// kCorrupt or kUnsupported; counts are checked against the page before memory is taken.
Result<std::vector<Entry>> DecodeLeaf(ByteSpan raw);
Result<InnerPage> DecodeInner(ByteSpan raw);

}  // namespace tapir
