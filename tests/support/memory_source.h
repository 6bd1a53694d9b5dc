#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tapir/object/object_source.h"

namespace tapir::test {

/// The bytes of one stream.
struct MemoryContents {
  std::string bytes;
  /// Sparse streams: ranges with data instead of `bytes`; the rest of `size` is holes.
  std::vector<std::pair<uint64_t, std::string>> ranges;
  std::optional<uint64_t> size;  ///< default: the end of bytes or ranges
  bool incompressible = false;   ///< of objects with further streams

  bool sparse() const { return !ranges.empty() || (size && *size > bytes.size()); }
  uint64_t FullSize() const;
  /// Fills `out` with what stands at `offset`, holes as zeros.
  void CopyOut(uint64_t offset, std::span<std::byte> out) const;
  std::vector<Extent> Extents() const;
};

struct MemoryStream : MemoryContents {
  std::string name;
};

/// One object of a source in memory, and what goes wrong with it.
struct MemoryObject : MemoryContents {
  std::string path;
  ObjectType type = ObjectType::kRegular;
  std::vector<MemoryStream> further_streams;  ///< numbered from 1
  uint64_t inode = 0;                         ///< 0: one of its own
  uint32_t link_count = 1;
  Metadata metadata;  ///< path, type, size, link_count, further_streams are filled in

  bool declares_streams = true;         ///< false: its metadata do not name further streams
  std::optional<uint64_t> listed_size;  ///< other than when it is opened
  Status open_failure;
  std::optional<uint64_t> fails_at;  ///< reads that reach this offset fail
  std::optional<uint64_t> ends_at;   ///< the file turns out to end here
  ObjectStatus closes_as = ObjectStatus::kOk;
  bool reopens = true;

  bool has_further_streams() const { return incompressible || !further_streams.empty(); }
};

/// What a source counts over its objects, and the misuse it sees.
struct SourceCounters {
  std::atomic<uint64_t> opened{0};
  std::atomic<uint64_t> reads{0};
  std::atomic<uint64_t> bytes_read{0};
  std::atomic<uint64_t> reopened{0};
  /// Reads before Open, after or during Close; Close during a read.
  std::atomic<uint64_t> misuse{0};
};

/// A tree in memory, in path order. With a delay seed, every call waits for a random moment.
class MemorySource final : public ObjectSource {
 public:
  explicit MemorySource(std::vector<MemoryObject> objects, uint64_t delay_seed = 0);

  Result<std::optional<SourceItem>> Next() override;
  Result<std::shared_ptr<SourceObject>> Reopen(const std::string& path,
                                               const SourceIdentity& identity) override;

  /// Next fails instead of giving this object.
  void FailAt(size_t index, Status status);
  /// Sets the flag when this object is asked for.
  void CancelAt(size_t index, std::atomic<bool>* flag);

  const SourceCounters& counters() const { return *counters_; }
  const std::vector<MemoryObject>& objects() const { return *objects_; }

 private:
  std::shared_ptr<std::vector<MemoryObject>> objects_;
  std::shared_ptr<SourceCounters> counters_;
  uint64_t delay_seed_;
  size_t next_ = 0;
  std::optional<size_t> fail_at_;
  Status failure_;
  std::optional<size_t> cancel_at_;
  std::atomic<bool>* cancelled_ = nullptr;
};

}  // namespace tapir::test
