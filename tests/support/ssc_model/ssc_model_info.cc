// What the drive says of itself and its cartridge.

#include <algorithm>
#include <array>
#include <string_view>

#include "bytes/big_endian.h"
#include "bytes/cursor.h"
#include "tests/support/ssc_model/ssc_model.h"

namespace tapir::test {
namespace {

using Data = std::vector<std::byte>;

void AddText(Data& to, std::string_view text) {
  for (char c : text) to.push_back(static_cast<std::byte>(c));
}

template <typename T>
void Add(Data& to, T value) {
  to.resize(to.size() + sizeof value);
  StoreBe(to.data() + to.size() - sizeof value, value);
}

void AddParameter(Data& to, uint16_t code, uint64_t value, uint8_t size) {
  Add(to, code);
  Add(to, uint8_t{0x03});
  Add(to, size);
  for (uint8_t at = size; at-- > 0;) Add(to, static_cast<uint8_t>(value >> (8 * at)));
}

void AddAttribute(Data& to, uint16_t id, unsigned kind, std::span<const std::byte> value) {
  Add(to, id);
  Add(to, static_cast<uint8_t>(kind));
  Add(to, static_cast<uint16_t>(value.size()));
  to.insert(to.end(), value.begin(), value.end());
}

}  // namespace

ModelReply SscModel::TestReady(const Call&) { return Good(); }

ModelReply SscModel::RequestSense(const Call& call) {
  Data data(18);
  data[0] = std::byte{0x70};
  data[7] = std::byte{10};
  return Give(call, data, call.U8(4));
}

ModelReply SscModel::Inquiry(const Call& call) {
  auto room = LoadBe<uint16_t>(call.cdb.data() + 3);
  bool tgt = is(ModelProfile::kTgt);
  Data data(4);
  data[0] = std::byte{1};
  if (!call.Bit(1, 0x01)) {
    data[1] = std::byte{0x80};
    data[2] = std::byte{6};
    data[3] = std::byte{2};
    data.resize(8);
    data[4] = std::byte{31};
    AddText(data, tgt ? "IET     VIRTUAL-TAPE    0001" : "TAPIR   MODEL-DRIVE     " + revision_);
    return Give(call, data, room);
  }
  uint8_t page = call.U8(2);
  data[1] = std::byte{page};
  switch (page) {
    case 0x00:
      for (int code : {0x00, 0x80, 0x83, 0xB0}) Add(data, static_cast<uint8_t>(code));
      break;
    case 0x80: AddText(data, tgt ? "        " : "MODEL00001"); break;
    case 0x83:
      Add(data, uint32_t{0x02010008});
      AddText(data, "TAPIR  1");
      break;
    case 0xB0: Add(data, uint8_t{1}); break;
    default: return BadField();
  }
  StoreBe(data.data() + 2, static_cast<uint16_t>(data.size() - 4));
  return Give(call, data, room);
}

ModelReply SscModel::BlockLimits(const Call& call) {
  std::array<std::byte, 6> data{};
  bool tgt = is(ModelProfile::kTgt);
  data[0] = std::byte{tgt ? uint8_t{9} : uint8_t{0}};
  StoreBe24(data.data() + 1, options_.max_block_bytes);
  StoreBe(data.data() + 4, static_cast<uint16_t>(tgt ? 4 : 1));
  return Give(call, data, data.size());
}

ModelReply SscModel::Densities(const Call& call) {
  Data data;
  Add(data, uint32_t{(52 + 2) << 16});
  Add(data, uint32_t{0x5E5EA000});
  data.resize(16);
  Add(data, uint32_t{12000000});
  AddText(data, "LTO-CVE U-8     Ultrium 8/32T       ");
  data.resize(4 + 52);
  return Give(call, data, LoadBe<uint16_t>(call.cdb.data() + 7));
}

ModelReply SscModel::ListCommands(const Call& call) {
  if ((call.U8(1) & 0x1F) != 0x0C) return BadField();
  Data data(4);
  for (const Command& command : Commands()) {
    if (!Has(command)) continue;
    bool maintenance = command.opcode == 0xA3;
    Add(data, command.opcode);
    Add(data, uint8_t{0});
    Add(data, uint16_t{maintenance ? uint16_t{0x0C} : uint16_t{0}});
    Add(data, uint8_t{0});
    Add(data, static_cast<uint8_t>(maintenance ? 0x03 : 0x02));
    Add(data, uint16_t{16});
    Add(data, uint16_t{10});
    Add(data, uint16_t{0});
    Add(data, uint32_t{60});
    Add(data, uint32_t{command.opcode == 0x19 ? 36000u : 1500u});
  }
  StoreBe(data.data(), static_cast<uint32_t>(data.size() - 4));
  return Give(call, data, LoadBe<uint32_t>(call.cdb.data() + 6));
}

ModelReply SscModel::Log(const Call& call) {
  uint8_t page = call.U8(2) & 0x3F;
  Data data(4);
  data[0] = std::byte{page};
  auto mebibytes = [](uint64_t bytes) { return bytes >> 20; };
  switch (page) {
    case 0x02:
    case 0x03:
      AddParameter(data, 0x0003, 7, 4);
      AddParameter(data, 0x0005, Here().used_bytes(), 8);
      AddParameter(data, 0x0006, 1, 4);
      break;
    case 0x0C:
    case 0x17: AddParameter(data, 0x0000, Here().used_bytes(), 8); break;
    case 0x2E:
      for (uint16_t flag = 1; flag <= 64; ++flag) {
        AddParameter(data, flag, alerts_ >> (flag - 1) & 1, 1);
      }
      alerts_ = 0;
      break;
    case 0x31:
      for (uint16_t i = 0; i < std::min<size_t>(medium_.partitions.size(), 2); ++i) {
        const ModelPartition& part = medium_.partitions[i];
        uint64_t used = std::min(part.used_bytes(), part.capacity_bytes());
        AddParameter(data, static_cast<uint16_t>(1 + i), mebibytes(part.capacity_bytes() - used),
                     4);
        AddParameter(data, static_cast<uint16_t>(3 + i), mebibytes(part.capacity_bytes()), 4);
      }
      break;
    default: return BadField();
  }
  StoreBe(data.data() + 2, static_cast<uint16_t>(data.size() - 4));
  return Give(call, data, LoadBe<uint16_t>(call.cdb.data() + 7));
}

ModelReply SscModel::ReadAttributes(const Call& call) {
  size_t partition = call.U8(7);
  if ((call.U8(1) & 0x1F) != 0 || partition >= medium_.partitions.size()) return BadField();
  auto first = LoadBe<uint16_t>(call.cdb.data() + 8);
  const ModelPartition& part = medium_.partitions[partition];
  Data data(4);
  std::array<std::byte, 8> number{};
  uint64_t used = std::min(part.used_bytes(), part.capacity_bytes());
  if (first == 0) {
    StoreBe(number.data(), (part.capacity_bytes() - used) >> 20);
    AddAttribute(data, 0x0000, 0x80, number);
  }
  if (first <= 1) {
    StoreBe(number.data(), part.capacity_bytes() >> 20);
    AddAttribute(data, 0x0001, 0x80, number);
  }
  if (first <= 0x0401) {
    Data serial;
    AddText(serial, "CARTRIDGE01                     ");
    AddAttribute(data, 0x0401, 0x81, serial);
  }
  for (const auto& [key, value] : medium_.attributes) {
    if (key.first == partition && key.second >= first) {
      AddAttribute(data, key.second, 0x01, value);
    }
  }
  if (data.size() == 4) return BadField();
  StoreBe(data.data(), static_cast<uint32_t>(data.size() - 4));
  return Give(call, data, LoadBe<uint32_t>(call.cdb.data() + 10));
}

ModelReply SscModel::WriteAttributes(const Call& call) {
  size_t partition = call.U8(7);
  if (partition >= medium_.partitions.size() || call.out.size() < 4) return BadField();
  if (auto refused = RefuseWriting()) return *refused;
  std::span<const std::byte> rest = call.out.subspan(4);
  while (rest.size() >= 5) {
    auto id = LoadBe<uint16_t>(rest.data());
    size_t size = LoadBe<uint16_t>(rest.data() + 3);
    if (size > rest.size() - 5 || id < 0x0800) return Check(0x052600);
    std::span<const std::byte> value = rest.subspan(5, size);
    if (size == 0) {
      medium_.attributes.erase({partition, id});
    } else {
      medium_.attributes[{partition, id}].assign(value.begin(), value.end());
    }
    rest = rest.subspan(5 + size);
  }
  return Good(call.out.size());
}

ModelReply SscModel::AllowOverwrite(const Call& call) {
  if (!append_only_) return Check(0x052400);
  uint8_t what = call.U8(2) & 0x0F;
  auto object = LoadBe<uint64_t>(call.cdb.data() + 4);
  if (what > 2 || (what == 1 && (call.U8(3) != partition_ || object != position_))) {
    return BadField();
  }
  overwrite_at_.reset();
  if (what == 1) overwrite_at_ = object;
  format_allowed_ = what == 2;
  return Good();
}

}  // namespace tapir::test
