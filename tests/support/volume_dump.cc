#include "tests/support/volume_dump.h"

#include <algorithm>

#include "object/content_digester.h"
#include "object/index_page.h"
#include "tapir/object/path_order.h"

namespace tapir::test {
namespace {

class Dumper {
 public:
  VolumeDump Run(BlockDevice& device) {
    if (device.traits().can_locate) Note(device.Locate({}));
    ChunkReader chunks(device, {});
    for (;;) {
      Result<ChunkEvent> event = chunks.Next();
      Note(event.status());
      if (!event.ok() || event->kind == ChunkEvent::Kind::kEnd) break;
      if (event->kind == ChunkEvent::Kind::kDamage) dump_.damage.push_back(event->damage);
      if (event->kind == ChunkEvent::Kind::kChunk) TakeChunk(event->chunk);
    }
    return std::move(dump_);
  }

 private:
  void Note(const Status& status) {
    if (!status.ok()) dump_.faults.push_back(status.ToString());
  }

  template <typename T>
  std::optional<T> Take(Result<T> result) {
    Note(result.status());
    if (!result.ok()) return std::nullopt;
    return *std::move(result);
  }

  DumpedSession& SessionOf(const Chunk& chunk) {
    if (dump_.sessions.empty() || dump_.sessions.back().id != chunk.session_id) {
      dump_.sessions.emplace_back().id = chunk.session_id;
    }
    return dump_.sessions.back();
  }

  void TakeChunk(const Chunk& chunk) {
    if (chunk.missing_before > 0) {
      dump_.faults.push_back("chunks missing before " + std::to_string(chunk.header.sequence));
    }
    std::optional<RawChunk> raw = Take(ExpandChunk(chunk, decompressor_));
    if (!raw) return;
    if (chunk.header.is(ChunkKind::kLabel)) {
      dump_.label = Take(DecodeLabel(raw->bytes));
      return;
    }
    DumpedSession& session = SessionOf(chunk);
    ++session.chunks;
    session.aligned_chunks += chunk.header.aligned() ? 1u : 0u;
    session.zstd_chunks += chunk.header.codec == 1 ? 1u : 0u;
    switch (static_cast<ChunkKind>(chunk.header.kind)) {
      case ChunkKind::kStart: session.start = Take(DecodeStart(raw->bytes)); break;
      case ChunkKind::kEnd:
        if (auto end = Take(DecodeEnd(raw->bytes))) session.ends.push_back(*end);
        break;
      case ChunkKind::kLeaf:
        if (auto page = Take(DecodeLeaf(raw->bytes))) {
          session.entries.insert(session.entries.end(), page->begin(), page->end());
        }
        break;
      case ChunkKind::kInner:
      case ChunkKind::kInnerCopy: Take(DecodeInner(raw->bytes)); break;
      case ChunkKind::kLeafCopy: Take(DecodeLeaf(raw->bytes)); break;
      case ChunkKind::kData: TakeData(session, *raw); break;
      case ChunkKind::kRecords:
      case ChunkKind::kPolicy: TakeRecords(session, *raw); break;
      case ChunkKind::kLabel: break;
    }
  }

  void TakeData(DumpedSession& session, const RawChunk& raw) {
    if (session.objects.empty() ||
        session.objects.back().begin.ordinal != raw.header.first_object) {
      dump_.faults.push_back("data of an object that was not begun");
      return;
    }
    session.objects.back().data.emplace_back(raw.header.stream_offset, AsText(raw.bytes));
  }

  void TakeRecords(DumpedSession& session, const RawChunk& raw) {
    ItemReader items(raw.bytes);
    contents_ = {};
    for (;;) {
      auto offset = static_cast<uint32_t>(items.position());
      Result<std::optional<Item>> item = items.Next();
      Note(item.status());
      if (!item.ok() || !*item) break;
      if ((*item)->is(ItemType::kContents) && offset == 0) {
        contents_ = (*item)->payload;
      } else {
        TakeRecord(session, raw, **item, offset);
      }
    }
    if (!contents_.empty()) dump_.faults.push_back("contents that belong to no object");
  }

