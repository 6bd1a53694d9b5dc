// What moves the medium, and where it stands.

#include <algorithm>
#include <array>
#include <utility>

#include "bytes/big_endian.h"
#include "tests/support/ssc_model/ssc_model.h"

namespace tapir::test {
ModelReply SscModel::Rewind(const Call&) {
  position_ = 0;
  return Good();
}

ModelReply SscModel::Space(const Call& call) {
  int64_t count = LoadBe<int64_t>(call.cdb.data() + 4);
  if (call.U8(0) == 0x11) {
    uint32_t field = LoadBe24(call.cdb.data() + 2);
    count = (field & 0x800000) != 0 ? int64_t{field} - 0x1000000 : int64_t{field};
  }
  switch (call.U8(1) & 0x0F) {
    case 0: return SpaceBlocks(count);
    case 1: return SpaceMarks(count);
    case 3: position_ = Here().size(); return Good();
    default: return BadField();
  }
}

ModelReply SscModel::SpaceBlocks(int64_t count) {
  bool tgt = is(ModelProfile::kTgt);
  for (; count > 0; --count) {
    if (position_ >= Here().size()) {
      if (tgt) return Check(0x000005);
      return Check(0x080005, {.information = count});
    }
    if (Here().at(position_++).mark && !tgt) {
      return Check(0x000001, {.flags = kFilemark, .information = count});
    }
  }
  for (; count < 0; ++count) {
    if (position_ == 0) {
      return tgt ? Good() : Check(0x000004, {.flags = kEom, .information = -count});
    }
    if (Here().at(--position_).mark && !tgt) {
      return Check(0x000001, {.flags = kFilemark, .information = -count});
    }
  }
  return Good();
}

ModelReply SscModel::SpaceMarks(int64_t count) {
  bool tgt = is(ModelProfile::kTgt);
  bool back = count < 0;
  while (count > 0) {
    if (position_ >= Here().size()) {
      if (tgt) return Check(0x000005);
      return Check(0x080005, {.information = count});
    }
    if (Here().at(position_++).mark) --count;
  }
  while (count < 0) {
    if (position_ == 0) return Check(0x000004, {.flags = kEom, .information = -count});
    if (Here().at(--position_).mark) ++count;
  }
  if (tgt && back && position_ > 0) --position_;
  return Good();
}

ModelReply SscModel::LocateObject(size_t partition, uint64_t object) {
  if (partition >= medium_.partitions.size()) return BadField();
  partition_ = partition;
  position_ = std::min(object, Here().size());
  return object > Here().size() ? Check(0x080005) : Good();
}

ModelReply SscModel::Locate(const Call& call) {
  bool change = call.Bit(1, 0x02);
  if (call.U8(0) == 0x2B) {
    return LocateObject(change ? call.U8(8) : partition_, LoadBe<uint32_t>(call.cdb.data() + 3));
  }
  size_t partition = change ? call.U8(3) : partition_;
  if (partition >= medium_.partitions.size()) return BadField();
  auto object = LoadBe<uint64_t>(call.cdb.data() + 4);
  switch (call.U8(1) >> 3 & 7) {
    case 0: return LocateObject(partition, object);
    case 3: return LocateObject(partition, medium_.partitions[partition].size());
    default: return BadField();
  }
}

ModelReply SscModel::ReadPosition(const Call& call) {
  std::array<std::byte, 32> data{};
  uint8_t action = call.U8(1) & 0x1F;
  if (is(ModelProfile::kTgt)) {
    if (action == 8) return BadField();
    data[0] = std::byte{action == 6 ? uint8_t{0x20} : uint8_t{0x14}};
    return Give(call, data, action == 6 ? 32 : 20);
  }
  unsigned flags =
      (position_ == 0 ? 0x80u : 0u) | (NearEnd(options_.early_warning_bytes) ? 0x40u : 0u);
  data[0] = static_cast<std::byte>(flags);
  if (action == 0) {
    data[1] = static_cast<std::byte>(partition_);
    StoreBe(data.data() + 4, static_cast<uint32_t>(position_));
    StoreBe(data.data() + 8, static_cast<uint32_t>(position_));
    return Give(call, data, 20);
  }
  if (action != 6) return BadField();
  StoreBe(data.data() + 4, static_cast<uint32_t>(partition_));
  StoreBe(data.data() + 8, position_);
  StoreBe(data.data() + 16, Here().MarksBefore(position_));
  return Give(call, data, 32);
}

ModelReply SscModel::LoadUnload(const Call& call) {
  bool load = call.Bit(4, 0x01);
  if (!load && is(ModelProfile::kTgt)) return Good();
  if (!load && locked_) return Check(0x055302);
  if (load && !(loaded_ && threaded_)) AddAttention(0x2800);
  if (load && !threaded_) polls_left_ = call.Bit(1, 0x01) ? polls_ : 0;
  loaded_ = load;
  threaded_ = true;
  position_ = 0;
  partition_ = 0;
  return Good();
}

ModelReply SscModel::Prevent(const Call& call) {
  locked_ = call.Bit(4, 0x01) && !is(ModelProfile::kTgt);
  return Good();
}

ModelReply SscModel::Format(const Call& call) {
  if (medium_.write_protected) return Check(0x072700);
  if (append_only_ && !std::exchange(format_allowed_, false)) return Check(0x075A02);
  if (position_ != 0 || partition_ != 0) return Check(0x053B00);
  if (medium_.worm) return Check(0x07300C);
  uint64_t left = options_.capacity_bytes;
  size_t count = 1;
  if ((call.U8(2) & 0x0F) != 0 && partition_page_.size() >= 8) {
    count = 1 + std::to_integer<size_t>(partition_page_[3]);
  }
  medium_.partitions.clear();
  medium_.attributes.clear();
  for (size_t i = 0; i + 1 < count; ++i) {
    uint64_t size = left / (count - i);
    size_t at = 8 + 2 * i;
    bool by_size = (partition_page_[4] & std::byte{0x20}) != std::byte{0};
    if (by_size && at + 2 <= partition_page_.size()) {
      bool coarse = (partition_page_[4] & std::byte{0x18}) == std::byte{0x18};
      uint64_t asked = LoadBe<uint16_t>(partition_page_.data() + at);
      size = std::min(left, asked * (coarse ? 1000000000u : 1000000u));
    }
    medium_.partitions.emplace_back(size);
    left -= size;
  }
  medium_.partitions.emplace_back(left);
  return Good();
}

}  // namespace tapir::test
