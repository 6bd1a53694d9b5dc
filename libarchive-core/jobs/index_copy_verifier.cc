#include "jobs/index_copy_verifier.h"

#include <utility>

#include "bytes/checksum.h"
#include "object/index_pages.h"

namespace tapir {
namespace {

void AddLeaf(Digest128& leaves, const Digest128& leaf) {
  std::string both;
  WriteCursor to(both);
  to.Bytes(leaves);
  to.Bytes(leaf);
  leaves = ComputeDigest128(AsBytes(both));
}

}  // namespace

void IndexCopyVerifier::SessionBegin() {
  own_leaves_ = {};
  lost_ = false;
  copies_.clear();
}

void IndexCopyVerifier::TakeOwn(const DecodedChunk& page) {
  lost_ = lost_ || !page.failure.ok() || page.chunk.missing_before > 0;
  if (page.failure.ok() && IsLeafPage(page.chunk.header)) {
    AddLeaf(own_leaves_, ComputeDigest128(page.raw.bytes));
  }
}

void IndexCopyVerifier::TakeCopy(const DecodedChunk& page, const Complain& complain) {
  lost_ = lost_ || !page.failure.ok() || page.chunk.missing_before > 0;
  if (!page.failure.ok()) {
    complain("copy of an index page: " + page.failure.message());
    return;
  }
  Page kept{ComputeDigest128(page.raw.bytes), 0, {}};
  if (IsInnerPage(page.chunk.header)) {
    Result<InnerPage> inner = DecodeInner(page.raw.bytes);
    if (!inner.ok()) {
      complain("copy of an index page: " + inner.status().message());
      return;
    }
    kept.level = inner->level;
    kept.children = std::move(inner->children);
  }
  copies_.insert_or_assign(page.chunk.locator, std::move(kept));
}

bool IndexCopyVerifier::AddLeaves(const Locator& locator, const Digest128& digest, uint32_t level,
                                  size_t& visits, Digest128& leaves) const {
  auto found = copies_.find(locator);
  bool fits = found != copies_.end() && found->second.digest == digest &&
              found->second.level == level && ++visits <= copies_.size();
  if (!fits) return false;
  if (level == 0) AddLeaf(leaves, digest);
  for (const ChildPage& child : found->second.children) {
    if (!AddLeaves(child.locator, child.digest, level - 1, visits, leaves)) return false;
  }
  return true;
}

void IndexCopyVerifier::SessionEnd(const EndRecord& end, const Complain& complain) {
  // What was lost has been told, page by page.
  if (lost_) return;
  leaves_of_[end.session_id] = own_leaves_;
  size_t visits = 0;
  for (const IndexCopy& copy : end.index_copies) {
    const std::string name =
        "the copy of the index of session " + std::to_string(copy.session.session_number);
    Digest128 leaves{};
    if (!AddLeaves(copy.root, copy.root_digest, copy.root_level, visits, leaves)) {
      complain(name + " is not whole");
      continue;
    }
    auto original = leaves_of_.find(copy.session.session_id);
    if (original != leaves_of_.end() && original->second != leaves) {
      complain(name + " differs from that index");
    }
  }
}

}  // namespace tapir