  void Begin(DumpedSession& session, const RawChunk& raw, ByteSpan payload, uint32_t offset) {
    auto begin = Take(DecodeObjectBegin(payload));
    if (!begin) return;
    DumpedObject& object = session.objects.emplace_back();
    object.begin = *std::move(begin);
    object.chunk = raw.locator;
    object.record_offset = offset;
    begin_payload_ = AsText(payload);
  }

  void End(DumpedSession& session, ByteSpan payload) {
    auto end = Take(DecodeObjectEnd(payload));
    if (!end || session.objects.empty()) return;
    session.objects.back().end = *std::move(end);
    session.objects.back().record_digest = RecordDigest(AsBytes(begin_payload_), payload);
  }

  void TakeContents(DumpedObject& object) {
    const StreamEnd* stream = object.end ? object.end->contents() : nullptr;
    if (stream == nullptr || stream->size == 0) return;
    if (stream->size > contents_.size()) {
      dump_.faults.push_back("fewer contents than the object has");
      return;
    }
    object.data.emplace_back(0, AsText(contents_.first(stream->size)));
    contents_ = contents_.subspan(stream->size);
  }

  void TakeRecord(DumpedSession& session, const RawChunk& raw, const Item& item, uint32_t offset) {
    DumpedObject* open = session.objects.empty() ? nullptr : &session.objects.back();
    if (item.is(ItemType::kWhole)) {
      auto whole = Take(DecodeWhole(item.payload));
      if (!whole) return;
      Begin(session, raw, whole->begin, offset);
      End(session, whole->end);
      TakeContents(session.objects.back());
    } else if (item.is(ItemType::kObjectBegin)) {
      Begin(session, raw, item.payload, offset);
    } else if (item.is(ItemType::kObjectEnd)) {
      End(session, item.payload);
    } else if (item.is(ItemType::kReference) && open) {
      open->reference = Take(DecodeReference(item.payload));
    } else if (item.is(ItemType::kData) && open) {
      if (auto head = Take(DecodeDataHead(item.payload))) {
        open->data.emplace_back(head->offset_bytes, AsText(item.payload.subspan(kDataHeadBytes)));
      }
    } else {
      OpaqueRecord record{item.type, std::string(AsText(item.payload.subspan(8)))};
      bool of_session = raw.header.is(ChunkKind::kPolicy) || open == nullptr;
      (of_session ? session.policy : open->opaque).push_back(std::move(record));
    }
  }

