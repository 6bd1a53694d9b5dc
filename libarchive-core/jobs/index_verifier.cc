#include "jobs/index_verifier.h"

#include <array>
#include <utility>

#include "bytes/checksum.h"

namespace tapir {
namespace {

constexpr size_t kFingerprintSpoolBytes = 16u << 20;

// All that an entry says in one number, never zero.
uint64_t Fingerprint(const Entry& entry) {
  std::string all;
  all.reserve(256 + entry.path.size() + entry.link_target.size());
  WriteCursor to(all);
  for (uint64_t value : {entry.ordinal,
                         uint64_t{static_cast<uint8_t>(entry.type)},
                         uint64_t{static_cast<uint8_t>(entry.path_encoding)},
                         uint64_t{static_cast<uint8_t>(entry.status)},
                         uint64_t{entry.mode},
                         uint64_t{entry.uid},
                         uint64_t{entry.gid},
                         entry.size,
                         static_cast<uint64_t>(entry.mtime.seconds),
                         uint64_t{entry.mtime.nanoseconds},
                         uint64_t{entry.map_digest},
                         uint64_t{entry.has_further_streams},
                         entry.link_ordinal,
                         entry.reference_bytes,
                         uint64_t{entry.whole_reference},
                         uint64_t{entry.fragment},
                         entry.fragment_offset,
                         entry.block_object,
                         entry.block_unit,
                         uint64_t{entry.chunk_offset},
                         uint64_t{entry.record_offset},
                         entry.record_digest,
                         uint64_t{entry.path.size()}}) {
    to.U64(value);
  }
  to.Bytes(entry.xxh128);
  to.Bytes(entry.sha256);
  to.Text(entry.path);
  to.Text(entry.link_target);
  uint64_t hash = Checksum64(AsBytes(all));
  return hash == 0 ? 1 : hash;
}

}  // namespace

IndexVerifier::IndexVerifier(Complain complain, Unmet unmet, Seen seen)
    : complain_(std::move(complain)),
      unmet_(std::move(unmet)),
      seen_(std::move(seen)),
      fingerprints_(kFingerprintSpoolBytes) {}

Status IndexVerifier::Expect(const Entry& entry) {
  std::array<std::byte, 8> row{};
  for (; expected_ < entry.ordinal; ++expected_) {
    TAPIR_RETURN_IF_ERROR(fingerprints_.Append(row).status());
  }
  StoreLe(row.data(), Fingerprint(entry));
  ++expected_;
  return fingerprints_.Append(row).status();
}

Status IndexVerifier::CompareEntry(const Entry& entry) {
  std::array<std::byte, 8> row{};
  if (entry.ordinal < expected_) {
    TAPIR_RETURN_IF_ERROR(fingerprints_.Read(entry.ordinal * row.size(), row));
  }
  uint64_t expected = LoadLe<uint64_t>(row.data());
  if (expected == 0) {
    unmet_(entry);
  } else if (expected != Fingerprint(entry)) {
    complain_("the index disagrees with the record of object " + std::to_string(entry.ordinal),
              entry.path);
  }
  seen_(entry);
  return OkStatus();
}

Status IndexVerifier::TakeLeaf(const DecodedChunk& page) {
  Result<std::vector<Entry>> entries = DecodeLeaf(page.raw.bytes);
  if (!entries.ok()) {
    complain_(entries.status().message(), {});
    page_lost_ = true;
    return OkStatus();
  }
  ChildPage child;
  child.locator = page.chunk.locator;
  child.digest = ComputeDigest128(page.raw.bytes);
  if (!entries->empty()) {
    child.first_path = entries->front().path;
    child.first_ordinal = entries->front().ordinal;
    if (child.first_ordinal != next_ordinal_ && !page_lost_) {
      complain_("the index goes on with object " + std::to_string(child.first_ordinal) +
                    " instead of " + std::to_string(next_ordinal_),
                {});
    }
    next_ordinal_ = entries->back().ordinal + 1;
  }
  for (const Entry& entry : *entries) TAPIR_RETURN_IF_ERROR(CompareEntry(entry));
  if (pages_.empty()) pages_.emplace_back();
  pages_.front().push_back(child);
  last_page_ = std::move(child);
  return OkStatus();
}

// An inner page has to name the pages met before it, in order, with their digests.
void IndexVerifier::TakeInner(const DecodedChunk& page) {
  Result<InnerPage> inner = DecodeInner(page.raw.bytes);
  if (!inner.ok()) {
    complain_(inner.status().message(), {});
    page_lost_ = true;
    return;
  }
  if (pages_.size() <= inner->level) pages_.resize(inner->level + 1);
  std::vector<ChildPage>& below = pages_[inner->level - 1];
  size_t count = inner->children.size();
  bool all_there = below.size() >= count;
  for (size_t i = 0; all_there && i < count; ++i) {
    const ChildPage& named = inner->children[i];
    const ChildPage& met = below[i];
    all_there = named.digest == met.digest && named.locator == met.locator &&
                named.first_path == met.first_path && named.first_ordinal == met.first_ordinal;
  }
  if (!all_there && !page_lost_) complain_("an index page names other pages than stand there", {});
  below.erase(below.begin(),
              below.begin() + static_cast<std::ptrdiff_t>(std::min(count, below.size())));
  ChildPage self;
  self.locator = page.chunk.locator;
  self.digest = ComputeDigest128(page.raw.bytes);
  self.first_path = inner->children.front().first_path;
  self.first_ordinal = inner->children.front().first_ordinal;
  last_page_ = self;
  pages_[inner->level].push_back(std::move(self));
}

Status IndexVerifier::TakePage(const DecodedChunk& page) {
  if (!page.failure.ok()) {
    complain_("index page: " + page.failure.message(), {});
    page_lost_ = true;
    return OkStatus();
  }
  if (page.chunk.missing_before > 0) page_lost_ = true;
  if (page.chunk.header.is(ChunkKind::kLeaf)) return TakeLeaf(page);
  TakeInner(page);
  return OkStatus();
}

void IndexVerifier::Finish(const EndRecord& end) {
  if (page_lost_) return;
  if (next_ordinal_ != end.object_count) {
    complain_("the index has " + std::to_string(next_ordinal_) +
                  " objects, the session's end says " + std::to_string(end.object_count),
              {});
  }
  if (last_page_.digest != end.root_digest || last_page_.locator != end.root) {
    complain_("the root page is not the one the session's end names", {});
  }
}

}  // namespace tapir
