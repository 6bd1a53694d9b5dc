// Blocks and marks: READ, WRITE, WRITE FILEMARKS, ERASE.

#include <algorithm>
#include <utility>

#include "bytes/big_endian.h"
#include "bytes/crc32c.h"
#include "tests/support/ssc_model/ssc_model.h"

namespace tapir::test {
namespace {

constexpr uint8_t kIli = 0x20;
constexpr size_t kCrcBytes = 4;

}  // namespace

std::vector<std::byte> SscModel::Outgoing(const std::vector<std::byte>& data) const {
  std::vector<std::byte> sent = data;
  if (protect_read_) {
    sent.resize(data.size() + kCrcBytes);
    StoreLe(sent.data() + data.size(), Crc32c(data));
  }
  if (flip_bit_) sent[sent.size() / 2] ^= std::byte{1};
  return sent;
}

ModelReply SscModel::Read(const Call& call) {
  bool fixed = call.Bit(1, 0x01);
  uint32_t count = LoadBe24(call.cdb.data() + 2);
  bool sili = call.Bit(1, 0x02);
  if (fixed && (sili || block_bytes_ == 0)) return BadField();
  if (count == 0) return Good();
  return fixed ? ReadFixed(call, count) : ReadVariable(call, count);
}

ModelReply SscModel::ReadVariable(const Call& call, uint32_t asked) {
  if (position_ >= Here().size()) {
    if (is(ModelProfile::kTgt)) return Check(0x080000, {.flags = kEom});
    return Check(0x080005, {.information = asked});
  }
  const ModelObject& object = Here().at(position_++);
  if (object.mark) return Check(0x000001, {.flags = kFilemark, .information = asked});
  std::vector<std::byte> sent = Outgoing(object.data);
  int64_t left = int64_t{asked} - static_cast<int64_t>(sent.size());
  size_t moved = std::min({sent.size(), size_t{asked}, call.in.size()});
  if (left != 0 && is(ModelProfile::kTgt)) {
    // Moves as much as is left over, and of a longer block nothing.
    moved = left < 0 ? 0 : std::min(moved, static_cast<size_t>(left));
  }
  std::copy_n(sent.begin(), moved, call.in.begin());
  bool silent = call.Bit(1, 0x02) && !is(ModelProfile::kTgt) && (left > 0 || block_bytes_ == 0);
  if (left == 0 || silent) return Good(moved);
  return Check(0x000000, {.flags = kIli, .information = left, .length = moved});
}

ModelReply SscModel::ReadFixed(const Call& call, uint32_t count) {
  size_t moved = 0;
  for (int64_t left = count; left > 0; --left) {
    if (position_ >= Here().size()) {
      uint32_t sense = is(ModelProfile::kTgt) ? 0x033100 : 0x080005;
      return Check(sense, {.information = left, .length = moved});
    }
    const ModelObject& object = Here().at(position_++);
    if (object.mark) {
      return Check(0x000001, {.flags = kFilemark, .information = left, .length = moved});
    }
    if (object.data.size() != block_bytes_) {
      return Check(0x000000, {.flags = kIli, .information = left, .length = moved});
    }
    size_t size = std::min<size_t>(block_bytes_, call.in.size() - moved);
    std::copy_n(object.data.begin(), size, call.in.begin() + static_cast<ptrdiff_t>(moved));
    moved += size;
  }
  return Good(moved);
}

std::optional<ModelReply> SscModel::RefuseWriting() {
  if (medium_.write_protected) return Check(0x072700);
  bool allowed = std::exchange(overwrite_at_, std::nullopt) == position_;
  if (append_only_ && position_ < Here().size() && !allowed) return Check(0x075A02);
  return std::nullopt;
}

std::optional<ModelReply> SscModel::RefuseOverwriting(bool mark) {
  if (!medium_.worm || position_ == Here().size()) return std::nullopt;
  // Marks at the end may be written over, so that an archive can go on.
  bool only_marks = mark || Here().at(position_).mark;
  if (only_marks && Here().MarksBefore(Here().size()) - Here().MarksBefore(position_) ==
                        Here().size() - position_) {
    return std::nullopt;
  }
  return Check(0x07300C);
}

ModelReply SscModel::AfterWriting() {
  if (is(ModelProfile::kTgt)) {
    return NearEnd(0) ? Check(0x000000, {.flags = kEom}) : Good();
  }
  if (NearEnd(options_.early_warning_bytes)) {
    return Check(0x000002, {.flags = kEom, .information = 0});
  }
  uint64_t zone = uint64_t{warning_zone_mb_} * 1000000;
  bool in_zone = zone > 0 && NearEnd(options_.early_warning_bytes + zone);
  if (in_zone && !warned_) {
    warned_ = true;
    return Check(0x000007, {.flags = kEom, .information = 0});
  }
  if (!in_zone) warned_ = false;
  return Good();
}

ModelReply SscModel::Write(const Call& call) {
  bool fixed = call.Bit(1, 0x01);
  uint32_t count = LoadBe24(call.cdb.data() + 2);
  if (fixed && block_bytes_ == 0) return BadField();
  if (count == 0 && !is(ModelProfile::kTgt)) return Good();
  if (auto refused = RefuseWriting()) return *refused;
  if (auto refused = RefuseOverwriting(false)) return *refused;
  bool protect = protect_write_ && !fixed;
  size_t sent = fixed ? block_bytes_ : count;
  if (protect && sent <= kCrcBytes) return BadField();
  size_t size = sent - (protect ? kCrcBytes : 0);
  uint32_t blocks = fixed ? count : 1;
  if (size > options_.max_block_bytes || call.out.size() < sent * blocks) return BadField();
  for (uint32_t i = 0; i < blocks; ++i) {
    std::vector<std::byte> data(call.out.begin() + static_cast<ptrdiff_t>(i * sent),
                                call.out.begin() + static_cast<ptrdiff_t>((i + 1) * sent));
    if (flip_bit_) data[data.size() / 2] ^= std::byte{1};
    if (protect) {
      auto crc = LoadLe<uint32_t>(data.data() + size);
      data.resize(size);
      if (crc != Crc32c(data)) return Check(0x041001);
    }
    bool fits = Here().BytesBefore(position_) + size <= Here().capacity_bytes();
    if (!fits && !is(ModelProfile::kTgt)) {
      int64_t left = fixed ? int64_t{blocks} - i : static_cast<int64_t>(sent);
      return Check(0x0D0002, {.flags = kEom, .information = left});
    }
    Here().Truncate(position_);
    sure_ = std::min(sure_, position_);
    Here().Append(false, data);
    ++position_;
  }
  ModelReply reply = AfterWriting();
  reply.length = sent * blocks;
  return reply;
}

ModelReply SscModel::WriteMarks(const Call& call) {
  bool setmark = call.Bit(1, 0x02);
  if (setmark && !is(ModelProfile::kTgt)) return BadField();
  uint32_t count = LoadBe24(call.cdb.data() + (call.U8(0) == 0x80 ? 12 : 2));
  bool immediate = call.Bit(1, 0x01);
  if (count == 0 && !immediate) sure_ = position_;
  if (count == 0) return Good();
  if (auto refused = RefuseWriting()) return *refused;
  if (auto refused = RefuseOverwriting(true)) return *refused;
  Here().Truncate(position_);
  sure_ = std::min(sure_, position_);
  for (uint32_t i = 0; i < count; ++i) Here().Append(true, {});
  position_ += count;
  if (!immediate) sure_ = position_;
  return is(ModelProfile::kTgt) ? Good() : AfterWriting();
}

ModelReply SscModel::Erase(const Call&) {
  if (auto refused = RefuseWriting()) return *refused;
  if (medium_.worm) return Check(0x07300C);
  Here().Truncate(position_);
  return Good();
}

}  // namespace tapir::test
