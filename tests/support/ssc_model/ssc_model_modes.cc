// Mode parameters.

#include <algorithm>

#include "bytes/big_endian.h"
#include "tests/support/ssc_model/ssc_model.h"

namespace tapir::test {
namespace {

constexpr uint8_t kDensity = 0x5E;

std::vector<std::byte> Page(std::initializer_list<unsigned> head, size_t size) {
  std::vector<std::byte> page;
  for (unsigned value : head) page.push_back(static_cast<std::byte>(value));
  page.resize(size);
  return page;
}

}  // namespace

std::optional<std::vector<std::byte>> SscModel::ModePage(uint8_t page, uint8_t subpage) const {
  if (page == 0) return is(ModelProfile::kTgt) ? Page({0, 0}, 2) : Page({}, 0);
  if (page == 0x0F && subpage == 0 && !is(ModelProfile::kMinimal)) {
    return Page({0x0F, 14, compression_ ? 0xC0u : 0x40u, 0x80}, 16);
  }
  if (page == 0x10 && subpage == 0) {
    return Page({0x90, 14, 0, static_cast<unsigned>(partition_), 0, 0, 0, 0, 0, 0, 0x48}, 16);
  }
  // It calls every medium WORM.
  if (page == 0x1D && is(ModelProfile::kTgt)) return Page({0x1D, 30, 1}, 32);
  if (!is(ModelProfile::kLto)) return std::nullopt;
  if (page == 0x10 && subpage == 1) {
    std::vector<std::byte> data = Page({0x50, 0x01, 0, 28}, 32);
    data[5] = std::byte{append_only_ ? uint8_t{0x10} : uint8_t{0}};
    StoreBe(data.data() + 6, warning_zone_mb_);
    return data;
  }
  if (page == 0x0A && subpage == 0xF0 && options_.block_protection) {
    bool on = protect_read_ || protect_write_;
    unsigned ways = (protect_write_ ? 0x80u : 0u) | (protect_read_ ? 0x40u : 0u);
    return Page({0x4A, 0xF0, 0, 28, on ? 2u : 0u, on ? 4u : 0u, ways}, 32);
  }
  if (page == 0x11 && subpage == 0) {
    auto additional = static_cast<unsigned>(medium_.partitions.size() - 1);
    return Page({0x11, 14, 3, additional, 0x34, 3, 0, 0}, 16);
  }
  if (page == 0x1D && subpage == 0) {
    return Page({0x1D, 30, medium_.worm ? 1u : 0u}, 32);
  }
  return std::nullopt;
}

ModelReply SscModel::ModeSense(const Call& call) {
  bool six = call.U8(0) == 0x1A;
  uint8_t page = call.U8(2) & 0x3F;
  std::optional<std::vector<std::byte>> content = ModePage(page, call.U8(3));
  if (!content) return BadField();
  bool changeable = call.U8(2) >> 6 == 1;
  if (changeable && page == 0x11) (*content)[4] = std::byte{0xE0};
  std::vector<std::byte> data(six ? 4 : 8);
  size_t head = data.size();
  data[head == 4 ? 2 : 3] = static_cast<std::byte>(medium_.write_protected ? 0x90 : 0x10);
  bool descriptor = !call.Bit(1, 0x08);
  if (descriptor) {
    data[head - 1] = std::byte{8};
    data.resize(head + 8);
    data[head] = std::byte{kDensity};
    StoreBe24(data.data() + head + 5, block_bytes_);
  }
  data.insert(data.end(), content->begin(), content->end());
  if (six) {
    data[0] = static_cast<std::byte>(data.size() - 1);
  } else {
    StoreBe(data.data(), static_cast<uint16_t>(data.size() - 2));
  }
  return Give(call, data, six ? call.U8(4) : LoadBe<uint16_t>(call.cdb.data() + 7));
}

ModelReply SscModel::ModeSelect(const Call& call) {
  if (!call.Bit(1, 0x10)) return BadField();
  size_t head = call.U8(0) == 0x15 ? 4 : 8;
  if (call.out.size() < head) return call.out.empty() ? Good() : Check(0x051A00);
  size_t descriptor = std::to_integer<size_t>(call.out[head - 1]);
  std::span<const std::byte> rest = call.out.subspan(head);
  if (descriptor != 0) {
    if (descriptor != 8 || rest.size() < 8) return Check(0x051A00);
    uint32_t size = LoadBe24(rest.data() + 5);
    if (size > options_.max_block_bytes) return Check(0x052600);
    block_bytes_ = size;
    rest = rest.subspan(8);
  }
  if (!rest.empty() && !SetModePage(rest)) return Check(0x052600);
  return Good(call.out.size());
}

bool SscModel::SetModePage(std::span<const std::byte> page) {
  if (page.size() < 8 || is(ModelProfile::kTgt)) return false;
  auto at = [&](size_t place) { return std::to_integer<uint8_t>(page[place]); };
  uint8_t code = at(0) & 0x3F;
  uint8_t subpage = (at(0) & 0x40) != 0 ? at(1) : uint8_t{0};
  if ((at(0) & 0x80) != 0 || !ModePage(code, subpage)) return false;
  if (code == 0x0F) {
    compression_ = (at(2) & 0x80) != 0;
  } else if (code == 0x10 && subpage == 1) {
    warning_zone_mb_ = LoadBe<uint16_t>(page.data() + 6);
  } else if (code == 0x11) {
    if (at(3) > at(2) || page.size() != 2u + at(1)) return false;
    partition_page_.assign(page.begin(), page.end());
  } else if (code == 0x0A) {
    bool off = at(4) == 0 && (at(6) & 0xC0) == 0;
    if (!off && (at(4) != 2 || at(5) != 4)) return false;
    protect_write_ = (at(6) & 0x80) != 0;
    protect_read_ = (at(6) & 0x40) != 0;
  }
  return true;
}

}  // namespace tapir::test
