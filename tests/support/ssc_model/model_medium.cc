#include "tests/support/ssc_model/model_medium.h"

namespace tapir::test {

uint64_t ModelPartition::BytesBefore(uint64_t object) const {
  if (object < objects_.size()) return objects_[object].bytes_before;
  if (objects_.empty()) return 0;
  return objects_.back().bytes_before + objects_.back().data.size();
}

uint64_t ModelPartition::MarksBefore(uint64_t object) const {
  if (object < objects_.size()) return objects_[object].marks_before;
  if (objects_.empty()) return 0;
  return objects_.back().marks_before + (objects_.back().mark ? 1 : 0);
}

void ModelPartition::Append(bool mark, std::span<const std::byte> data) {
  objects_.push_back({.mark = mark,
                      .data = {data.begin(), data.end()},
                      .bytes_before = BytesBefore(size()),
                      .marks_before = MarksBefore(size())});
}

}  // namespace tapir::test
