#include "tapir/windows/efs_metadata.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "bytes/checksum.h"
#include "windows/efs_metadata_parts.h"

namespace tapir {
namespace {

using efs::MetadataContext;
using efs::MetadataPart;
using efs::MetadataRange;

constexpr std::string_view kPfileMagic = ".pfile";
constexpr size_t kCommonBytes = 32;
constexpr size_t kIdOffset = 16;
constexpr size_t kHashOffset = 32;
constexpr size_t kKeyListHeaderBytes = 84;
constexpr size_t kKeyListOffsets = 64;
constexpr size_t kProtectorHeaderBytes = 40;
constexpr size_t kProtectorOffsets = 32;
constexpr size_t kFekInfoOffset = 40;
constexpr uint64_t kWidestGap = 8;

// A field that has to be zero, and that readers do not look at.
void CheckReserved(MetadataContext& context, ByteSpan bytes, size_t offset, size_t length) {
  if (AllZero(bytes.subspan(offset, length))) return;
  context.Add(Severity::kInfo, offset, "a reserved field is not zero");
}

void CheckHash(MetadataContext& context, ByteSpan bytes) {
  Digest128 stored;
  std::memcpy(stored.data(), &bytes[kHashOffset], stored.size());
  if (AllZero(stored)) return;
  std::string without(AsText(bytes));
  std::fill_n(without.begin() + kHashOffset, stored.size(), '\0');
  const std::optional<Digest128> digest = ComputeMd5(AsBytes(without));
  if (digest && *digest != stored) context.Warn(kHashOffset, "the hash differs");
}

/// What the structures take may not overlap; with `gaps`, what is between them is short and zero.
void CheckRanges(MetadataContext& context, ByteSpan bytes, std::vector<MetadataRange> ranges,
                 bool gaps) {
  std::ranges::sort(ranges, {}, &MetadataRange::begin);
  uint64_t end = 0;
  ranges.push_back({bytes.size(), bytes.size()});
  for (const MetadataRange& range : ranges) {
    const uint64_t begin = std::min<uint64_t>(range.begin, bytes.size());
    if (begin < end) {
      context.Reject(begin, fmt::format("a list at {} lies in what ends at {}", begin, end));
    } else if (gaps && (begin - end > kWidestGap ||
                        !AllZero(bytes.subspan(static_cast<size_t>(end),
                                               static_cast<size_t>(begin - end))))) {
      context.Warn(end, fmt::format("{} unused bytes", begin - end));
    }
    end = std::max(end, range.end);
  }
}

using ListParser = MetadataRange (*)(MetadataContext&, const MetadataPart&, uint32_t, EfsKeyList);

void ParseLists(MetadataContext& context, const MetadataPart& all, size_t offsets,
                std::vector<MetadataRange>& ranges, ListParser parse) {
  const auto users = LoadLe<uint32_t>(&all.bytes[offsets]);
  const auto agents = LoadLe<uint32_t>(&all.bytes[offsets + 4]);
  if (users == 0) {
    context.Reject(offsets, "there is no list of users");
  } else {
    ranges.push_back(parse(context, all, users, EfsKeyList::kUsers));
  }
  if (agents != 0) ranges.push_back(parse(context, all, agents, EfsKeyList::kRecoveryAgents));
}

void ParseKeyListLayout(MetadataContext& context, const MetadataPart& all) {
  if (all.bytes.size() <= kKeyListHeaderBytes) {
    context.Reject(0, fmt::format("metadata of {} bytes", all.bytes.size()));
    return;
  }
  context.metadata().layout = EfsLayout::kKeyLists;
  if (context.metadata().version == 1) CheckHash(context, all.bytes);
  CheckReserved(context, all.bytes, 48, 16);
  CheckReserved(context, all.bytes, 72, 12);
  std::vector<MetadataRange> ranges = {{0, kKeyListHeaderBytes}};
  ParseLists(context, all, kKeyListOffsets, ranges, efs::ParseKeyList);
  CheckRanges(context, all.bytes, std::move(ranges), true);
}

void ParseProtectorLayout(MetadataContext& context, const MetadataPart& all) {
  if (all.bytes.size() <= kProtectorHeaderBytes) {
    context.Reject(0, fmt::format("metadata of {} bytes", all.bytes.size()));
    return;
  }
  context.metadata().layout = EfsLayout::kProtectors;
  std::vector<MetadataRange> ranges = {{0, kProtectorHeaderBytes}};
  ranges.push_back(efs::ParseFekInfo(context, all, kFekInfoOffset));
  ParseLists(context, all, kProtectorOffsets, ranges, efs::ParseProtectorList);
  CheckRanges(context, all.bytes, std::move(ranges), false);
}

void Parse(MetadataContext& context, ByteSpan bytes) {
  EfsMetadata& metadata = context.metadata();
  if (bytes.size() > kMaxEfsMetadataBytes) {
    context.Reject(0, fmt::format("{} bytes are more than Windows takes", bytes.size()));
  }
  if (AsText(bytes).starts_with(kPfileMagic)) {
    metadata.layout = EfsLayout::kPfile;
    metadata.version = 6;
    return;
  }
  if (bytes.size() < kCommonBytes) {
    context.Reject(0, fmt::format("metadata of {} bytes", bytes.size()));
    return;
  }
  const auto length = LoadLe<uint32_t>(bytes.data());
  if (length != bytes.size()) {
    context.Reject(0, fmt::format("it says it has {} bytes and has {}", length, bytes.size()));
  }
  metadata.version = LoadLe<uint32_t>(&bytes[8]);
  std::memcpy(metadata.efs_id.data(), &bytes[kIdOffset], metadata.efs_id.size());
  CheckReserved(context, bytes, 4, 4);
  CheckReserved(context, bytes, 12, 4);
  const MetadataPart all = {0, bytes};
  switch (metadata.version) {
    case 1:
    case 2:
    case 3: ParseKeyListLayout(context, all); break;
    case 4:
    case 5: ParseProtectorLayout(context, all); break;
    default: context.Warn(8, fmt::format("unknown version {}", metadata.version));
  }
}

}  // namespace

EfsMetadata ParseEfsMetadata(std::span<const std::byte> bytes) {
  EfsMetadata metadata;
  FindingList findings;
  MetadataContext context(metadata, findings);
  Parse(context, bytes);
  metadata.findings = findings.Take();
  return metadata;
}

bool EfsMetadata::well_formed() const {
  return std::ranges::none_of(
      findings, [](const Finding& finding) { return finding.severity == Severity::kReject; });
}

}  // namespace tapir
