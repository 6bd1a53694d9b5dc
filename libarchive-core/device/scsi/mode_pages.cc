#include "device/scsi/mode_pages.h"

#include <algorithm>

#include "bytes/big_endian.h"

namespace tapir::scsi {
namespace {

constexpr size_t kDescriptorBytes = 8;

ByteSpan FindPage(ByteSpan rest, uint8_t page, uint8_t subpage) {
  while (rest.size() >= 2) {
    bool has_subpage = (ByteAt(rest, 0) & 0x40) != 0;
    size_t head = has_subpage ? 4 : 2;
    if (rest.size() < head) break;
    size_t size = head + (has_subpage ? LoadBe<uint16_t>(rest.data() + 2) : ByteAt(rest, 1));
    ByteSpan whole = rest.first(std::min(size, rest.size()));
    uint8_t found_subpage = has_subpage ? ByteAt(rest, 1) : uint8_t{0};
    if ((ByteAt(rest, 0) & 0x3F) == page && found_subpage == subpage) return whole;
    rest = rest.subspan(whole.size());
  }
  return {};
}

struct Layout {
  size_t head;
  size_t length;             // how many bytes follow the length field, and its own size
  size_t descriptor_length;  // of block descriptors
};

ModeReply Parse(ByteSpan bytes, const Layout& layout, uint8_t page, uint8_t subpage) {
  ModeReply reply;
  bytes = bytes.first(std::min(bytes.size(), layout.length));
  size_t medium_type = layout.head == 4 ? 1 : 2;
  reply.medium_type = ByteAt(bytes, medium_type);
  uint8_t device_specific = ByteAt(bytes, medium_type + 1);
  reply.write_protected = (device_specific & 0x80) != 0;
  reply.buffered_mode = device_specific & 0x7F;
  if (bytes.size() <= layout.head) return reply;
  ByteSpan rest = bytes.subspan(layout.head);
  if (layout.descriptor_length >= kDescriptorBytes && rest.size() >= kDescriptorBytes) {
    reply.has_block_descriptor = true;
    reply.density_code = ByteAt(rest, 0);
    reply.block_bytes = LoadBe24(rest.data() + 5);
  }
  rest = rest.subspan(std::min(rest.size(), layout.descriptor_length));
  ByteSpan found = FindPage(rest, page, subpage);
  reply.page.assign(found.begin(), found.end());
  return reply;
}

std::string Encode(size_t head, const ModeReply& now, const ModeChange& change) {
  std::string list(head, '\0');
  list[head == 4 ? 2 : 3] = static_cast<char>(now.buffered_mode);
  if (change.block_bytes) {
    list[head - 1] = static_cast<char>(kDescriptorBytes);
    std::byte descriptor[kDescriptorBytes] = {std::byte{now.density_code}};
    StoreBe24(descriptor + 5, *change.block_bytes);
    list += AsText(descriptor);
  }
  if (change.page.empty()) return list;
  size_t at = list.size();
  list += AsText(change.page);
  // What says that a page can be saved is reserved when it is sent.
  list[at] = static_cast<char>(static_cast<uint8_t>(list[at]) & 0x7F);
  return list;
}

}  // namespace

std::optional<ModeReply> ParseModeSense6(ByteSpan bytes, uint8_t page, uint8_t subpage) {
  if (bytes.size() < 4) return std::nullopt;
  return Parse(bytes,
               {.head = 4, .length = 1u + ByteAt(bytes, 0), .descriptor_length = ByteAt(bytes, 3)},
               page, subpage);
}

std::optional<ModeReply> ParseModeSense10(ByteSpan bytes, uint8_t page, uint8_t subpage) {
  if (bytes.size() < 8) return std::nullopt;
  return Parse(bytes,
               {.head = 8,
                .length = 2u + LoadBe<uint16_t>(bytes.data()),
                .descriptor_length = LoadBe<uint16_t>(bytes.data() + 6)},
               page, subpage);
}

std::string EncodeModeSelect6(const ModeReply& now, const ModeChange& change) {
  return Encode(4, now, change);
}
std::string EncodeModeSelect10(const ModeReply& now, const ModeChange& change) {
  return Encode(8, now, change);
}

std::optional<CompressionPage> ParseCompression(ByteSpan page) {
  if (page.size() < 4) return std::nullopt;
  return CompressionPage{.enabled = (ByteAt(page, 2) & 0x80) != 0,
                         .capable = (ByteAt(page, 2) & 0x40) != 0};
}

void SetCompression(std::span<std::byte> page, bool enabled) {
  page[2] = (page[2] & std::byte{0x7F}) | (enabled ? std::byte{0x80} : std::byte{0});
}

std::optional<uint8_t> ParseActivePartition(ByteSpan page) {
  if (page.size() < 4) return std::nullopt;
  return ByteAt(page, 3);
}

std::optional<uint16_t> ParseWarningZone(ByteSpan page) {
  if (page.size() < 8) return std::nullopt;
  return LoadBe<uint16_t>(page.data() + 6);
}

void SetWarningZone(std::span<std::byte> page, uint16_t megabytes) {
  StoreBe(page.data() + 6, megabytes);
}

std::optional<PartitionPage> ParsePartitions(ByteSpan page) {
  if (page.size() < 6) return std::nullopt;
  uint8_t flags = ByteAt(page, 4);
  return PartitionPage{.max_additional = ByteAt(page, 2),
                       .additional = ByteAt(page, 3),
                       .fixed = (flags & 0x80) != 0,
                       .select = (flags & 0x40) != 0,
                       .initiator = (flags & 0x20) != 0};
}

std::string EncodePartitions(ByteSpan current, PartitionWay way, uint32_t count, uint32_t size_mb) {
  constexpr size_t kHead = 8;
  constexpr uint32_t kRest = 0xFFFF;
  std::string page(AsText(current.first(std::min(current.size(), kHead))));
  page.resize(kHead + 2 * static_cast<size_t>(count), '\0');
  page[1] = static_cast<char>(page.size() - 2);
  page[3] = static_cast<char>(count - 1);
  auto* bytes = reinterpret_cast<std::byte*>(page.data());
  // Sizes in 10^6 bytes, or where these do not fit in ten to the power of byte 6.
  bool coarse = size_mb >= kRest;
  constexpr uint8_t kMegabytes = 0x10;
  constexpr uint8_t kPowerOfTen = 0x18;
  uint8_t kept = static_cast<uint8_t>(page[4]) & 0x07;
  bytes[4] = static_cast<std::byte>(kept | static_cast<uint8_t>(way) |
                                    (coarse ? kPowerOfTen : kMegabytes));
  bytes[6] = static_cast<std::byte>(coarse ? 9 : 0);
  uint64_t size = coarse ? (uint64_t{size_mb} + 999) / 1000 : size_mb;
  if (way != PartitionWay::kInitiator) return page;
  for (uint32_t i = 0; i < count; ++i) {
    uint64_t value = i + 1 == count ? kRest : std::min<uint64_t>(size, kRest - 1);
    StoreBe(bytes + kHead + 2 * static_cast<size_t>(i), static_cast<uint16_t>(value));
  }
  return page;
}

std::optional<ProtectionPage> ParseProtection(ByteSpan page) {
  if (page.size() < 8) return std::nullopt;
  return ProtectionPage{.method = ByteAt(page, 4),
                        .information_bytes = static_cast<uint8_t>(ByteAt(page, 5) & 0x3F),
                        .on_write = (ByteAt(page, 6) & 0x80) != 0,
                        .on_read = (ByteAt(page, 6) & 0x40) != 0};
}

void SetProtection(std::span<std::byte> page, bool on) {
  page[4] = std::byte{on ? kProtectionCrc32c : uint8_t{0}};
  page[5] = std::byte{on ? kProtectionBytes : uint8_t{0}};
  constexpr std::byte kWriteAndRead{0xC0};
  page[6] = (page[6] & ~kWriteAndRead) | (on ? kWriteAndRead : std::byte{0});
}

bool ParseWormMedium(ByteSpan page) { return (ByteAt(page, 2) & 0x01) != 0; }

}  // namespace tapir::scsi
