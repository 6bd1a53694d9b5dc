#include "object/ntfs_records.h"

#include <algorithm>

#include "tapir/base/limits.h"
#include "tapir/object/path_order.h"

namespace tapir {
namespace {

constexpr uint32_t kStreamSparse = 1;
constexpr uint32_t kStreamCompressed = 2;
constexpr uint32_t kStreamEncrypted = 4;
constexpr uint32_t kKnownStreamFlags = kStreamSparse | kStreamCompressed | kStreamEncrypted;

void AppendBytes(std::string& out, ItemType type, const std::string& bytes) {
  if (!bytes.empty()) AppendItem(out, type, AsBytes(bytes));
}

// What does not know these would take something else for the contents of the file.
void AppendReparse(std::string& out, const NtfsMetadata& ntfs) {
  if (ntfs.reparse_data.empty()) return;
  const bool is_directory = (ntfs.file_attributes & kWindowsDirectory) != 0;
  const size_t begin =
      BeginItem(out, ItemType::kReparseData, is_directory ? uint16_t{0} : kItemFlagRequired);
  WriteCursor(out).Text(ntfs.reparse_data);
  EndItem(out, begin);
}

void AppendStream(std::string& out, const NtfsStream& stream) {
  const size_t begin =
      BeginItem(out, ItemType::kNtfsStream, stream.encrypted ? kItemFlagRequired : uint16_t{0});
  WriteCursor to(out);
  to.U32(stream.number);
  to.U32((stream.sparse ? kStreamSparse : 0) | (stream.compressed ? kStreamCompressed : 0) |
         (stream.encrypted ? kStreamEncrypted : 0));
  to.U64(stream.size);
  to.U64(stream.valid_bytes);
  EndItem(out, begin);
}

void AppendSis(std::string& out, const SisMembership& sis) {
  if (sis.role == SisRole::kNone) return;
  const size_t begin = BeginItem(out, ItemType::kSis);
  WriteCursor to(out);
  to.U8(static_cast<uint8_t>(sis.role));
  to.U8(static_cast<uint8_t>(sis.pairing));
  to.Zeros(2);
  to.U32(static_cast<uint32_t>(sis.files.size()));
  for (const std::string& file : sis.files) {
    to.U32(static_cast<uint32_t>(file.size()));
    to.Text(file);
  }
  EndItem(out, begin);
}

bool TakeSis(ReadCursor& in, SisMembership& sis) {
  const uint8_t role = in.U8();
  const uint8_t pairing = in.U8();
  in.Zeros(2);
  const uint32_t count = in.U32();
  const bool sane = in.ok() && role <= static_cast<uint8_t>(SisRole::kOtherFile) && role != 0 &&
                    pairing <= static_cast<uint8_t>(SisPairing::kOpaque) &&
                    count <= in.remaining() / sizeof(uint32_t);
  if (!sane) return false;
  sis.role = static_cast<SisRole>(role);
  sis.pairing = static_cast<SisPairing>(pairing);
  for (uint32_t i = 0; i < count; ++i) {
    sis.files.emplace_back(in.ReadText(in.U32()));
    if (!in.ok() || !CheckPath(sis.files.back()).ok()) return false;
  }
  return true;
}

bool TakeNtfs(ReadCursor& in, NtfsMetadata& ntfs) {
  ntfs.file_attributes = in.U32();
  in.Zeros(4);
  ntfs.creation_time = in.U64();
  ntfs.modification_time = in.U64();
  ntfs.change_time = in.U64();
  ntfs.access_time = in.U64();
  ntfs.file_reference = in.U64();
  return in.ok();
}

bool TakeStream(ReadCursor& in, NtfsMetadata& ntfs) {
  NtfsStream stream;
  stream.number = in.U32();
  const uint32_t flags = in.U32();
  stream.size = in.U64();
  stream.valid_bytes = in.U64();
  stream.sparse = (flags & kStreamSparse) != 0;
  stream.compressed = (flags & kStreamCompressed) != 0;
  stream.encrypted = (flags & kStreamEncrypted) != 0;
  const bool ascending = ntfs.streams.empty() || ntfs.streams.back().number < stream.number;
  ntfs.streams.push_back(stream);
  return in.ok() && ascending && (flags & ~kKnownStreamFlags) == 0 &&
         stream.size <= limits::kMaxStreamBytes && stream.valid_bytes <= stream.size &&
         ntfs.streams.size() <= limits::kMaxStreams;
}

}  // namespace

uint32_t NtfsMetadata::reparse_tag() const {
  return reparse_data.size() < sizeof(uint32_t) ? 0
                                                : LoadLe<uint32_t>(AsBytes(reparse_data).data());
}

const NtfsStream* NtfsMetadata::stream(uint32_t number) const {
  const auto found = std::ranges::lower_bound(streams, number, {}, &NtfsStream::number);
  return found == streams.end() || found->number != number ? nullptr : &*found;
}

void AppendNtfs(std::string& out, const NtfsMetadata& ntfs) {
  const size_t begin = BeginItem(out, ItemType::kNtfs);
  WriteCursor to(out);
  to.U32(ntfs.file_attributes);
  to.Zeros(4);
  to.U64(ntfs.creation_time);
  to.U64(ntfs.modification_time);
  to.U64(ntfs.change_time);
  to.U64(ntfs.access_time);
  to.U64(ntfs.file_reference);
  EndItem(out, begin);
  AppendBytes(out, ItemType::kShortName, ntfs.short_name);
  AppendBytes(out, ItemType::kSecurityDescriptor, ntfs.security_descriptor);
  AppendBytes(out, ItemType::kObjectId, ntfs.object_id);
  AppendBytes(out, ItemType::kExtendedAttributes, ntfs.extended_attributes);
  AppendReparse(out, ntfs);
  AppendBytes(out, ItemType::kEfsMetadata, ntfs.efs_metadata);
  for (const NtfsStream& stream : ntfs.streams) AppendStream(out, stream);
  AppendSis(out, ntfs.sis);
}

bool IsNtfsAttribute(const Item& item) {
  return item.type >= static_cast<uint16_t>(ItemType::kNtfs) &&
         item.type <= static_cast<uint16_t>(ItemType::kSis);
}

bool TakeNtfsAttribute(const Item& item, std::shared_ptr<NtfsMetadata>& ntfs, bool& known) {
  known = true;
  ReadCursor in(item.payload);
  const std::string_view text = AsText(item.payload);
  if (item.is(ItemType::kNtfs)) {
    if (!ntfs) ntfs = std::make_shared<NtfsMetadata>();
    return TakeNtfs(in, *ntfs);
  }
  if (!ntfs) return false;
  switch (static_cast<ItemType>(item.type)) {
    case ItemType::kShortName: ntfs->short_name = text; return true;
    case ItemType::kSecurityDescriptor: ntfs->security_descriptor = text; return true;
    case ItemType::kObjectId: ntfs->object_id = text; return true;
    case ItemType::kExtendedAttributes: ntfs->extended_attributes = text; return true;
    case ItemType::kReparseData: ntfs->reparse_data = text; return true;
    case ItemType::kEfsMetadata: ntfs->efs_metadata = text; return true;
    case ItemType::kSis: return TakeSis(in, ntfs->sis);
    default: return TakeStream(in, *ntfs);
  }
}

}  // namespace tapir
