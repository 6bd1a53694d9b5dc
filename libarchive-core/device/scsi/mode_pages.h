#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "bytes/cursor.h"

/// Mode parameters of tape drives (SSC, SPC): header, block descriptor and one page.
namespace tapir::scsi {

namespace mode_page {
inline constexpr uint8_t kControl = 0x0A;
inline constexpr uint8_t kProtectionSubpage = 0xF0;
inline constexpr uint8_t kCompression = 0x0F;
inline constexpr uint8_t kConfiguration = 0x10;
inline constexpr uint8_t kConfigurationExtension = 0x01;
inline constexpr uint8_t kPartition = 0x11;
inline constexpr uint8_t kMediumConfiguration = 0x1D;
}  // namespace mode_page

struct ModeReply {
  uint8_t medium_type = 0;
  bool write_protected = false;
  uint8_t buffered_mode = 0;  ///< with the speed, as the header of MODE SELECT takes it
  bool has_block_descriptor = false;
  uint8_t density_code = 0;
  uint32_t block_bytes = 0;     ///< 0: blocks of any size
  std::vector<std::byte> page;  ///< with its header; empty if the page asked for is not there
};
/// `subpage` 0: a page without.
std::optional<ModeReply> ParseModeSense6(ByteSpan bytes, uint8_t page, uint8_t subpage);
std::optional<ModeReply> ParseModeSense10(ByteSpan bytes, uint8_t page, uint8_t subpage);

/// A parameter list for MODE SELECT: `now` gives what is not to change. `block_bytes`: with a block
/// descriptor that sets it. `page` may be empty.
struct ModeChange {
  std::optional<uint32_t> block_bytes;
  ByteSpan page;
};
std::string EncodeModeSelect6(const ModeReply& now, const ModeChange& change);
std::string EncodeModeSelect10(const ModeReply& now, const ModeChange& change);

/// Page 0Fh.
struct CompressionPage {
  bool enabled = false;
  bool capable = false;
};
std::optional<CompressionPage> ParseCompression(ByteSpan page);
void SetCompression(std::span<std::byte> page, bool enabled);

/// Page 10h: the active partition, counted from 0.
std::optional<uint8_t> ParseActivePartition(ByteSpan page);

/// Page 10h/01h: size of the programmable early warning zone, in 10^6 bytes.
std::optional<uint16_t> ParseWarningZone(ByteSpan page);
void SetWarningZone(std::span<std::byte> page, uint16_t megabytes);

/// Page 11h.
struct PartitionPage {
  uint8_t max_additional = 0;
  uint8_t additional = 0;  ///< partitions there are, less one
  bool fixed = false;  ///< ways of dividing that the drive has, when changeable values are asked
  bool select = false;
  bool initiator = false;
};
std::optional<PartitionPage> ParsePartitions(ByteSpan page);
enum class PartitionWay : uint8_t { kFixed = 0x80, kSelect = 0x40, kInitiator = 0x20 };
/// The page for `count` partitions, 1 to 64, made of the `current` one; with kInitiator each but
/// the last has `size_mb` times 10^6 bytes, rounded up where a coarser unit is needed.
std::string EncodePartitions(ByteSpan current, PartitionWay way, uint32_t count, uint32_t size_mb);

/// Page 0Ah/F0h, logical block protection.
struct ProtectionPage {
  uint8_t method = 0;
  uint8_t information_bytes = 0;
  bool on_write = false;
  bool on_read = false;
};
inline constexpr uint8_t kProtectionCrc32c = 2;
inline constexpr uint8_t kProtectionBytes = 4;
std::optional<ProtectionPage> ParseProtection(ByteSpan page);
void SetProtection(std::span<std::byte> page, bool on);

/// Page 1Dh: true if the medium can be written once only.
bool ParseWormMedium(ByteSpan page);

}  // namespace tapir::scsi