  VolumeDump dump_;
  Decompressor decompressor_;
  std::string begin_payload_;
  ByteSpan contents_;  ///< of the WHOLE records to come in this chunk
};

using Pieces = std::vector<std::pair<uint64_t, std::string>>;

Pieces PiecesOf(const DumpedSession& session, const DumpedObject& object) {
  Pieces pieces;
  if (object.reference) {
    for (auto& [offset, bytes] :
         PiecesOf(session, session.objects.at(object.reference->target_ordinal))) {
      if (offset >= object.reference->length) break;
      bytes.resize(std::min<uint64_t>(bytes.size(), object.reference->length - offset));
      pieces.emplace_back(offset, bytes);
    }
  }
  pieces.insert(pieces.end(), object.data.begin(), object.data.end());
  return pieces;
}

std::string FaultOfContents(const DumpedSession& session, const DumpedObject& object) {
  const StreamEnd* stream = object.end->contents();
  bool regular = object.begin.metadata.type == ObjectType::kRegular;
  if (!regular) return stream == nullptr ? "" : "a stream that should not be";
  if (stream == nullptr) return "no stream 0";
  ContentDigester digester(stream->has_sha256);
  for (const auto& [offset, bytes] : PiecesOf(session, object)) {
    if (offset < digester.end_bytes()) return "data overlaps";
    digester.Data(offset, AsBytes(bytes));
  }
  if (digester.end_bytes() > stream->size) return "more data than the stream has";
  ContentDigester::Outcome outcome = digester.Finish(stream->size);
  if (outcome.digests != stream->digests) return "digest differs";
  if (outcome.map_form != stream->map_digest) return "digest form differs";
  if (outcome.data_bytes != stream->data_bytes) return "data_bytes differs";
  return "";
}

Entry ExpectedEntry(const DumpedObject& object) {
  Entry entry =
      MakeEntry(object.begin, *object.end, object.reference ? &*object.reference : nullptr);
  entry.block_object = object.chunk.block.object;
  entry.block_unit = object.chunk.block.unit;
  entry.chunk_offset = object.chunk.offset_bytes;
  entry.record_offset = object.record_offset;
  entry.record_digest = object.record_digest;
  return entry;
}

std::string FaultOfEnds(const DumpedSession& session) {
  if (session.ends.size() != 2) return std::to_string(session.ends.size()) + " copies of END";
  const EndRecord& end = session.ends.front();
  uint64_t flawed = 0;
  uint64_t content_bytes = 0;
  for (const DumpedObject& object : session.objects) {
    if (!object.end) continue;
    ObjectStatus status = object.end->status;
    flawed += status != ObjectStatus::kOk && status != ObjectStatus::kContinued ? 1u : 0u;
    if (object.end && object.end->contents()) content_bytes += object.end->contents()->size;
  }
  if (EncodeEnd(end) != EncodeEnd(session.ends.back())) return "END copies differ";
  if (end.object_count != session.objects.size()) return "object_count differs";
  if (end.content_bytes != content_bytes) return "content_bytes differs";
  if (end.flawed_count != flawed) return "flawed_count differs";
  // START to the last index page are numbered from 0; both ENDs have the next number.
  if (end.chunk_count + 2 != session.chunks) return "chunk_count differs";
  return "";
}

}  // namespace

const DumpedObject* DumpedSession::Find(const std::string& path) const {
  for (const DumpedObject& object : objects) {
    if (object.begin.metadata.path == path) return &object;
  }
  return nullptr;
}

VolumeDump DumpVolume(BlockDevice& device) { return Dumper().Run(device); }

std::string ContentsOf(const DumpedSession& session, const DumpedObject& object) {
  std::string contents;
  if (const StreamEnd* stream = object.end ? object.end->contents() : nullptr) {
    contents.resize(stream->size, '\0');
  }
  for (const auto& [offset, bytes] : PiecesOf(session, object)) {
    contents.replace(offset, bytes.size(), bytes);
  }
  return contents;
}

std::vector<std::string> FaultsOf(const DumpedSession& session) {
  std::vector<std::string> faults;
  auto fault = [&](const std::string& where, const std::string& what) {
    if (!what.empty()) faults.push_back(where + ": " + what);
  };
  if (!session.start) fault("session", "no START");
  fault("session", FaultOfEnds(session));
  if (session.entries.size() != session.objects.size()) fault("index", "has other objects");
  for (size_t i = 0; i < session.objects.size(); ++i) {
    const DumpedObject& object = session.objects[i];
    const std::string& path = object.begin.metadata.path;
    if (object.begin.ordinal != i) fault(path, "ordinal out of order");
    if (i > 0 && ComparePaths(session.objects[i - 1].begin.metadata.path, path) >= 0) {
      fault(path, "path out of order");
    }
    if (!object.end || object.end->ordinal != i) {
      fault(path, "not ended");
      continue;
    }
    fault(path, FaultOfContents(session, object));
    bool listed = i < session.entries.size() && session.entries[i] == ExpectedEntry(object);
    if (!listed) fault(path, "index entry differs");
  }
  return faults;
}

}  // namespace tapir::test
