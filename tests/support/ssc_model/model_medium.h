#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <vector>

namespace tapir::test {

/// A block or a mark on the tape of a model.
struct ModelObject {
  bool mark = false;
  std::vector<std::byte> data;
  uint64_t bytes_before = 0;  ///< of all blocks in front of it
  uint64_t marks_before = 0;
};

/// One partition: what was written, in order, with running sums.
class ModelPartition {
 public:
  explicit ModelPartition(uint64_t capacity_bytes) : capacity_bytes_(capacity_bytes) {}

  uint64_t size() const { return objects_.size(); }
  const ModelObject& at(uint64_t object) const { return objects_[object]; }
  uint64_t capacity_bytes() const { return capacity_bytes_; }
  uint64_t used_bytes() const { return BytesBefore(size()); }
  uint64_t BytesBefore(uint64_t object) const;
  uint64_t MarksBefore(uint64_t object) const;

  /// Everything from `object` on goes away.
  void Truncate(uint64_t object) { objects_.resize(object); }
  void Append(bool mark, std::span<const std::byte> data);

 private:
  uint64_t capacity_bytes_;
  std::vector<ModelObject> objects_;
};

/// A cartridge.
struct ModelMedium {
  explicit ModelMedium(uint64_t capacity_bytes) : partitions{ModelPartition(capacity_bytes)} {}

  std::vector<ModelPartition> partitions;
  bool write_protected = false;
  bool worm = false;
  /// Attributes of the cartridge memory that hosts may write, by partition and identifier.
  std::map<std::pair<size_t, uint16_t>, std::vector<std::byte>> attributes;
};

}  // namespace tapir::test
