#include "windows/efs_metadata_parts.h"

#include <fmt/format.h>

#include <algorithm>

#include "bytes/checksum.h"
#include "tapir/windows/sid.h"
#include "tapir/windows/wtf8.h"

namespace tapir::efs {
namespace {

constexpr size_t kSha1Bytes = 20;

}  // namespace

std::optional<MetadataPart> MetadataContext::Cut(const MetadataPart& parent, uint64_t offset,
                                                 uint64_t length, std::string_view what) {
  const size_t size = parent.bytes.size();
  if (offset > size || length > size - offset) {
    Reject(parent.place, fmt::format("{} of {} bytes at {} does not lie within {} bytes", what,
                                     length, offset, size));
    return std::nullopt;
  }
  MetadataPart part = parent.From(static_cast<size_t>(offset));
  part.bytes = part.bytes.first(static_cast<size_t>(length));
  return part;
}

std::optional<MetadataPart> MetadataContext::CutCounted(const MetadataPart& parent, uint64_t offset,
                                                        size_t least, std::string_view what) {
  const std::optional<MetadataPart> head = Cut(parent, offset, least, what);
  if (!head) return std::nullopt;
  const auto length = LoadLe<uint32_t>(head->bytes.data());
  if (length < least) {
    Reject(head->place, fmt::format("{} says it has {} bytes", what, length));
    return std::nullopt;
  }
  return Cut(parent, offset, length, what);
}

std::string MetadataContext::Text(const MetadataPart& part, std::string_view what) {
  size_t end = 0;
  while (end + 2 <= part.bytes.size() && LoadLe<uint16_t>(&part.bytes[end]) != 0) end += 2;
  if (end + 2 > part.bytes.size()) Warn(part.place, fmt::format("{} does not end in a NUL", what));
  return Wtf8FromLe(part.bytes.first(end));
}

std::string MetadataContext::TextAt(const MetadataPart& parent, uint64_t offset,
                                    std::string_view what) {
  if (offset == 0) return {};
  const std::optional<MetadataPart> head = Cut(parent, offset, 2, what);
  return head ? Text(parent.From(static_cast<size_t>(offset)), what) : std::string();
}

std::string MetadataContext::Sid(const MetadataPart& part) {
  std::optional<std::string> text = SidText(part.bytes);
  if (!text) Warn(part.place, "a malformed security identifier");
  return std::move(text).value_or(std::string());
}

std::string MetadataContext::Thumbprint(const MetadataPart& part) {
  if (part.bytes.size() != kSha1Bytes) {
    Warn(part.place, fmt::format("a thumbprint of {} bytes", part.bytes.size()));
  }
  return ToHex(part.bytes);
}

}  // namespace tapir::efs
