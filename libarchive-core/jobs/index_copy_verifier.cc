#include "jobs/index_copy_verifier.h"

#include <utility>

#include "bytes/checksum.h"
#include "object/index_pages.h"
#include "tapir/object/path_order.h"

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
  Page kept;
  kept.digest = ComputeDigest128(page.raw.bytes);
  Status decoded;
  if (IsInnerPage(page.chunk.header)) {
    Result<InnerPage> inner = DecodeInner(page.raw.bytes);
    decoded = inner.status();
    if (inner.ok()) {
      kept.level = inner->level;
      kept.children = std::move(inner->children);
    }
  } else {
    Result<std::vector<Entry>> entries = DecodeLeaf(page.raw.bytes);
    decoded = entries.status();
    if (entries.ok() && !entries->empty()) {
      kept.first = entries->front();
      kept.last = entries->back();
    }
  }
  if (!decoded.ok()) {
    complain("copy of an index page: " + decoded.message());
    return;
  }
  copies_.insert_or_assign(page.chunk.locator, std::move(kept));
}

// A copy has to be what a reader of the index accepts.
bool IndexCopyVerifier::AddPage(const ChildPage& named, uint32_t level, bool is_root,
                                Walk& walk) const {
  auto found = copies_.find(named.locator);
  if (found == copies_.end() || ++walk.visits > copies_.size()) return false;
  const Page& page = found->second;
  if (page.digest != named.digest || page.level != level) return false;
  if (level == 0) {
    AddLeaf(walk.leaves, page.digest);
    if (!page.first) return is_root;
    const bool follows =
        page.first->ordinal == walk.next_ordinal && page.first->ordinal == named.first_ordinal &&
        (walk.last_path.empty() || ComparePaths(walk.last_path, page.first->path) < 0);
    walk.next_ordinal = page.last->ordinal + 1;
    walk.last_path = page.last->path;
    return follows;
  }
  if (page.children.front().first_ordinal != named.first_ordinal) return false;
  for (const ChildPage& child : page.children) {
    if (!AddPage(child, level - 1, false, walk)) return false;
  }
  return true;
}

void IndexCopyVerifier::SessionEnd(const EndRecord& end, const Complain& complain) {
  // What was lost has been told, page by page.
  if (lost_) return;
  leaves_of_[end.session_id] = own_leaves_;
  for (const IndexCopy& copy : end.index_copies) {
    const std::string name =
        "the copy of the index of session " + std::to_string(copy.session.session_number);
    ChildPage root;
    root.locator = copy.root;
    root.digest = copy.root_digest;
    Walk walk;
    if (!AddPage(root, copy.root_level, true, walk)) {
      complain(name + " is not whole");
      continue;
    }
    auto original = leaves_of_.find(copy.session.session_id);
    if (original != leaves_of_.end() && original->second != walk.leaves) {
      complain(name + " differs from that index");
    }
  }
}

}  // namespace tapir
