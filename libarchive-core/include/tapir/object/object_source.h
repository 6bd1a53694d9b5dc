#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "tapir/base/status.h"
#include "tapir/object/metadata.h"

namespace tapir {

/// What tells one file of the source from another and one state of it from the next. Valid only
/// during one pass over the source.
struct SourceIdentity {
  uint64_t device = 0;
  uint64_t inode = 0;
  Timestamp mtime;
  Timestamp ctime;
  uint64_t size = 0;
  friend bool operator==(const SourceIdentity&, const SourceIdentity&) = default;
};

/// A stream of an object as it is when the object is opened.
struct SourceStream {
  uint32_t number = 0;  ///< 0: the contents of a regular file
  uint64_t size = 0;    ///< bytes
  /// Ciphertext: to be stored as it is.
  bool incompressible = false;
};

/// One object of a source, ready to be opened and read. Open first, then the others. ReadAt may be
/// called from several threads at once, everything else from one at a time.
class SourceObject {
 public:
  virtual ~SourceObject() = default;

  /// Opens it and fills `metadata` completely (names of owners, xattrs, link target, current size)
  /// except for hard-link fields. On failure the object is named and left out (kNotFound: it
  /// vanished) or stored as unreadable (any other code; metadata as far as known).
  /// Anything that could not be read but does not prevent archiving (e.g. one xattr) is appended
  /// to `warnings`.
  virtual Status Open(Metadata& metadata, std::vector<std::string>& warnings) = 0;

  /// Reads up to buffer.size() bytes of the contents; fewer only at the end of the file.
  virtual Result<size_t> ReadAt(uint64_t offset_bytes, std::span<std::byte> buffer) = 0;

  /// Ranges with data, ascending, disjoint, not adjacent, cut to `size_bytes`.
  virtual Result<std::vector<Extent>> Extents(uint64_t size_bytes) = 0;

  /// For items with further streams: all streams, ascending by number, stream 0 among them if
  /// there is one. Asked after Open.
  virtual std::vector<SourceStream> Streams() { return {}; }
  /// ReadAt and Extents for any of these.
  virtual Result<size_t> ReadStreamAt(uint32_t /*number*/, uint64_t offset_bytes,
                                      std::span<std::byte> buffer) {
    return ReadAt(offset_bytes, buffer);
  }
  virtual Result<std::vector<Extent>> StreamExtents(uint32_t /*number*/, uint64_t size_bytes) {
    return Extents(size_bytes);
  }

  /// Closes it, and says whether it is still in the state in which Open found it.
  virtual ObjectStatus Close() = 0;
};

/// An object whose contents are a stream like others.
class StreamsObject : public SourceObject {
 public:
  Result<size_t> ReadAt(uint64_t offset_bytes, std::span<std::byte> buffer) final {
    return ReadStreamAt(0, offset_bytes, buffer);
  }
  Result<std::vector<Extent>> Extents(uint64_t size_bytes) final {
    return StreamExtents(0, size_bytes);
  }
  std::vector<SourceStream> Streams() override = 0;
  Result<size_t> ReadStreamAt(uint32_t number, uint64_t offset_bytes,
                              std::span<std::byte> buffer) override = 0;
  Result<std::vector<Extent>> StreamExtents(uint32_t number, uint64_t size_bytes) override = 0;
};

/// What a source tells of an object before it is opened.
struct SourceItem {
  std::string path;  ///< as in Metadata
  ObjectType type = ObjectType::kRegular;
  SourceIdentity identity;
  uint32_t link_count = 1;
  bool may_have_holes = false;   ///< ask Extents
  bool further_streams = false;  ///< ask Streams and StreamExtents
  /// It goes into the archive whatever is selected, since something selected needs it.
  bool needed_by_others = false;
  std::string earlier_name;  ///< of the same file, on an earlier volume of the session
  std::shared_ptr<SourceObject> object;
};

/// A tree to be archived, in path order (format chapter 5). Next and Reopen are called from one
/// thread.
class ObjectSource {
 public:
  virtual ~ObjectSource() = default;

  /// The next object; nothing at the end. Objects that cannot be reached are reported to the
  /// source's reporter and left out; a failure here ends the whole run.
  virtual Result<std::optional<SourceItem>> Next() = 0;

  /// Opens an earlier object's contents again, if it is still in the state `identity` describes;
  /// else kNotFound. For comparing possible duplicates byte for byte.
  virtual Result<std::shared_ptr<SourceObject>> Reopen(const std::string& path,
                                                       const SourceIdentity& identity) = 0;

  /// What was left out on request so far, each top only.
  virtual uint64_t left_out_count() const { return 0; }
};

}  // namespace tapir
