#include "object/object_records.h"

#include <algorithm>
#include <cstring>

#include "object/ntfs_records.h"
#include "object/stream_rules.h"
#include "tapir/base/limits.h"
#include "tapir/object/path_order.h"

namespace tapir {
namespace {

void AppendText(std::string& out, ItemType type, std::string_view text) {
  if (!text.empty()) AppendItem(out, type, AsBytes(text));
}

void AppendXattr(std::string& out, const Xattr& xattr) {
  size_t begin = BeginItem(out, ItemType::kXattr);
  WriteCursor to(out);
  to.U32(static_cast<uint32_t>(xattr.name.size()));
  to.Text(xattr.name);
  to.Text(xattr.value);
  EndItem(out, begin);
}

void AppendHardLink(std::string& out, const Metadata& metadata) {
  size_t begin = BeginItem(out, ItemType::kHardLink);
  WriteCursor to(out);
  to.U64(metadata.primary_ordinal);
  to.Text(metadata.primary_path);
  EndItem(out, begin);
}

void AppendAccessTime(std::string& out, const Timestamp& time) {
  size_t begin = BeginItem(out, ItemType::kAccessTime);
  WriteCursor to(out);
  to.I64(time.seconds);
  to.U32(time.nanoseconds);
  to.Zeros(4);
  EndItem(out, begin);
}

void AppendStreamName(std::string& out, const FurtherStream& stream) {
  size_t begin = BeginItem(out, ItemType::kStream);
  WriteCursor to(out);
  to.U32(stream.number);
  to.Zeros(4);
  to.Text(stream.name);
  EndItem(out, begin);
}

// Required: what does not know it would take the fragment for the file.
void AppendFragment(std::string& out, uint64_t offset_bytes) {
  size_t begin = BeginItem(out, ItemType::kFragment, kItemFlagRequired);
  WriteCursor(out).U64(offset_bytes);
  EndItem(out, begin);
}

void AppendExcludedBy(std::string& out, uint32_t rule) {
  size_t begin = BeginItem(out, ItemType::kExcludedBy);
  WriteCursor to(out);
  to.U32(rule);
  to.Zeros(4);
  EndItem(out, begin);
}

void AppendStreamEnd(std::string& out, const StreamEnd& stream, ItemType type) {
  size_t begin = BeginItem(out, type);
  WriteCursor to(out);
  to.U32(stream.stream_number);
  to.U8(stream.map_digest ? 1 : 0);
  to.Zeros(3);
  to.U64(stream.size);
  to.U64(stream.data_bytes);
  to.Bytes(stream.digests.xxh128);
  if (stream.has_sha256) to.Bytes(stream.digests.sha256);
  EndItem(out, begin);
}

Timestamp TakeTime(ReadCursor& in) {
  Timestamp time;
  time.seconds = in.I64();
  time.nanoseconds = in.U32();
  if (time.nanoseconds >= kNanosecondsPerSecond) in.Fail();
  return time;
}

bool TakeXattr(ReadCursor& in, Metadata& metadata) {
  Xattr xattr;
  xattr.name = in.ReadText(in.U32());
  xattr.value = in.ReadText(in.remaining());
  bool fits = in.ok() && !xattr.name.empty() && xattr.name.find('\0') == std::string::npos;
  if (fits) metadata.xattrs.push_back(std::move(xattr));
  return fits;
}

// False: the attribute is malformed. An unknown one leaves `known` false.
bool TakeAttribute(const Item& item, Metadata& metadata, bool& known) {
  ReadCursor in(item.payload);
  known = true;
  switch (static_cast<ItemType>(item.type)) {
    case ItemType::kPath: metadata.path = AsText(item.payload); return true;
    case ItemType::kLinkTarget:
      metadata.link_target = AsText(item.payload);
      return item.payload.size() <= limits::kMaxPathBytes;
    case ItemType::kOwnerName: metadata.owner_name = AsText(item.payload); return true;
    case ItemType::kGroupName: metadata.group_name = AsText(item.payload); return true;
    case ItemType::kXattr: return TakeXattr(in, metadata);
    case ItemType::kHardLink:
      metadata.primary_ordinal = in.U64();
      metadata.primary_path = in.ReadText(in.remaining());
      return in.ok() && CheckPath(metadata.primary_path).ok();
    case ItemType::kAccessTime:
      metadata.access_time = TakeTime(in);
      metadata.has_access_time = true;
      return in.ok();
    case ItemType::kOtherName: metadata.other_names.emplace_back(AsText(item.payload)); return true;
    case ItemType::kStream: {
      std::vector<FurtherStream>& streams = metadata.further_streams;
      const uint32_t before = streams.empty() ? 0 : streams.back().number;
      FurtherStream stream;
      stream.number = in.U32();
      in.Zeros(4);
      stream.name = in.ReadText(in.remaining());
      streams.push_back(std::move(stream));
      return in.ok() && streams.back().number > before && streams.size() < limits::kMaxStreams;
    }
    case ItemType::kEarlierName:
      metadata.earlier_name = AsText(item.payload);
      return CheckPath(metadata.earlier_name).ok();
    case ItemType::kFragment:
      metadata.fragment_offset = in.U64();
      return in.ok() && *metadata.fragment_offset <= limits::kMaxStreamBytes;
    case ItemType::kExcludedBy:
      metadata.excluded_by = in.U32();
      in.Zeros(4);
      return in.ok() && *metadata.excluded_by < limits::kMaxPolicyRules;
    default: known = false; return true;
  }
}

bool MayRepeat(const Item& item) {
  return item.is(ItemType::kXattr) || item.is(ItemType::kOtherName) || item.is(ItemType::kStream) ||
         item.is(ItemType::kNtfsStream);
}

Status TakeAttributes(ByteSpan bytes, Metadata& metadata) {
  if (bytes.size() > limits::kMaxAttributeBytes) return LimitExceeded("attributes over 8 MiB");
  ItemReader items(bytes);
  std::vector<uint16_t> seen;  // of the few that are known and occur once
  std::shared_ptr<NtfsMetadata> ntfs;
  for (bool first = true;; first = false) {
    TAPIR_ASSIGN_OR_RETURN(std::optional<Item> item, items.Next());
    if (!item) {
      metadata.ntfs = std::move(ntfs);
      return OkStatus();
    }
    bool known = false;
    bool in_place = !first || item->is(ItemType::kPath);
    bool well_formed = IsNtfsAttribute(*item) ? TakeNtfsAttribute(*item, ntfs, known)
                                              : TakeAttribute(*item, metadata, known);
    if (!in_place || !well_formed) {
      return Corrupt("attribute " + std::string(ItemTypeName(item->type)) + " is malformed");
    }
    if (known && !MayRepeat(*item)) {
      if (std::find(seen.begin(), seen.end(), item->type) != seen.end()) {
        return Corrupt("attribute " + std::string(ItemTypeName(item->type)) + " occurs twice");
      }
      seen.push_back(item->type);
    }
    if (!known && item->required()) {
      return Unsupported("attribute " + std::to_string(item->type) + " is not known");
    }
  }
}

bool IsKnownType(uint8_t type) {
  return type >= static_cast<uint8_t>(ObjectType::kRegular) &&
         type <= static_cast<uint8_t>(ObjectType::kBlockDevice);
}

Status CheckMetadata(const Metadata& metadata) {
  TAPIR_RETURN_IF_ERROR(CheckPath(metadata.path));
  if (metadata.type == ObjectType::kSymlink && metadata.link_target.empty()) {
    return Corrupt("a symbolic link without target");
  }
  if (metadata.link_target.find('\0') != std::string::npos) {
    return Corrupt("a symbolic link whose target holds NUL");
  }
  if (metadata.type == ObjectType::kHardLink && metadata.primary_path.empty()) {
    return Corrupt("a hard link without primary");
  }
  return CheckNtfsStreams(metadata);
}

Result<StreamEnd> DecodeStreamEnd(ByteSpan payload) {
  ReadCursor in(payload);
  StreamEnd stream;
  stream.stream_number = in.U32();
  uint8_t form = in.U8();
  in.Zeros(3);
  stream.size = in.U64();
  stream.data_bytes = in.U64();
  ByteSpan xxh = in.ReadBytes(stream.digests.xxh128.size());
  if (!in.ok() || form > 1 || stream.size > limits::kMaxStreamBytes ||
      stream.data_bytes > stream.size) {
    return Corrupt("STREAM_END is malformed");
  }
  stream.map_digest = form == 1;
  std::memcpy(stream.digests.xxh128.data(), xxh.data(), xxh.size());
  if (in.remaining() >= stream.digests.sha256.size()) {
    ByteSpan sha = in.ReadBytes(stream.digests.sha256.size());
    std::memcpy(stream.digests.sha256.data(), sha.data(), sha.size());
    stream.has_sha256 = true;
  }
  return stream;
}

}  // namespace

const StreamEnd* ObjectEnd::contents() const {
  return !streams.empty() && streams.front().stream_number == 0 ? &streams.front() : nullptr;
}

std::string EncodeObjectBegin(uint64_t ordinal, const Metadata& metadata) {
  std::string out;
  out.reserve(160 + metadata.path.size());
  WriteCursor to(out);
  to.U64(ordinal);
  to.U8(static_cast<uint8_t>(metadata.type));
  to.U8(static_cast<uint8_t>(metadata.path_encoding));
  to.Zeros(2);
  to.U32(metadata.mode);
  to.U32(metadata.uid);
  to.U32(metadata.gid);
  to.I64(metadata.mtime.seconds);
  to.U32(metadata.mtime.nanoseconds);
  to.U32(metadata.link_count);
  to.U64(metadata.size);
  to.U32(metadata.device_major);
  to.U32(metadata.device_minor);
  to.Zeros(8);
  AppendText(out, ItemType::kPath, metadata.path);
  AppendText(out, ItemType::kLinkTarget, metadata.link_target);
  AppendText(out, ItemType::kOwnerName, metadata.owner_name);
  AppendText(out, ItemType::kGroupName, metadata.group_name);
  for (const Xattr& xattr : metadata.xattrs) AppendXattr(out, xattr);
  if (metadata.type == ObjectType::kHardLink) AppendHardLink(out, metadata);
  if (metadata.has_access_time) AppendAccessTime(out, metadata.access_time);
  for (const std::string& name : metadata.other_names) AppendText(out, ItemType::kOtherName, name);
  for (const FurtherStream& stream : metadata.further_streams) AppendStreamName(out, stream);
  AppendText(out, ItemType::kEarlierName, metadata.earlier_name);
  if (metadata.fragment_offset) AppendFragment(out, *metadata.fragment_offset);
  if (metadata.excluded_by) AppendExcludedBy(out, *metadata.excluded_by);
  if (metadata.ntfs) AppendNtfs(out, *metadata.ntfs);
  return out;
}

Result<ObjectBegin> DecodeObjectBegin(ByteSpan payload) {
  ReadCursor in(payload);
  ObjectBegin begin;
  Metadata& metadata = begin.metadata;
  begin.ordinal = in.U64();
  uint8_t type = in.U8();
  uint8_t encoding = in.U8();
  in.Zeros(2);
  metadata.mode = in.U32();
  metadata.uid = in.U32();
  metadata.gid = in.U32();
  metadata.mtime = TakeTime(in);
  metadata.link_count = in.U32();
  metadata.size = in.U64();
  metadata.device_major = in.U32();
  metadata.device_minor = in.U32();
  in.Zeros(8);
  if (!in.ok() || encoding > 1 || (metadata.mode & ~07777u) != 0 ||
      begin.ordinal >= limits::kMaxObjects) {
    return Corrupt("OBJECT_BEGIN is malformed");
  }
  if (!IsKnownType(type)) return Unsupported("object type " + std::to_string(type));
  metadata.type = static_cast<ObjectType>(type);
  metadata.path_encoding = static_cast<PathEncoding>(encoding);
  TAPIR_RETURN_IF_ERROR(TakeAttributes(in.ReadRest(), metadata));
  TAPIR_RETURN_IF_ERROR(CheckMetadata(metadata));
  bool hard_link = metadata.type == ObjectType::kHardLink;
  if (hard_link && metadata.primary_ordinal >= begin.ordinal) {
    return Corrupt("a hard link to an object that is not before it");
  }
  return begin;
}

std::string EncodeObjectEnd(const ObjectEnd& end) {
  std::string out;
  WriteCursor to(out);
  to.U64(end.ordinal);
  to.U8(static_cast<uint8_t>(end.status));
  to.Zeros(7);
  for (const StreamEnd& stream : end.streams) AppendStreamEnd(out, stream, ItemType::kStreamEnd);
  if (end.whole) AppendStreamEnd(out, *end.whole, ItemType::kWholeStream);
  return out;
}

Result<ObjectEnd> DecodeObjectEnd(ByteSpan payload) {
  ReadCursor in(payload);
  ObjectEnd end;
  end.ordinal = in.U64();
  uint8_t status = in.U8();
  in.Zeros(7);
  if (!in.ok() || status > static_cast<uint8_t>(ObjectStatus::kContinued)) {
    return Corrupt("OBJECT_END is malformed");
  }
  end.status = static_cast<ObjectStatus>(status);
  ItemReader items(in.ReadRest());
  for (;;) {
    TAPIR_ASSIGN_OR_RETURN(std::optional<Item> item, items.Next());
    if (!item) return end;
    if (item->is(ItemType::kStreamEnd)) {
      TAPIR_ASSIGN_OR_RETURN(StreamEnd stream, DecodeStreamEnd(item->payload));
      bool ascending =
          end.streams.empty() || end.streams.back().stream_number < stream.stream_number;
      if (!ascending || end.streams.size() >= limits::kMaxStreams) {
        return Corrupt("OBJECT_END lists its streams out of order");
      }
      end.streams.push_back(stream);
    } else if (item->is(ItemType::kWholeStream)) {
      TAPIR_ASSIGN_OR_RETURN(end.whole, DecodeStreamEnd(item->payload));
    } else if (item->required()) {
      return Unsupported("attribute " + std::to_string(item->type) + " is not known");
    }
  }
}

std::string EncodeReference(const Reference& reference) {
  std::string out;
  WriteCursor to(out);
  to.U64(reference.ordinal);
  to.U32(reference.stream_number);
  to.U32(reference.target_stream);
  to.U64(reference.target_ordinal);
  to.U64(reference.length);
  return out;
}

Result<Reference> DecodeReference(ByteSpan payload) {
  ReadCursor in(payload);
  Reference reference;
  reference.ordinal = in.U64();
  reference.stream_number = in.U32();
  reference.target_stream = in.U32();
  reference.target_ordinal = in.U64();
  reference.length = in.U64();
  if (!in.ok() || reference.target_ordinal >= reference.ordinal || reference.length == 0 ||
      reference.length > limits::kMaxStreamBytes) {
    return Corrupt("REFERENCE is malformed");
  }
  return reference;
}

void AppendDataHead(std::string& out, const DataHead& head) {
  WriteCursor to(out);
  to.U64(head.ordinal);
  to.U32(head.stream_number);
  to.Zeros(4);
  to.U64(head.offset_bytes);
}

Result<DataHead> DecodeDataHead(ByteSpan payload) {
  ReadCursor in(payload);
  DataHead head;
  head.ordinal = in.U64();
  head.stream_number = in.U32();
  in.Zeros(4);
  head.offset_bytes = in.U64();
  bool fits = in.ok() && head.offset_bytes <= limits::kMaxStreamBytes - in.remaining();
  if (!fits) return Corrupt("DATA is malformed");
  return head;
}

std::string EncodeWholeHead(size_t begin_bytes, size_t end_bytes) {
  std::string out;
  WriteCursor to(out);
  to.U32(static_cast<uint32_t>(begin_bytes));
  to.U32(static_cast<uint32_t>(end_bytes));
  return out;
}

Result<WholeRecord> DecodeWhole(ByteSpan payload) {
  ReadCursor in(payload);
  uint32_t begin_bytes = in.U32();
  uint32_t end_bytes = in.U32();
  WholeRecord whole;
  whole.begin = in.ReadBytes(begin_bytes);
  whole.end = in.ReadBytes(end_bytes);
  if (!in.ok() || begin_bytes % 8 != 0 || end_bytes % 8 != 0) return Corrupt("WHOLE is malformed");
  return whole;
}

uint64_t RecordDigest(ByteSpan begin, ByteSpan end) {
  std::string joined;
  joined.reserve(begin.size() + end.size());
  WriteCursor to(joined);
  to.Bytes(begin);
  to.Bytes(end);
  return Checksum64(AsBytes(joined));
}

Entry MakeEntry(const ObjectBegin& begin, const ObjectEnd& end, const Reference* reference) {
  const Metadata& metadata = begin.metadata;
  Entry entry;
  entry.ordinal = begin.ordinal;
  entry.path = metadata.path;
  entry.path_encoding = metadata.path_encoding;
  entry.type = metadata.type;
  entry.status = end.status;
  entry.mode = metadata.mode;
  entry.uid = metadata.uid;
  entry.gid = metadata.gid;
  entry.mtime = metadata.mtime;
  if (metadata.type == ObjectType::kSymlink) entry.link_target = metadata.link_target;
  if (metadata.ntfs) {
    entry.file_attributes = metadata.ntfs->file_attributes;
    const bool reparse = (entry.file_attributes & kWindowsReparsePoint) != 0;
    entry.sis = metadata.ntfs->sis;
    entry.reparse_tag = reparse ? metadata.ntfs->reparse_tag() : 0;
  }
  entry.has_further_streams = !metadata.further_streams.empty();
  if (metadata.type == ObjectType::kHardLink) entry.link_ordinal = metadata.primary_ordinal;
  entry.fragment = metadata.fragment_offset || end.status == ObjectStatus::kContinued;
  entry.fragment_offset = metadata.fragment_offset.value_or(0);
  if (const StreamEnd* contents = end.whole ? &*end.whole : end.contents()) {
    entry.size = contents->size;
    entry.map_digest = contents->map_digest;
    entry.xxh128 = contents->digests.xxh128;
    entry.sha256 = contents->digests.sha256;
  }
  if (reference != nullptr) {
    entry.link_ordinal = reference->target_ordinal;
    entry.reference_bytes = reference->length;
    entry.whole_reference = reference->length == entry.size;
  }
  return entry;
}

Entry MakeMarkerEntry(const ObjectBegin& begin, ItemType type) {
  Entry entry = MakeEntry(begin, {}, nullptr);
  entry.type = type == ItemType::kTombstone ? ObjectType::kTombstone : ObjectType::kExcluded;
  entry.link_target.clear();
  if (type == ItemType::kTombstone) return entry;
  entry.excluded_by = begin.metadata.excluded_by;
  entry.size = begin.metadata.size;
  return entry;
}

void SetPlace(Entry& entry, const Locator& chunk, uint32_t record_offset) {
  entry.block_object = chunk.block.object;
  entry.block_unit = chunk.block.unit;
  entry.chunk_offset = chunk.offset_bytes;
  entry.record_offset = record_offset;
}

}  // namespace tapir
