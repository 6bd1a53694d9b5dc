#include <fmt/format.h>

#include <utility>

#include "windows/efs_metadata_parts.h"

namespace tapir::efs {
namespace {

constexpr size_t kDatumHeadBytes = 8;
constexpr size_t kListHeadBytes = 6;
constexpr unsigned kMostNesting = 8;

enum DatumType : uint16_t {
  kBlob = 1,
  kDescriptor = 2,
  kKeyProtector = 3,
  kProtectorInfo = 4,
  kKeyAgreement = 5,
  kFekInfo = 6,
  kDpapiNg = 7,
};

enum DatumRole : uint16_t {
  kCertificateReference = 1,
  kDisplayText = 3,
  kKeyContainer = 4,
  kProviderName = 5,
  kUserSid = 6,
  kProtectorDescriptor = 0xC,
};

constexpr uint16_t kSha1HashBlob = 2;
constexpr uint16_t kLastProtectorType = 3;
constexpr uint16_t kLegacyFlag = 1;
constexpr uint16_t kFlagsThatNeedLegacy = 2 | 4;

struct Datum {
  uint16_t role = 0;
  uint16_t type = 0;
  MetadataPart whole;
  MetadataPart body;  ///< behind the head
};

std::optional<Datum> ReadDatum(MetadataContext& context, const MetadataPart& rest) {
  const auto head = context.Cut(rest, 0, kDatumHeadBytes, "a datum");
  if (!head) return std::nullopt;
  ReadCursor cursor(head->bytes);
  const uint16_t size = cursor.U16();
  if (size < kDatumHeadBytes) {
    context.Reject(rest.place, fmt::format("a datum says it has {} bytes", size));
    return std::nullopt;
  }
  const auto whole = context.Cut(rest, 0, size, "a datum");
  if (!whole) return std::nullopt;
  Datum datum;
  datum.role = cursor.U16();
  datum.type = cursor.U16();
  datum.whole = *whole;
  datum.body = whole->From(kDatumHeadBytes);
  return datum;
}

// Bytes of a datum's own fields, behind the head.
size_t FieldBytes(uint16_t type) {
  switch (type) {
    case kBlob:
    case kKeyProtector:
    case kFekInfo: return 4;
    case kKeyAgreement:
    case kDpapiNg: return 2;
    default: return 0;
  }
}

void ParseBlob(MetadataContext& context, const Datum& datum, EfsKeyEntry& entry) {
  const auto type = LoadLe<uint16_t>(datum.body.bytes.data());
  const MetadataPart bytes = datum.body.From(FieldBytes(kBlob));
  if (datum.role == kCertificateReference && type == kSha1HashBlob) {
    entry.thumbprint = context.Thumbprint(bytes);
  } else if (datum.role == kUserSid) {
    entry.sid = context.Sid(bytes);
  }
}

void ParseDescriptor(MetadataContext& context, const Datum& datum, EfsKeyEntry& entry) {
  std::string text = context.Text(datum.body, "a descriptor");
  switch (datum.role) {
    case kDisplayText: entry.display_name = std::move(text); break;
    case kKeyContainer: entry.container_name = std::move(text); break;
    case kProviderName: entry.provider_name = std::move(text); break;
    case kProtectorDescriptor: entry.descriptor = std::move(text); break;
    default: break;
  }
}

void ParseNested(MetadataContext& context, MetadataPart area, EfsKeyEntry& entry, unsigned depth);

void ParseDatum(MetadataContext& context, const Datum& datum, EfsKeyEntry& entry, unsigned depth) {
  if (datum.body.bytes.size() < FieldBytes(datum.type)) {
    context.Reject(datum.whole.place, fmt::format("a datum of type {} in {} bytes", datum.type,
                                                  datum.whole.bytes.size()));
    return;
  }
  switch (datum.type) {
    case kBlob: ParseBlob(context, datum, entry); break;
    case kDescriptor: ParseDescriptor(context, datum, entry); break;
    case kKeyProtector:
    case kProtectorInfo:
    case kKeyAgreement:
    case kFekInfo:
    case kDpapiNg:
      ParseNested(context, datum.body.From(FieldBytes(datum.type)), entry, depth + 1);
      break;
    default: context.Warn(datum.whole.place, fmt::format("a datum of unknown type {}", datum.type));
  }
}

void ParseNested(MetadataContext& context, MetadataPart area, EfsKeyEntry& entry, unsigned depth) {
  if (depth > kMostNesting) {
    context.Reject(area.place, "datums are nested too deep");
    return;
  }
  while (!AllZero(area.bytes)) {
    const std::optional<Datum> datum = ReadDatum(context, area);
    if (!datum) return;
    ParseDatum(context, *datum, entry, depth);
    area = area.From(datum->whole.bytes.size());
  }
}

EfsKeyEntry ParseProtector(MetadataContext& context, const Datum& datum, EfsKeyList list) {
  EfsKeyEntry entry;
  entry.list = list;
  entry.place = datum.whole.place;
  ReadCursor cursor(datum.body.bytes);
  entry.protector_type = cursor.U16();
  const uint16_t flags = cursor.U16();
  entry.flags = flags;
  if (cursor.ok() && (entry.protector_type == 0 || entry.protector_type > kLastProtectorType)) {
    context.Warn(entry.place, fmt::format("a protector of unknown type {}", entry.protector_type));
  }
  if ((flags & kFlagsThatNeedLegacy) != 0 && (flags & kLegacyFlag) == 0) {
    context.Warn(entry.place, fmt::format("a protector with flags {}", flags));
  }
  ParseDatum(context, datum, entry, 0);
  return entry;
}

}  // namespace

MetadataRange ParseProtectorList(MetadataContext& context, const MetadataPart& all, uint32_t offset,
                                 EfsKeyList list) {
  const auto part = context.CutCounted(all, offset, kListHeadBytes, "a protector list");
  if (!part) return {offset, offset};
  const auto count = LoadLe<uint16_t>(&part->bytes[4]);
  if (count == 0) context.Reject(part->place, "a protector list without protectors");
  MetadataPart rest = part->From(kListHeadBytes);
  for (uint16_t i = 0; i < count; ++i) {
    const std::optional<Datum> datum = ReadDatum(context, rest);
    if (!datum) break;
    if (datum->type == kKeyProtector) {
      context.metadata().keys.push_back(ParseProtector(context, *datum, list));
    } else {
      context.Reject(rest.place, fmt::format("a datum of type {} among protectors", datum->type));
    }
    rest = rest.From(datum->whole.bytes.size());
  }
  if (!AllZero(rest.bytes)) context.Warn(rest.place, "a protector list has bytes behind its last");
  return {offset, offset + part->bytes.size()};
}

MetadataRange ParseFekInfo(MetadataContext& context, const MetadataPart& all, size_t offset) {
  const std::optional<Datum> datum = ReadDatum(context, all.From(offset));
  if (!datum) return {offset, offset};
  if (datum->type == kFekInfo && datum->body.bytes.size() >= FieldBytes(kFekInfo)) {
    context.metadata().algorithm = LoadLe<uint32_t>(datum->body.bytes.data());
    // Its parts name nobody; they are read to be checked.
    EfsKeyEntry none;
    ParseDatum(context, *datum, none, 0);
  } else {
    context.Reject(datum->whole.place, "no information about the file's key");
  }
  return {offset, offset + datum->whole.bytes.size()};
}

}  // namespace tapir::efs
