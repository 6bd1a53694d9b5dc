#include "tapir/windows/security_descriptor.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "bytes/cursor.h"
#include "tapir/windows/sid.h"

namespace tapir {
namespace {

constexpr size_t kDescriptorHeadBytes = 20;
constexpr size_t kAclHeadBytes = 8;
constexpr size_t kAceHeadBytes = 4;
constexpr size_t kAceMaskBytes = 4;
constexpr uint16_t kDaclPresent = 0x0004;
constexpr uint16_t kSaclPresent = 0x0010;
constexpr uint16_t kSelfRelative = 0x8000;

// Where the SID of an entry begins, if entries of its type have one ([MS-DTYP] 2.4.4).
std::optional<size_t> SidPlace(uint8_t type, ByteSpan ace) {
  constexpr size_t kPlain = kAceHeadBytes + kAceMaskBytes;
  switch (type) {
    case 0x00:
    case 0x01:
    case 0x02:
    case 0x03:  // allow, deny, audit, alarm
    case 0x09:
    case 0x0A:
    case 0x0D:
    case 0x0E:  // the same with a callback
    case 0x11:
    case 0x12:
    case 0x13: return kPlain;  // label, attribute, policy
    case 0x05:
    case 0x06:
    case 0x07:
    case 0x08:  // the same of objects
    case 0x0B:
    case 0x0C:
    case 0x0F:
    case 0x10: {
      if (ace.size() < kPlain + sizeof(uint32_t)) return ace.size();
      const auto flags = LoadLe<uint32_t>(&ace[kPlain]);
      const size_t guids = (flags & 1u) + (flags >> 1 & 1u);
      return kPlain + sizeof(uint32_t) + 16 * guids;
    }
    default: return std::nullopt;
  }
}

class DescriptorChecker {
 public:
  explicit DescriptorChecker(ByteSpan bytes) : bytes_(bytes) {}

  std::vector<Finding> Check() {
    ReadCursor read(bytes_);
    const uint8_t revision = read.U8();
    read.U8();
    const uint16_t control = read.U16();
    const uint32_t owner = read.U32();
    const uint32_t group = read.U32();
    const uint32_t sacl = read.U32();
    const uint32_t dacl = read.U32();
    if (!read.ok()) {
      Reject(0, "a security descriptor of " + std::to_string(bytes_.size()) + " bytes");
      return std::move(findings_);
    }
    if (revision != 1) Reject(0, "revision " + std::to_string(revision));
    if ((control & kSelfRelative) == 0) Reject(2, "it is not self-relative");
    CheckSid(owner, "owner");
    CheckSid(group, "group");
    if ((control & kSaclPresent) != 0) CheckAcl(sacl, "SACL");
    if ((control & kDaclPresent) != 0) CheckAcl(dacl, "DACL");
    return std::move(findings_);
  }

 private:
  void Reject(uint64_t offset, std::string text) {
    findings_.push_back({offset, Severity::kReject, std::move(text)});
  }

  bool IsInside(uint32_t offset, std::string_view what) {
    if (offset >= kDescriptorHeadBytes && offset < bytes_.size()) return true;
    Reject(0, "its " + std::string(what) + " is at " + std::to_string(offset) + " of " +
                  std::to_string(bytes_.size()) + " bytes");
    return false;
  }

  void CheckSid(uint32_t offset, std::string_view what) {
    if (offset == 0 || !IsInside(offset, what)) return;
    if (SidBytes(bytes_.subspan(offset)) == 0) {
      Reject(offset, "the " + std::string(what) + " is no security identifier");
    }
  }

  void CheckAcl(uint32_t offset, std::string_view what) {
    // A list that is present and has no place grants all.
    if (offset == 0 || !IsInside(offset, what)) return;
    ReadCursor head(bytes_.subspan(offset));
    const uint8_t revision = head.U8();
    head.U8();
    const uint16_t size = head.U16();
    const uint16_t count = head.U16();
    head.U16();
    if (!head.ok() || size < kAclHeadBytes || size > bytes_.size() - offset) {
      Reject(offset, "the " + std::string(what) + " does not lie inside");
      return;
    }
    if (revision < 2 || revision > 4) {
      Reject(offset, "the " + std::string(what) + " has revision " + std::to_string(revision));
    }
    CheckAces(offset + kAclHeadBytes, bytes_.subspan(offset, size).subspan(kAclHeadBytes), count,
              what);
  }

  void CheckAces(uint64_t offset, ByteSpan aces, uint16_t count, std::string_view what) {
    for (uint16_t i = 0; i < count; ++i) {
      const size_t size = aces.size() < kAceHeadBytes ? 0 : LoadLe<uint16_t>(&aces[2]);
      if (size < kAceHeadBytes || size > aces.size() || size % 4 != 0) {
        Reject(offset, "entry " + std::to_string(i) + " of the " + std::string(what) +
                           " does not lie inside");
        return;
      }
      const ByteSpan ace = aces.first(size);
      const std::optional<size_t> sid = SidPlace(LoadLe<uint8_t>(ace.data()), ace);
      if (sid && (*sid >= size || SidBytes(ace.subspan(*sid)) == 0)) {
        Reject(offset, "entry " + std::to_string(i) + " of the " + std::string(what) +
                           " has no security identifier");
      }
      offset += size;
      aces = aces.subspan(size);
    }
  }

  ByteSpan bytes_;
  std::vector<Finding> findings_;
};

}  // namespace

std::vector<Finding> CheckSecurityDescriptor(std::span<const std::byte> bytes) {
  return DescriptorChecker(bytes).Check();
}

}  // namespace tapir
