#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "object/index_page.h"

// Leaf and inner pages: what can be decoded has in-order paths that keep the rules, and encodes
// again to a page that decodes to the same.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace tapir;
  ByteSpan bytes = std::as_bytes(std::span(data, size));
  Result<InnerPage> inner = DecodeInner(bytes);
  if (inner.ok() && !DecodeInner(AsBytes(EncodeInner(*inner))).ok()) std::abort();
  Result<std::vector<Entry>> leaf = DecodeLeaf(bytes);
  if (!leaf.ok() || leaf->empty()) return 0;
  LeafBuilder builder(true);
  for (const Entry& entry : *leaf) builder.Add(entry);
  Result<std::vector<Entry>> again = DecodeLeaf(AsBytes(builder.Finish()));
  if (!again.ok() || *again != *leaf) std::abort();
  return 0;
}
