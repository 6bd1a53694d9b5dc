#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tapir/base/status.h"
#include "tapir/windows/finding.h"
#include "tapir/windows/guid.h"

namespace tapir {

inline constexpr size_t kMaxReparseBytes = 16384;  ///< of a whole buffer

inline constexpr uint32_t kReparseTagMountPoint = 0xA0000003;
inline constexpr uint32_t kReparseTagSis = 0x80000007;
inline constexpr uint32_t kReparseTagSymlink = 0xA000000C;

/// Bits of a tag ([MS-FSCC] 2.1.2.1).
constexpr bool IsMicrosoftReparseTag(uint32_t tag) { return (tag & 0x80000000u) != 0; }
/// The file stands for another named entity, such as the target of a link.
constexpr bool IsNameSurrogateTag(uint32_t tag) { return (tag & 0x20000000u) != 0; }
/// A directory of this tag may have children.
constexpr bool IsDirectoryReparseTag(uint32_t tag) { return (tag & 0x10000000u) != 0; }

/// "symbolic link", "SIS link", ... Empty if the tag is not known. The view is a literal.
std::string_view ReparseTagName(uint32_t tag);

/// A reparse buffer: REPARSE_DATA_BUFFER, or REPARSE_GUID_DATA_BUFFER if Microsoft did not assign
/// the tag ([MS-FSCC] 2.1.2.2 and 2.1.2.3). `data` points into the bytes it was read from.
struct ReparseView {
  uint32_t tag = 0;
  uint16_t reserved = 0;
  std::optional<Guid> guid;  ///< of tags that Microsoft did not assign
  std::span<const std::byte> data;
};

/// Takes exactly one buffer. Fails with kTruncated, kCorrupt (a length that does not fit) or
/// kLimitExceeded. Any thread.
Result<ReparseView> ParseReparse(std::span<const std::byte> buffer);

/// The inverse. Fails with kInvalidArgument if a GUID is there or not against the tag, with
/// kLimitExceeded if the buffer would be too large.
Result<std::string> BuildReparse(const ReparseView& reparse);

/// Everything found, a malformed symbolic link or mount point included.
std::vector<Finding> CheckReparse(std::span<const std::byte> buffer);

/// Where a symbolic link or mount point leads; names as WTF-8.
struct ReparseTarget {
  std::string substitute;  ///< what the system follows, e.g. "\??\C:\folder"
  std::string print;       ///< what is shown; may be empty
  bool relative = false;   ///< symbolic links only

  bool operator==(const ReparseTarget&) const = default;
};

/// Reads [MS-FSCC] 2.1.2.4 and 2.1.2.5. Fails with kInvalidArgument if the tag is another one, with
/// kCorrupt if a name lies outside the data or has half a unit.
Result<ReparseTarget> ParseReparseTarget(std::span<const std::byte> buffer);

/// Whole buffers, names in the order and with the terminators Windows gives them. Fail with
/// kInvalidArgument if a name is not WTF-8, with kLimitExceeded if they are too long.
Result<std::string> BuildSymlink(const ReparseTarget& target);
Result<std::string> BuildMountPoint(const ReparseTarget& target);

}  // namespace tapir
