#include "tapir/windows/reparse_data.h"

#include <algorithm>
#include <utility>

#include "bytes/cursor.h"
#include "tapir/windows/wtf8.h"

namespace tapir {
namespace {

constexpr size_t kReparseHeadBytes = 8;
constexpr size_t kReparseGuidHeadBytes = kReparseHeadBytes + sizeof(Guid);
constexpr uint32_t kSymlinkRelative = 1;
constexpr size_t kSymlinkNamesAt = 12;
constexpr size_t kMountPointNamesAt = 8;

struct TagName {
  uint32_t tag;
  std::string_view name;
};

// [MS-FSCC] 2.1.2.1.
constexpr TagName kTagNames[] = {
    {kReparseTagMountPoint, "mount point"},
    {0xC0000004, "HSM"},
    {0x80000005, "drive extender"},
    {0x80000006, "HSM 2"},
    {kReparseTagSis, "SIS link"},
    {0x80000008, "WIM mount"},
    {0x80000009, "cluster shared volume"},
    {0x8000000A, "DFS"},
    {0x8000000B, "filter manager"},
    {kReparseTagSymlink, "symbolic link"},
    {0xA0000010, "IIS cache"},
    {0x80000012, "DFS replication"},
    {0x80000013, "deduplicated file"},
    {0xC0000014, "container file"},
    {0x80000014, "NFS"},
    {0x80000015, "file placeholder"},
    {0x80000016, "dynamic file filter"},
    {0x80000017, "WOF"},
    {0x80000018, "Windows Container Isolation"},
    {0xA0000019, "global reparse"},
    {0x9000001A, "cloud file"},
    {0x8000001B, "application execution link"},
    {0x9000001C, "Projected File System"},
    {0xA000001D, "Linux symbolic link"},
    {0x8000001E, "storage synchronization"},
    {0x80000023, "Unix socket"},
    {0x80000024, "Linux FIFO"},
    {0x80000025, "Linux character device"},
    {0x80000026, "Linux block device"},
};

size_t HeadBytes(uint32_t tag) {
  return IsMicrosoftReparseTag(tag) ? kReparseHeadBytes : kReparseGuidHeadBytes;
}

bool HasTarget(uint32_t tag) { return tag == kReparseTagSymlink || tag == kReparseTagMountPoint; }

Result<std::string> NameAt(ByteSpan names, uint16_t offset, uint16_t length,
                           std::string_view which) {
  if (size_t{offset} + length > names.size() || length % 2 != 0 || offset % 2 != 0) {
    return Corrupt(std::string(which) + " name of " + std::to_string(length) + " bytes at " +
                   std::to_string(offset) + " of " + std::to_string(names.size()));
  }
  return Wtf8FromLe(names.subspan(offset, length));
}

Result<ReparseTarget> TargetOf(const ReparseView& reparse) {
  ReadCursor read(reparse.data);
  const uint16_t substitute_at = read.U16();
  const uint16_t substitute_bytes = read.U16();
  const uint16_t print_at = read.U16();
  const uint16_t print_bytes = read.U16();
  ReparseTarget target;
  if (reparse.tag == kReparseTagSymlink) target.relative = (read.U32() & kSymlinkRelative) != 0;
  if (!read.ok()) return Corrupt("link data are too short");
  const ByteSpan names = read.ReadRest();
  TAPIR_ASSIGN_OR_RETURN(target.substitute,
                         NameAt(names, substitute_at, substitute_bytes, "substitute"));
  TAPIR_ASSIGN_OR_RETURN(target.print, NameAt(names, print_at, print_bytes, "print"));
  return target;
}

Result<std::string> NameBytes(const std::string& name) {
  const std::optional<std::u16string> units = Utf16(name);
  if (!units) return InvalidArgument("the name of a link's target is not WTF-8");
  return std::string(AsText(std::as_bytes(std::span(*units))));
}

struct TargetNames {
  std::string substitute;
  std::string print;
};

Result<TargetNames> NamesOf(const ReparseTarget& target, size_t overhead) {
  TargetNames names;
  TAPIR_ASSIGN_OR_RETURN(names.substitute, NameBytes(target.substitute));
  TAPIR_ASSIGN_OR_RETURN(names.print, NameBytes(target.print));
  if (names.substitute.size() + names.print.size() + overhead > kMaxReparseBytes) {
    return LimitExceeded("a link's target takes more than " + std::to_string(kMaxReparseBytes) +
                         " bytes");
  }
  return names;
}

void PutName(WriteCursor& write, size_t offset, size_t length) {
  write.U16(static_cast<uint16_t>(offset));
  write.U16(static_cast<uint16_t>(length));
}

}  // namespace

std::string_view ReparseTagName(uint32_t tag) {
  const auto* found = std::ranges::find(kTagNames, tag, &TagName::tag);
  return found == std::end(kTagNames) ? std::string_view() : found->name;
}

Result<ReparseView> ParseReparse(std::span<const std::byte> buffer) {
  if (buffer.size() > kMaxReparseBytes) {
    return LimitExceeded("reparse data of " + std::to_string(buffer.size()) + " bytes, limit " +
                         std::to_string(kMaxReparseBytes));
  }
  ReadCursor read(buffer);
  ReparseView reparse;
  reparse.tag = read.U32();
  const uint16_t length = read.U16();
  reparse.reserved = read.U16();
  if (read.ok() && !IsMicrosoftReparseTag(reparse.tag)) {
    const ByteSpan guid = read.ReadBytes(sizeof(Guid));
    if (read.ok()) std::ranges::copy(guid, reparse.guid.emplace().begin());
  }
  if (!read.ok()) return Truncated("reparse data end in their head");
  if (read.remaining() != length) {
    return Corrupt("reparse data of " + std::to_string(read.remaining()) + " bytes say " +
                   std::to_string(length));
  }
  reparse.data = read.ReadRest();
  return reparse;
}

Result<std::string> BuildReparse(const ReparseView& reparse) {
  if (reparse.guid.has_value() == IsMicrosoftReparseTag(reparse.tag)) {
    return InvalidArgument(
        "a reparse point has a GUID if and only if Microsoft did not assign "
        "its tag");
  }
  if (HeadBytes(reparse.tag) + reparse.data.size() > kMaxReparseBytes) {
    return LimitExceeded("reparse data of " + std::to_string(reparse.data.size()) + " bytes");
  }
  std::string bytes;
  WriteCursor write(bytes);
  write.U32(reparse.tag);
  write.U16(static_cast<uint16_t>(reparse.data.size()));
  write.U16(reparse.reserved);
  if (reparse.guid) write.Bytes(*reparse.guid);
  write.Bytes(reparse.data);
  return bytes;
}

std::vector<Finding> CheckReparse(std::span<const std::byte> buffer) {
  const Result<ReparseView> reparse = ParseReparse(buffer);
  if (!reparse.ok()) return {{0, Severity::kReject, reparse.status().message()}};
  std::vector<Finding> findings;
  if (reparse->tag <= 2) findings.push_back({0, Severity::kWarning, "the tag is reserved"});
  if (reparse->reserved != 0) {
    findings.push_back({6, Severity::kWarning, "the reserved field is not zero"});
  }
  if (HasTarget(reparse->tag)) {
    const Result<ReparseTarget> target = TargetOf(*reparse);
    if (!target.ok()) {
      findings.push_back({kReparseHeadBytes, Severity::kError, target.status().message()});
    }
  }
  return findings;
}

Result<ReparseTarget> ParseReparseTarget(std::span<const std::byte> buffer) {
  TAPIR_ASSIGN_OR_RETURN(const ReparseView reparse, ParseReparse(buffer));
  if (!HasTarget(reparse.tag)) return InvalidArgument("neither a symbolic link nor a mount point");
  return TargetOf(reparse);
}

Result<std::string> BuildSymlink(const ReparseTarget& target) {
  TAPIR_ASSIGN_OR_RETURN(const TargetNames names,
                         NamesOf(target, kReparseHeadBytes + kSymlinkNamesAt));
  std::string data;
  WriteCursor write(data);
  PutName(write, names.print.size(), names.substitute.size());
  PutName(write, 0, names.print.size());
  write.U32(target.relative ? kSymlinkRelative : 0);
  write.Text(names.print);
  write.Text(names.substitute);
  return BuildReparse({.tag = kReparseTagSymlink, .data = AsBytes(data)});
}

Result<std::string> BuildMountPoint(const ReparseTarget& target) {
  if (target.relative) return InvalidArgument("a mount point is not relative");
  constexpr size_t kTerminator = sizeof(char16_t);
  TAPIR_ASSIGN_OR_RETURN(const TargetNames names,
                         NamesOf(target, kReparseHeadBytes + kMountPointNamesAt + 2 * kTerminator));
  std::string data;
  WriteCursor write(data);
  PutName(write, 0, names.substitute.size());
  PutName(write, names.substitute.size() + kTerminator, names.print.size());
  write.Text(names.substitute);
  write.Zeros(kTerminator);
  write.Text(names.print);
  write.Zeros(kTerminator);
  return BuildReparse({.tag = kReparseTagMountPoint, .data = AsBytes(data)});
}

}  // namespace tapir
