#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "container/chunk_reader.h"
#include "container/session_records.h"
#include "object/index_page.h"
#include "tapir/base/spool.h"
#include "tapir/base/status.h"

namespace tapir {

/// Pages of a session's own index, and of copies (format chapters 7.1 to 7.3).
inline bool IsLeafPage(const ChunkHeader& header) {
  return header.is(ChunkKind::kLeaf) || header.is(ChunkKind::kLeafCopy);
}
inline bool IsInnerPage(const ChunkHeader& header) {
  return header.is(ChunkKind::kInner) || header.is(ChunkKind::kInnerCopy);
}

/// Where the pages of an index are read from. Single-thread.
class IndexPages {
 public:
  virtual ~IndexPages() = default;

  /// The page at `page.locator`, checked against `page.digest`: kCorrupt or kUnsupported if it
  /// cannot be used.
  virtual Result<RawChunk> Read(const ChildPage& page, bool leaf) = 0;
  /// The device was moved by somebody else.
  virtual void Reposition() {}
};

/// Reads pages from a device that can locate, as they are asked for.
class DevicePages : public IndexPages {
 public:
  /// `device` must outlive this.
  DevicePages(BlockDevice& device, const Label& label);

  Result<RawChunk> Read(const ChildPage& page, bool leaf) override;
  void Reposition() override { in_place_ = false; }

 private:
  ChunkReader chunks_;
  bool in_place_ = false;  ///< the chunk reader stands behind the page read last
  Decompressor decompressor_;
};

/// A leaf page as it is stored, to be written once more.
struct StoredLeaf {
  ChildPage child;  ///< its locator is where it was read, if it was
  ChunkHeader header;
  uint64_t spool_offset = 0;
};

/// The leaf pages of one index, in order.
struct StoredLeaves {
  std::shared_ptr<Spool> spool;
  std::vector<StoredLeaf> leaves;
};

/// All pages of one index section, read in one forward pass, so that a tape need not go to and fro.
class SectionPages : public IndexPages {
 public:
  /// Reads the section that `end` describes. Pages that cannot be read are left out. Fails only as
  /// the device does.
  static Result<std::shared_ptr<SectionPages>> Load(BlockDevice& device, const Label& label,
                                                    const EndRecord& end);

  Result<RawChunk> Read(const ChildPage& page, bool leaf) override;
  /// The leaves of the index with this root, each checked. kCorrupt if one cannot be used.
  Result<StoredLeaves> Leaves(const ChildPage& root, uint32_t root_level);

 private:
  struct StoredPage {
    ChunkHeader header;
    uint32_t session_number = 0;
    uint64_t spool_offset = 0;
  };

  SectionPages();
  Status Keep(const Chunk& chunk);
  Status AddLeaves(const ChildPage& page, uint32_t level, StoredLeaves& leaves, size_t& visits);

  std::shared_ptr<Spool> spool_;
  std::map<Locator, StoredPage> pages_;
  Decompressor decompressor_;
};

}  // namespace tapir
