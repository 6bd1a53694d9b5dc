#include <fmt/format.h>

#include <utility>

#include "windows/efs_metadata_parts.h"

namespace tapir::efs {
namespace {

constexpr size_t kEntryBytes = 20;
constexpr size_t kPublicKeyBytes = 28;
constexpr size_t kCertificateBytes = 20;
constexpr uint32_t kContainerForm = 1;
constexpr uint32_t kCertificateForm = 3;
constexpr uint32_t kLastKnownFlag = 1;

void ParseCertificate(MetadataContext& context, const MetadataPart& data, EfsKeyEntry& entry) {
  if (data.bytes.size() < kCertificateBytes) {
    context.Reject(data.place, fmt::format("certificate data of {} bytes", data.bytes.size()));
    return;
  }
  ReadCursor cursor(data.bytes);
  const uint32_t thumbprint = cursor.U32();
  const uint32_t thumbprint_bytes = cursor.U32();
  const uint32_t container = cursor.U32();
  const uint32_t provider = cursor.U32();
  const uint32_t display = cursor.U32();
  if (const auto part = context.Cut(data, thumbprint, thumbprint_bytes, "a thumbprint")) {
    entry.thumbprint = context.Thumbprint(*part);
  }
  entry.container_name = context.TextAt(data, container, "a container name");
  entry.provider_name = context.TextAt(data, provider, "a provider name");
  entry.display_name = context.TextAt(data, display, "a display name");
}

void ParsePublicKey(MetadataContext& context, const MetadataPart& key, EfsKeyEntry& entry) {
  ReadCursor cursor(key.bytes);
  cursor.U32();
  const uint32_t owner = cursor.U32();
  const uint32_t form = cursor.U32();
  if (owner > key.bytes.size()) {
    context.Reject(key.place, fmt::format("an owner at {} of {} bytes", owner, key.bytes.size()));
  } else if (owner != 0) {
    entry.sid = context.Sid(key.From(owner));
  }
  if (form == kCertificateForm) {
    const uint32_t bytes = cursor.U32();
    const uint32_t offset = cursor.U32();
    if (const auto data = context.Cut(key, offset, bytes, "certificate data")) {
      ParseCertificate(context, *data, entry);
    }
  } else if (form == kContainerForm) {
    const uint32_t container = cursor.U32();
    const uint32_t provider = cursor.U32();
    const uint32_t blob = cursor.U32();
    const uint32_t blob_bytes = cursor.U32();
    entry.container_name = context.TextAt(key, container, "a container name");
    entry.provider_name = context.TextAt(key, provider, "a provider name");
    context.Cut(key, blob, blob_bytes, "a public key");
  } else {
    context.Warn(key.place, fmt::format("public key information of unknown form {}", form));
  }
}

EfsKeyEntry ParseEntry(MetadataContext& context, const MetadataPart& part, EfsKeyList list) {
  ReadCursor cursor(part.bytes);
  cursor.U32();
  const uint32_t key_offset = cursor.U32();
  const uint32_t fek_bytes = cursor.U32();
  const uint32_t fek_offset = cursor.U32();
  EfsKeyEntry entry;
  entry.list = list;
  entry.place = part.place;
  entry.flags = cursor.U32();
  if (entry.flags > kLastKnownFlag) {
    context.Add(Severity::kInfo, part.place, fmt::format("a key entry with flags {}", entry.flags));
  }
  context.Cut(part, fek_offset, fek_bytes, "an encrypted key");
  const auto key = context.CutCounted(part, key_offset, kPublicKeyBytes, "public key information");
  if (key) ParsePublicKey(context, *key, entry);
  return entry;
}

}  // namespace

MetadataRange ParseKeyList(MetadataContext& context, const MetadataPart& all, uint32_t offset,
                           EfsKeyList list) {
  MetadataRange range = {offset, offset};
  const auto head = context.Cut(all, offset, sizeof(uint32_t), "a key list");
  if (!head) return range;
  const auto count = LoadLe<uint32_t>(head->bytes.data());
  range.end += sizeof(uint32_t);
  if (count == 0) context.Reject(head->place, "a key list without entries");
  for (uint32_t i = 0; i < count; ++i) {
    const auto part = context.CutCounted(all, range.end, kEntryBytes, "a key entry");
    if (!part) break;
    context.metadata().keys.push_back(ParseEntry(context, *part, list));
    range.end += part->bytes.size();
  }
  return range;
}

}  // namespace tapir::efs
